"""Files kept as proof, each stored under its own SHA-256 and checked again later.

What a file proves is not its concern.
"""
