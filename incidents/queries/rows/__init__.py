"""Rows of one kind read for several cases at once and grouped by case, so that many cases cost no more than one.

They know tables and the lines of a case file; which of them a view needs, the view decides.
"""
