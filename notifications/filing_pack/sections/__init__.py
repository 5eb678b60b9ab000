"""notifications/filing_pack/sections: see docs/architecture.md."""
