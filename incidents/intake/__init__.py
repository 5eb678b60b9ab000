"""Alerts of other systems, read as possible breaches with nothing personal left in them.

It opens no case itself: that is a use case.
"""
