"""Drills: a scenario played through the real use cases, flow and heartbeat, and the checks that judge it.

Nothing in the product is different during a drill but the clock and the home folder.
"""
