"""Sentences with a code, put into the words of the report's language.

It makes no sentence of its own.
"""
