"""incidents/deadlines: see docs/architecture.md."""
