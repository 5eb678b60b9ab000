"""notifications/reports/texts: see docs/architecture.md."""
