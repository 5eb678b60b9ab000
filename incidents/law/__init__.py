"""incidents/law: see docs/architecture.md."""
