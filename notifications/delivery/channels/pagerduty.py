"""Alerts to PagerDuty by its Events API v2: one alert there for one of ours, repeated, acknowledged and ended with it.

Apprise knows PagerDuty, but not the name under which PagerDuty keeps an alert (``dedup_key``): each repetition would be
an incident of its own, and none would ever end. The routing key stands in no error and no log.
Source: developer.pagerduty.com, "Events API v2 Overview" and "Send an Event".
"""

from __future__ import annotations

import http.client
import json
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from notifications.delivery.channel import Accepted, PageMessage, PermanentFailure, TemporaryFailure, Urgency
from notifications.redaction import Secret

_log = logging.getLogger(__name__)

WORLD: Final = "events.pagerduty.com"
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_ROUTING_KEY: Final = re.compile(r"[A-Za-z0-9]{32}")
_PATH: Final = "/v2/enqueue"
# PagerDuty's own limits, in characters.
_MOST_SUMMARY: Final = 1024
_MOST_NAME: Final = 255
_TIMEOUT: Final = 20.0
_SEVERITY: Final[Mapping[Urgency, str]] = MappingProxyType({"low": "info", "normal": "warning", "high": "critical"})


class PagerDutySender:
    """A Pager over one PagerDuty integration, ``pagerduty://ROUTING_KEY`` or ``pagerduty://ROUTING_KEY@HOST``.

    A repetition is harmless: the same name updates the same alert. So what got no answer is tried again.
    """

    keeps_open = True
    """PagerDuty keeps an alert open until it is told of its end."""

    def __init__(self, name: str, url: str | Secret) -> None:
        """Keep the channel's name and hide its key; nothing is checked before the first page."""
        self.name = name
        self._url = url if isinstance(url, Secret) else Secret(url)

    def __repr__(self) -> str:
        """Name the channel; the key stays hidden."""
        return f"PagerDutySender({self.name!r})"

    def page(self, page: PageMessage) -> Accepted:
        """Send one event; raise PermanentFailure (configuration) for a refusal, TemporaryFailure where to try again."""
        key, host, port = self._address()
        status = self._post(host, port, self._event(key, page))
        if status == HTTPStatus.ACCEPTED:
            _log.info("The channel %s took the page %s", self.name, page.key)
            return Accepted(provider_id=f"{self.name}:{page.thread or page.key}")
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            message = f"the channel {self.name}: PagerDuty is busy (HTTP {status}); it is tried again"
            raise TemporaryFailure(message)
        # Never the page's fault: it has one shape. What is refused is the key, or the host is not PagerDuty.
        message = f"the channel {self.name}: PagerDuty refused the event (HTTP {status}); correct channels.{self.name}"
        raise PermanentFailure(message, whose="configuration")

    def check(self) -> str:
        """Say in words that the address has the right shape, without sending; raise PermanentFailure if it has not."""
        _, host, _ = self._address()
        return f"the channel {self.name} pages through PagerDuty at {host}"

    def _event(self, key: str, page: PageMessage) -> dict[str, Any]:
        event: dict[str, Any] = {
            "routing_key": key,
            "event_action": page.action,
            "dedup_key": (page.thread or page.key)[:_MOST_NAME],
        }
        if page.action == "trigger":
            event["payload"] = {
                "summary": page.title[:_MOST_SUMMARY],
                "source": "tocsin",
                "severity": _SEVERITY[page.urgency],
                "custom_details": {"text": page.body},
            }
        return event

    def _post(self, host: str, port: int | None, event: Mapping[str, Any]) -> int:
        # In clear to this machine alone, where tests and relays listen.
        connect = http.client.HTTPConnection if host in _LOOPBACK else http.client.HTTPSConnection
        connection = connect(host, port, timeout=_TIMEOUT)
        try:
            connection.request("POST", _PATH, json.dumps(event).encode(), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as fault:
            message = f"the channel {self.name}: PagerDuty gave no answer ({type(fault).__name__}); it is tried again"
            raise TemporaryFailure(message) from None
        finally:
            connection.close()
        return answer.status

    def _address(self) -> tuple[str, str, int | None]:
        """Take the address apart: the routing key, and the host where it is not PagerDuty's first."""
        try:
            parts = urlsplit(self._url.reveal())
            # `hostname` is lower case; a routing key alone is in its place, and its case counts.
            user, _, rest = parts.netloc.rpartition("@")
            key, host = (user, parts.hostname or "") if user else (rest, WORLD)
            port = parts.port if user else None
        except ValueError:
            key, host, port = "", "", None
        if not _ROUTING_KEY.fullmatch(key) or not host or (host not in _LOOPBACK and "." not in host):
            message = (
                f"the address of the channel {self.name} is not usable: it is pagerduty://ROUTING_KEY, 32 letters and "
                f"digits (in Europe pagerduty://ROUTING_KEY@events.eu.pagerduty.com); correct channels.{self.name}"
            )
            raise PermanentFailure(message, whose="configuration")
        return key, host, port
