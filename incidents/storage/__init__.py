"""The database: rows, sessions, encryption of addresses, and migrations.

It knows no rule of law and no use case; who changes a row, and when, is decided above it.
"""
