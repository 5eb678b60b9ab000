"""What happens, as plain functions: responding to a case, drafts, letters, reports, packs, the heartbeat.

Neither Prefect nor APScheduler is known here; runtime wakes these functions up.
"""
