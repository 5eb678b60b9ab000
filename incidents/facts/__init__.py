"""incidents/facts: see docs/architecture.md."""
