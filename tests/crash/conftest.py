"""An app on each kind of database, and the SendGrid that judges; both as other folders of tests have them."""

from __future__ import annotations

from tests.flows.conftest import app, clock, small_app
from tests.notifications.conftest import _sendgrid_process, sendgrid_standin

__all__ = ["_sendgrid_process", "app", "clock", "sendgrid_standin", "small_app"]
