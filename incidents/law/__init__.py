"""What laws say, as dated data with citations: their duties, periods, thresholds and reminders, read from law files.

It knows no case, and no particular law stands in its code.
"""
