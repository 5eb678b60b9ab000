"""incidents/obligations: see docs/architecture.md."""
