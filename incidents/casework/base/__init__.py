"""incidents/casework/base: see docs/architecture.md."""
