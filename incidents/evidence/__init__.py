"""incidents/evidence: see docs/architecture.md."""
