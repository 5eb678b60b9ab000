"""incidents/casework/filing: see docs/architecture.md."""
