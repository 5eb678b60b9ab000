"""flows/reference: see docs/architecture.md."""
