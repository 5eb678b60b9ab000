"""What can be known of a breach, in words that a person can state, with "unknown" as an honest answer.

It draws no conclusion: what facts mean for a risk or a duty is for assessment and obligations.
"""
