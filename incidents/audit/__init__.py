"""incidents/audit: see docs/architecture.md."""
