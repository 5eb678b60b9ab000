"""The ways out, one module each: a folder, Apprise, SendGrid.

A channel sends and nothing else; it knows no database and no case.
"""
