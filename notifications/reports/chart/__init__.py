"""notifications/reports/chart: see docs/architecture.md."""
