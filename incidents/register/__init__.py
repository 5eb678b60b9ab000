"""The documentation of every breach that Art. 33(5) GDPR asks for: one row for each case, sealed by a hash.

It knows columns and no file format; notifications/reports writes it as CSV and JSON.
"""
