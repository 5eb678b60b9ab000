"""Who may act: people, their roles, and the tokens that prove who is asking.

What each role may do is in the lifecycle table of the case, not here.
"""
