"""Holds a correction of our own to the directory of authorities, as a person writes it."""

FRANCE = """\
authorities:
  - id: FR
    name: CNIL of our own
    channel: online_portal
    portal: https://cnil.example.org/form
    languages: [fr]
    source: a call of 3 November 2026
    certainty: high
    confirmed: true
"""
