"""The append-only, hash-chained log of every change, and the checks that find a break in it.

It judges no entry and holds nothing personal: only hashes, codes and references.
"""
