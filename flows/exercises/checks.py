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

from incidents.audit.verify import verify
from incidents.case.message_machine import SETTLED
from incidents.queries.exercise_records import exercise_records

if TYPE_CHECKING:
    from flows.bootstrap import App
    from incidents.audit.verify import VerificationResult
    from incidents.queries.exercise_records import ExerciseRecords
    from incidents.storage.tables.obligations import Obligation

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
        verified, records = verify(session), exercise_records(session)
    return (
        _chain(verified),
        _obligations(records),
        _recipients(records),
        *_reminders(records),
        *_files(records, app.outbox_folder),
        _nothing_personal(records),
    )


def _chain(verified: VerificationResult) -> Check:
    what = verified.broken.what if verified.broken else f"{verified.entries} entries, head {verified.head[:16]}"
    return Check(holds=verified.is_intact, says=f"audit chain intact: {what}")


def _obligations(records: ExerciseRecords) -> Check:
    rows = records.obligations
    # Exactly at the due time is in time, as in the state machine: one microsecond later is late.
    wrong = [row.key for row in rows if not (row.waived_at or (row.met_at and row.met_at <= row.due_at))]
    met = sum(1 for row in rows if row.met_at)
    says = f"every obligation met in time: {met} met, {len(rows) - met} no longer owed"
    return Check(holds=not wrong and met > 0, says=says if not wrong else f"{says}; not so: {', '.join(wrong)}")


def _recipients(records: ExerciseRecords) -> Check:
    listed, states = records.listed, records.letters
    settled = sum(count for state, count in states.items() if state in SETTLED)
    words = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    return Check(
        # Three counts that must be one: lost letters, letters to nobody on a list, and doubled ones each make a
        # difference.
        holds=settled == listed == sum(states.values()),
        says=f"every recipient settled: {listed} listed, {words}",
    )


def _reminders(records: ExerciseRecords) -> Iterator[Check]:
    """Compare the recorded reminders with those that the terms themselves ask for."""
    # Counted by due time and not by the name of a step: the names are what is being checked.
    recorded = Counter((alert.obligation_id, alert.clock_version, alert.due_at) for alert in records.reminders)
    expected = Counter(_expected(records))
    early = records.early_alerts
    doubled = sum(1 for count in recorded.values() if count > 1)
    missing, strange = len(expected - recorded), len(recorded - expected)
    yield Check(
        holds=not (missing or strange or doubled) and len(expected) > 0,
        says=f"no reminder missing or doubled: {len(expected)} expected, {len(recorded)} recorded, {missing} missing, "
        f"{doubled} doubled, {strange} unexpected",
    )
    yield Check(holds=early == 0, says=f"no reminder early: {early} before their time")


def _expected(records: ExerciseRecords) -> Iterator[tuple[int | None, int, datetime]]:
    for row in records.obligations:
        moves = records.moves.get(row.id or 0, ())
        ended = next((move.noticed_at for move in moves if move.to_standing in _ENDED), None)
        # A corrected or newly stated awareness restarts a clock; what came due on the old one before that stays due.
        for version in range(1, row.clock_version + 1):
            restarted = next((move for move in moves if move.clock_version == version + 1), None)
            until = restarted.noticed_at if restarted else ended
            span = _span(row, version, records)
            if until is not None and span is not None:
                yield from ((row.id, version, at) for at in _ladder_times(row, *span) if span[0] <= at <= until)


def _span(row: Obligation, version: int, records: ExerciseRecords) -> tuple[datetime, datetime] | None:
    """When a clock started and was due: the row has the newest, an older one is found from its own reminders."""
    if version == row.clock_version:
        return row.started_at, row.due_at
    # Only the provisional clock is ever replaced in a scenario, and it counts from detection.
    opened = next((entry for entry in records.entries if entry.kind == "incident.opened"), None)
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


def _files(records: ExerciseRecords, folder: Path) -> Iterator[Check]:
    """Count the letters that lie in the outbox folder, and read the stamp on each."""
    accepted = records.accepted_messages
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


def _nothing_personal(records: ExerciseRecords) -> Check:
    # An address is the one kind of personal data that can be told by a sign; names are held off by the kinds' fixed
    # keys.
    leaks = [entry.seq for entry in records.entries if "@" in entry.payload]
    return Check(holds=not leaks, says=f"no address in the audit log: {len(leaks)} entries with one")
