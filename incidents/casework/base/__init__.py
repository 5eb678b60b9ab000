"""What all use cases share: their context, the unit of work, finding a case, checking a stated time.

It knows no single use case.
"""
