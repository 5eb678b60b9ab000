"""Work on an installation rather than on a case: for now, saying what is not in order and how to mend it.

It changes nothing by itself.
"""
