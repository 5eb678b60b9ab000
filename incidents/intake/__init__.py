"""incidents/intake: see docs/architecture.md."""
