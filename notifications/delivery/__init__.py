"""Messages on their way out: leased, attempt recorded, sent, answer recorded.

It does not know what a message says or why it is owed.
"""
