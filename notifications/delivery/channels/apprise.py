"""Alerts to our own people: through Apprise to chat, pager and SMS, or into a folder where nothing else is set up.

A channel's URL holds secrets, so errors and logs show the channel's name only.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from notifications.delivery.channel import Accepted, PageMessage, PermanentFailure, TemporaryFailure, Urgency
from notifications.delivery.channels.files import file_name, write_whole
from notifications.redaction import Secret

if TYPE_CHECKING:
    from apprise import Apprise, NotifyType

_log = logging.getLogger(__name__)
# Apprise knows no urgency; its type of a message is what services that have one make it from.
_TYPES: Final[Mapping[Urgency, str]] = MappingProxyType({"low": "info", "normal": "warning", "high": "failure"})


class AppriseSender:
    """A Pager over one Apprise URL.

    Apprise answers yes or no. A no is a TemporaryFailure even where the page may have arrived: for an alarm a
    second ring is harmless and a missing one is not.
    """

    def __init__(self, name: str, url: str | Secret) -> None:
        """Keep the channel's name and hide its URL; nothing is checked or imported until the first page."""
        self.name = name
        self._url = url if isinstance(url, Secret) else Secret(url)

    def __repr__(self) -> str:
        """Name the channel; the URL stays hidden."""
        return f"AppriseSender({self.name!r})"

    def page(self, page: PageMessage) -> Accepted:
        """Send one alert; raise PermanentFailure (configuration) for a useless URL, TemporaryFailure for a no."""
        kind = _type_of(page.urgency)
        channel = self._channel()
        if not _is_accepted(channel, page, kind):
            message = f"the channel {self.name} did not take the page; try it with `tocsin channel test {self.name}`"
            raise TemporaryFailure(message)
        _log.info("The channel %s took the page %s", self.name, page.key)
        return Accepted(provider_id=f"{self.name}:{page.key}")

    def check(self) -> str:
        """Say in words that Apprise understands the URL, without sending; raise PermanentFailure if it does not."""
        self._channel()
        return f"the channel {self.name} has a usable address; `tocsin channel test {self.name}` sends a test page"

    def _channel(self) -> "Apprise":
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - importing Apprise takes half a second

        _silence()
        # async_mode off: Apprise then sends within this call and starts no threads of its own.
        asset = AppriseAsset(app_id="Tocsin", app_desc="Tocsin", async_mode=False)
        channel = Apprise(asset=asset)
        try:
            understood = channel.add(self._url.reveal())
        except Exception as fault:  # noqa: BLE001 - a hundred plugins parse URLs, each in its own way of failing
            why = type(fault).__name__
            # `from None`: the plugin's own words, and the traceback with them, may hold the URL and its secret.
            raise self._useless(why) from None
        # One URL may hold several separated by commas: a yes would then not say which of them took the page.
        if not understood or len(channel) != 1:
            why = "it takes one URL of a service Apprise knows"
            raise self._useless(why)
        return channel

    def _useless(self, why: str) -> PermanentFailure:
        message = f"the address of the channel {self.name} is not usable ({why}); correct channels.{self.name}"
        return PermanentFailure(message, whose="configuration")


class FilePager:
    """A Pager that writes each page to ``<folder>/pages/<key>.txt``: the embedded default, and the last resort."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder, made on the first page."""
        self.name = "files"
        self._folder = folder / "pages"

    def page(self, page: PageMessage) -> Accepted:
        """Write one alert; the same alert again writes the same file over it."""
        name = f"{file_name(page.key)}.txt"
        text = f"{page.title}\n\n{page.body}\n\nUrgency: {page.urgency}\nId: {page.key}\n"
        write_whole(self._folder, [(name, text.encode())])
        return Accepted(provider_id=f"pages/{name}")


def _type_of(urgency: Urgency) -> "NotifyType":
    """Translate: services that know severity make critical of Apprise's "failure"."""
    from apprise import NotifyType  # noqa: PLC0415 - importing Apprise takes half a second

    return NotifyType(_TYPES[urgency])


def _is_accepted(channel: "Apprise", page: PageMessage, kind: "NotifyType") -> bool:
    """Ask Apprise to deliver; whatever a plugin raises is a no, and its words may hold the URL."""
    try:
        return bool(channel.notify(title=page.title, body=page.body, notify_type=kind, body_format="text"))
    except Exception as fault:  # noqa: BLE001 - as above; the name of the fault is all that is safe to say
        _log.warning("A channel failed with %s", type(fault).__name__)
        return False


def _silence() -> None:
    """Keep Apprise and its HTTP client from logging: both write URLs, and a path or a query may be the secret."""
    # Above CRITICAL: nothing of it is logged at all, whatever level somebody sets for the root logger.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
