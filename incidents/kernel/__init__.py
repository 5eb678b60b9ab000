"""What everything else stands on: the clock, errors with a kind, reading YAML, strict values.

It knows no breach, no law and no database.
"""
