"""notifications/delivery: see docs/architecture.md."""
