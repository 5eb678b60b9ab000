"""flows/exercises/scenarios: see docs/architecture.md."""
