"""notifications/reports/sections: see docs/architecture.md."""
