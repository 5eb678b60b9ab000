"""Judging an exercise by what it left behind: rows and files are counted anew, nothing takes Tocsin's word for it."""

from __future__ import annotations

import email
import email.policy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from incidents.audit.verify import verify
from incidents.case.message_machine import SETTLED, MessageState
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.communication import AffectedPerson, MerchantRow, Message
from incidents.storage.tables.obligations import Alert, Obligation, TransitionRow

if TYPE_CHECKING:
    from flows.bootstrap import App

# Written out and not taken from the state machine: these checks must not agree with the code by sharing its mistake.
_ENDED = {"met", "met_late", "waived", "dismissed"}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One invariant: whether it held, and the figures."""

    holds: bool
    says: str


def examine(app: App) -> tuple[Check, ...]:
    """Check every invariant."""
    with app.store.read() as session:
        return (
            _chain(session),
            _obligations(session),
            _recipients(session),
            *_reminders(session),
            *_files(session, app.outbox_folder),
            _nothing_personal(session),
        )


def _chain(session: Session) -> Check:
    verified = verify(session)
    what = verified.broken.what if verified.broken else f"{verified.entries} entries, head {verified.head[:16]}"
    return Check(holds=verified.is_intact, says=f"audit chain intact: {what}")


def _obligations(session: Session) -> Check:
    rows = session.exec(select(Obligation)).all()
    # Exactly at the due time is in time, as in the state machine: one microsecond later is late.
    wrong = [row.key for row in rows if not (row.waived_at or (row.met_at and row.met_at <= row.due_at))]
    met = sum(1 for row in rows if row.met_at)
    says = f"every obligation met in time: {met} met, {len(rows) - met} no longer owed"
    return Check(holds=not wrong and met > 0, says=says if not wrong else f"{says}; not so: {', '.join(wrong)}")


def _recipients(session: Session) -> Check:
    listed = sum(session.exec(select(func.count()).select_from(table)).one() for table in (AffectedPerson, MerchantRow))
    states = dict(
        session.exec(
            select(Message.state, func.count()).where(col(Message.draft_id).is_not(None)).group_by(Message.state)
        ).all()
    )
    settled = sum(count for state, count in states.items() if state in SETTLED)
    words = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    return Check(
        # Three counts that must be one: lost letters, letters to nobody on a list, and doubled ones each make a
        # difference.
        holds=settled == listed == sum(states.values()),
        says=f"every recipient settled: {listed} listed, {words}",
    )


def _reminders(session: Session) -> Iterator[Check]:
    """Compare the recorded reminders with those that the terms themselves ask for."""
    # Counted by due time and not by the name of a step: the names are what is being checked.
    recorded = Counter(
        (alert.obligation_id, alert.clock_version, alert.due_at)
        for alert in session.exec(select(Alert).where(col(Alert.obligation_id).is_not(None)))
    )
    expected = Counter(_expected(session))
    # `noticed_at` is when the sweep found it: never before the time for which it was set.
    early = session.exec(select(func.count()).select_from(Alert).where(col(Alert.noticed_at) < col(Alert.due_at))).one()
    doubled = sum(1 for count in recorded.values() if count > 1)
    missing, strange = len(expected - recorded), len(recorded - expected)
    yield Check(
        holds=not (missing or strange or doubled) and len(expected) > 0,
        says=f"no reminder missing or doubled: {len(expected)} expected, {len(recorded)} recorded, {missing} missing, "
        f"{doubled} doubled, {strange} unexpected",
    )
    yield Check(holds=early == 0, says=f"no reminder early: {early} before their time")


def _expected(session: Session) -> Iterator[tuple[int | None, int, datetime]]:
    for row in session.exec(select(Obligation)):
        moves = session.exec(
            select(TransitionRow).where(TransitionRow.obligation_id == row.id).order_by(col(TransitionRow.id))
        ).all()
        ended = next((move.noticed_at for move in moves if move.to_standing in _ENDED), None)
        # A corrected or newly stated awareness restarts a clock; what came due on the old one before that stays due.
        for version in range(1, row.clock_version + 1):
            restarted = next((move for move in moves if move.clock_version == version + 1), None)
            until = restarted.noticed_at if restarted else ended
            span = _span(row, version, session)
            if until is not None and span is not None:
                yield from ((row.id, version, at) for at in _ladder_times(row, *span) if span[0] <= at <= until)


def _span(row: Obligation, version: int, session: Session) -> tuple[datetime, datetime] | None:
    """When a clock started and was due: the row has the newest, an older one is found from its own reminders."""
    if version == row.clock_version:
        return row.started_at, row.due_at
    # Only the provisional clock is ever replaced in a scenario, and it counts from detection.
    opened = session.exec(select(AuditEntry).where(AuditEntry.kind == "incident.opened")).first()
    if opened is None:
        return None
    started = datetime.fromisoformat(json.loads(opened.payload)["detected_at"])
    return started, started + (row.due_at - row.started_at)


def _ladder_times(row: Obligation, started: datetime, due: datetime) -> Iterator[datetime]:
    """Every time the ladder names, computed from the stored terms: before, due, after, and then again and again."""
    ladder = row.terms["ladder"]
    yield from (due - timedelta(seconds=step) for step in ladder["before"] if due - timedelta(seconds=step) >= started)
    yield due
    yield from (due + timedelta(seconds=step) for step in ladder["after"])
    last = max(ladder["after"], default=0)
    # Without end in law; sixty repeats are more than any scenario lasts, and those after its end are cut off above.
    yield from (due + timedelta(seconds=last + ladder["then_every"] * step) for step in range(1, 60))


def _files(session: Session, folder: Path) -> Iterator[Check]:
    """Count the letters that lie in the outbox folder, and read the stamp on each."""
    accepted = session.exec(
        select(func.count()).select_from(Message).where(Message.state == MessageState.ACCEPTED)
    ).one()
    mails = sorted(folder.glob("*/*.eml"))
    pages = sorted(folder.glob("pages/*.txt"))
    yield Check(
        holds=len(mails) + len(pages) == accepted > 0,
        says=f"every accepted message is there: {accepted} accepted, {len(mails)} letters and {len(pages)} pages found",
    )
    unstamped = [path.name for path in mails if not _is_stamped(path)]
    unstamped += [path.name for path in pages if not path.read_text(encoding="utf-8").startswith(_STAMPS)]
    yield Check(holds=not unstamped, says=f"EXERCISE is on every message: {len(unstamped)} without")


# The first word of the subject in each language that the example organisation writes in.
_STAMPS = ("EXERCISE", "ÜBUNG", "EXERCICE")


def _is_stamped(path: Path) -> bool:
    with path.open("rb") as file:
        # `policy.default` decodes the subject: in the file "ÜBUNG" stands as an encoded word (RFC 2047).
        headers = email.message_from_binary_file(file, policy=email.policy.default)
    return str(headers["Subject"]).strip().startswith(_STAMPS) and headers["X-Tocsin-Exercise"] == "yes"


def _nothing_personal(session: Session) -> Check:
    # An address is the one kind of personal data that can be told by a sign; names are held off by the kinds' fixed
    # keys.
    leaks = [entry.seq for entry in session.exec(select(AuditEntry)) if "@" in entry.payload]
    return Check(holds=not leaks, says=f"no address in the audit log: {len(leaks)} entries with one")
