"""notifications/delivery/channels: see docs/architecture.md."""
