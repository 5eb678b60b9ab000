"""incidents/casework/communication: see docs/architecture.md."""
