"""flows/runtime: see docs/architecture.md."""
