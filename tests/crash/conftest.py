"""Houses on each kind of database, and the SendGrid that judges; both as other folders of tests have them."""

from __future__ import annotations

from tests.flows.conftest import clock, house, small_house
from tests.notifications.conftest import _sendgrid_process, sendgrid_standin

__all__ = ["_sendgrid_process", "clock", "house", "sendgrid_standin", "small_house"]
