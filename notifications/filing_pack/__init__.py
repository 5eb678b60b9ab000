"""The filing pack: what an authority's form asks, answered from the record. Start reading in pack.py."""
