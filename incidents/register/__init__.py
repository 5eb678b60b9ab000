"""incidents/register: see docs/architecture.md."""
