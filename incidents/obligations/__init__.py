"""What is owed in a case, to whom and under which law: facts and a finding of risk held against the laws in force.

Nothing is stored here, and how a case came to its facts is not asked.
"""
