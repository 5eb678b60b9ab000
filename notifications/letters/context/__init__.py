"""A case turned into plain data in words, as templates need it.

No template and no recipient is known here.
"""
