"""notifications/filing_pack/editions: see docs/architecture.md."""
