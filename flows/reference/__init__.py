"""Reference data that does not belong to any case: law files, authorities, holidays, time zones, requirements.

It knows no case and draws no conclusion.
"""
