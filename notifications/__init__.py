"""What we say and how it leaves: letters, reports, filing packs, and delivery with proof of each attempt.

It decides nothing about a case: to whom something is owed and who approved it is decided in incidents.
"""
