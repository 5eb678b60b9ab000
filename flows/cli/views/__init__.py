"""flows/cli/views: see docs/architecture.md."""
