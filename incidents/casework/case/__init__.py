"""incidents/casework/case: see docs/architecture.md."""
