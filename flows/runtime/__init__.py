"""What wakes the workflows up: APScheduler, Prefect flows and Prefect's server.

It decides nothing about a case: what is due is read from rows.
"""
