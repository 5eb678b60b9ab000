"""What is owed in a case, kept as rows: created, reminded of, moved, fulfilled, waived.

When something is due it asks the law; who is called on the telephone is not known here.
"""
