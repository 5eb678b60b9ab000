"""The answers of a filing pack, a module for each part of the form.

How a pack is written to a file is not known here.
"""
