"""The use cases: what a person or the clock can do to a case, each in one transaction and in the audit log.

They do not know who called them, whether a command, a flow or a test, and they send nothing themselves.
"""
