"""incidents/casework/deadlines: see docs/architecture.md."""
