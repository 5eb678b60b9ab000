"""incidents/kernel: see docs/architecture.md."""
