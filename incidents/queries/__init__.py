"""incidents/queries: see docs/architecture.md."""
