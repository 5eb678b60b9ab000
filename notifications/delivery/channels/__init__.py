"""The ways out, one module each: a folder, Apprise, PagerDuty, SendGrid.

A channel sends and nothing else; it knows no database and no case.
"""
