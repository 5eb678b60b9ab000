"""Rows of one kind read for several cases at once, so that many cases cost no more statements than one.

They know tables and the lines of a case; which of them a view needs, the view decides.
"""
