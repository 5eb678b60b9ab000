"""How one language writes codes, numbers, times, countries and lists.

It does not know what is being said.
"""
