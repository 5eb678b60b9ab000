"""incidents/case: see docs/architecture.md."""
