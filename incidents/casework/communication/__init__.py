"""Who must be told by us: lists, drafts, approval, the order to send, and what the sent letters fulfil.

It composes no text and opens no connection; notifications does both.
"""
