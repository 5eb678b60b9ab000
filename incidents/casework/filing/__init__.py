"""What we file with authorities, recorded as a person states it, and what follows from it.

Nothing is sent to an authority from here: people file by the authority's own way.
"""
