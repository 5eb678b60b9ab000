"""What happens and when: commands, service, heartbeat, Prefect flows, and the bootstrap that puts everything together.

No legal rule is made here; that is for incidents.
"""
