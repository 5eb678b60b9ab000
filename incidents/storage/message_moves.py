"""The one way in which many messages change their state at once: an UPDATE that carries its own condition.

A message that has moved on meanwhile is not among the rows it changes. One row alone moves by ``Message.move``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Update, update
from sqlmodel import col

from incidents.case.message_machine import MessageEvent, origins_of, target_of
from incidents.storage.tables.communication import Message


def move_messages(event: MessageEvent, *where: ColumnElement[bool], **values: Any) -> Update:
    """Write the UPDATE that moves by *event* every message of *where* that the table of moves lets move so."""
    return (
        update(Message)
        .where(*where, col(Message.state).in_(origins_of(event)))
        .values(state=target_of(event), **values)
        # Rows that the session holds are not looked through for each UPDATE; callers read anew what they go on with.
        .execution_options(synchronize_session=False)
    )
