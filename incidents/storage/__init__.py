"""incidents/storage: see docs/architecture.md."""
