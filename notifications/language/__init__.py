"""notifications/language: see docs/architecture.md."""
