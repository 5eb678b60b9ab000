"""incidents/assessment: see docs/architecture.md."""
