"""notifications/letters/context: see docs/architecture.md."""
