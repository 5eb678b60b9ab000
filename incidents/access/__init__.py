"""incidents/access: see docs/architecture.md."""
