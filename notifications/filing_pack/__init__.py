"""What an authority's form asks, answered from the record. Start reading in `pack.py`.

A pack files nothing, and what the record does not answer stays visibly open.
"""
