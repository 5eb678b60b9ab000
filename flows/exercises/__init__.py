"""Exercises: scenarios played through the real use cases, flows and heartbeat, and the checks that judge them."""
