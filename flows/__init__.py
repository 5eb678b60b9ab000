"""What happens, and when: the doors, the Prefect flows, the heartbeat, and the wiring that puts things together."""
