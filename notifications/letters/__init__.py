"""notifications/letters: see docs/architecture.md."""
