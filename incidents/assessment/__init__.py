"""From facts to a severity score and a proposed risk, each step with its reason and source.

It decides nothing: a person does, and what is then owed is for obligations.
"""
