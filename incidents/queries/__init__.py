"""Reading the record for those who show it, from rows to frozen values.

A query changes nothing, and does not know how its answer is shown.
"""
