"""The use cases: what a person or the clock can do to a case, each in one transaction, each in the audit log."""
