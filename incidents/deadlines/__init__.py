"""When something is due, and where it stands at a moment: computation, and the deadline state machine.

It stores nothing, reads no clock, and does not know who is reminded.
"""
