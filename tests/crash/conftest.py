"""Houses on each kind of database, and the SendGrid that judges; both as other folders of tests have them."""

from __future__ import annotations
