"""Composing every message from templates and plain data, and checking it for what the law requires.

Recipients, approval and sending are not known here.
"""
