"""flows/operations: see docs/architecture.md."""
