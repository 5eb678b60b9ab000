"""incidents/texts: see docs/architecture.md."""
