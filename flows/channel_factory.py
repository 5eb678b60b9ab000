"""From configuration to channels: which way mail goes, and what each on-call channel is.

Choosing is configuration only: with SENDGRID_API_KEY mail goes through SendGrid's API, without it into the outbox
folder; a channel of the on-call list is ``files`` or an Apprise address.
"""

from __future__ import annotations

from pathlib import Path

from config.organisation import Organisation
from config.settings import Settings
from notifications.delivery.channel import Pager, Sender
from notifications.delivery.model import Channels


def open_channels(settings: Settings, organisation: Organisation, folder: Path) -> Channels:
    """Set up every channel that the configuration names."""
    return Channels(
        mail=_mail(settings, organisation, folder),
        pagers={name: _pager(name, address, folder) for name, address in organisation.channels.items()},
        # A file is named after its letter, so the second takes the first one's place; SendGrid has no idempotency key,
        # and the same request twice is two letters in a mailbox.
        mail_repeats_safely=settings.sendgrid_api_key is None,
    )


def _mail(settings: Settings, organisation: Organisation, folder: Path) -> Sender:
    sender = organisation.sender
    if settings.sendgrid_api_key is None:
        from notifications.delivery.channels.files import FileSender

        return FileSender(folder, sender_email=sender.email, sender_name=sender.name)
    from notifications.delivery.channels.sendgrid import SendGridSender

    return SendGridSender(
        settings.sendgrid_api_key.get_secret_value(),
        sender_email=sender.email,
        sender_name=sender.name,
        host=settings.sendgrid_host,
    )


def _pager(name: str, address: str, folder: Path) -> Pager:
    # Not left out where none is set up: pages that lie in a folder can be found, and a drill counts them.
    if address == "files":
        from notifications.delivery.channels.apprise import FilePager

        return FilePager(folder)
    # Its own sender: through Apprise each repetition would be an incident of its own, and none would end.
    if address.startswith("pagerduty://"):
        from notifications.delivery.channels.pagerduty import PagerDutySender

        return PagerDutySender(name, address)
    from notifications.delivery.channels.apprise import AppriseSender

    return AppriseSender(name, address)
