"""What the service answers over HTTP: for now whether it is alive and ready.

Nothing about any case is answered yet; pages and an API come with sign-in.
"""
