"""What must not be handed to a channel now: letters of a held or dismissed case, and whatever a paused channel carries.

Asked in the transaction that leases messages, so that a stop counts from the instant in which it is recorded.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from incidents.case.lifecycle import Stage
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message
from incidents.storage.tables.stops import CaseHold, ChannelPause
from incidents.storage.waits import is_over

LONGEST_PAUSE: Final = timedelta(hours=2)
"""Longer than any pause that is ever set: one that seems longer was written while a clock was ahead, and is over."""


def held_cases(session: Session) -> frozenset[int]:
    """The row numbers of the cases whose letters a person stopped and nobody released; few, so they are read whole."""
    later = aliased(CaseHold)
    newer = select(later.id).where(later.incident_id == CaseHold.incident_id, col(later.id) > col(CaseHold.id))
    held = select(CaseHold.incident_id).where(col(CaseHold.holds), ~newer.exists())
    return frozenset(session.exec(held))


def hold_on(session: Session, incident_id: int) -> CaseHold | None:
    """The hold that stops the letters of a case now, if there is one."""
    newest = session.exec(
        select(CaseHold).where(CaseHold.incident_id == incident_id).order_by(col(CaseHold.id).desc()).limit(1)
    ).first()
    return newest if newest is not None and newest.holds else None


def paused_channels(session: Session, now: datetime) -> frozenset[str]:
    """The channels that every process leaves alone at *now*."""
    paused = select(ChannelPause.channel).where(~is_over(col(ChannelPause.until), now, LONGEST_PAUSE))
    return frozenset(session.exec(paused))


def pause_of(session: Session, channel: str, now: datetime) -> ChannelPause | None:
    """The pause of a channel that is not over at *now*."""
    return session.exec(
        select(ChannelPause).where(
            ChannelPause.channel == channel, ~is_over(col(ChannelPause.until), now, LONGEST_PAUSE)
        )
    ).first()


def stop_of(session: Session, incident_id: int) -> str:
    """Why the letters of a case may not go out now, in words; empty where they may."""
    if session.get_one(Incident, incident_id).stage is Stage.DISMISSED:
        return "the case was dismissed"
    held = hold_on(session, incident_id)
    return f"stopped by {held.person}" if held else ""


def may_go(held: frozenset[int]) -> ColumnElement[bool]:
    """The condition under which its own case lets a letter go: neither held nor dismissed."""
    dismissed = select(Incident.id).where(Incident.id == Message.incident_id, Incident.stage == Stage.DISMISSED)
    return col(Message.incident_id).not_in(held) & ~dismissed.correlate(Message).exists()
