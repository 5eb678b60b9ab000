"""flows/workflows: see docs/architecture.md."""
