"""The scenarios that can be played, a module each.

A scenario says who does what and when; it does not judge the result.
"""
