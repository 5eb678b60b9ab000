"""Book-keeping of what is owed: each obligation's clock started, restarted, met, waived, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.deadlines import alerts
from incidents.casework.deadlines.events import CaseEvents, event_book
from incidents.casework.deadlines.rows import (
    AT_ONCE,
    INSTANT,
    TransitionCounts,
    clock_of,
    is_settled,
    keep_clock,
    move_of,
    moves_taken,
    next_alarm,
    obligations_in,
    recipient_of,
    status_of,
    terms_of,
)
from incidents.casework.deadlines.sweep import record_due_transitions, record_transition
from incidents.deadlines.computation import DueDate, asks_calendar, count
from incidents.deadlines.state_machine import (
    ClockState,
    DeadlineStatus,
    TransitionCause,
    corrected,
    dismissed,
    filed,
    made_aware,
    reopened,
    untold,
    waived,
)
from incidents.deadlines.terms import Terms
from incidents.law.model import Start
from incidents.obligations.derivation import DerivedObligation, kin
from incidents.obligations.recipients import Recipient
from incidents.storage.tables.obligations import Obligation, TransitionRow

ElementType = TypeVar("ElementType")


def book_of(uow: UnitOfWork) -> CaseEvents:
    """Read the events on record that clocks count from."""
    return event_book(uow.session, uow.incident, obligations_in(uow.session, uow.incident_id))


def counted(ctx: UseCaseContext, terms: Terms, recipient: Recipient, book: CaseEvents) -> DueDate:
    """Say from when and until when a clock of these terms runs, by the events on record.

    An event that is not on record yet stands at awareness (events.py), but for a duty with an outer limit of its own:
    a report is due 24 hours after awareness until the incident is classified (Art. 5(1)(a) Delegated Regulation (EU)
    2025/301).

    Raises:
        MissingEvent: what starts the clock has not happened, or is not on record.

    """
    known = book.under(kin(ctx.regimes, terms.regime), recipient)
    # Only for duties with a cap: the computation then counts to the cap alone. To any other duty the assumed time is
    # given, which is the earlier reading and safe everywhere.
    left_out = terms.start if terms.cap and terms.start in book.assumed else None
    events = {event: at for event, at in known.items() if event is not left_out}
    zone = ZoneInfo(terms.zone) if terms.zone else ctx.zone
    # Where action is to be taken (Art. 2(1) Reg. 1182/71): the law's own place, else that of the authority.
    place = terms.place or ctx.profile.days_off_in(recipient)
    calendar = ctx.calendar_of(place) if place and asks_calendar(terms, terms.period) else None
    return count(terms, terms.period, events, zone=zone, calendar=calendar)


def create_obligation(
    uow: UnitOfWork, ctx: UseCaseContext, derived: Iterable[DerivedObligation], *, provisional: bool
) -> list[Obligation]:
    """Record what is newly owed; what is there already stays as it is. Planning twice adds nothing."""
    rows = obligations_in(uow.session, uow.incident_id)
    known, book = {row.key for row in rows}, event_book(uow.session, uow.incident, rows)
    added = []
    for obligation in derived:
        # What is there keeps the terms it was created under, whatever the law files say by now (decision 5).
        if obligation.duty_key not in known:
            clock = counted(ctx, obligation.terms, obligation.recipient, book)
            added.append(_row_of(uow, obligation, clock.started_at, clock.due_at, provisional=provisional))
    _write(uow, added)
    return added


def create_until(
    uow: UnitOfWork, key: str, recipient: Recipient, terms: Terms, *, started_at: datetime, due_at: datetime
) -> Obligation:
    """Record what is owed until a moment that somebody set, whatever a period would give (an authority's question)."""
    derived = DerivedObligation(duty_key=key, recipient=recipient, terms=terms)
    row = _row_of(uow, derived, started_at, due_at, provisional=False)
    _write(uow, [row])
    return row


def _row_of(
    uow: UnitOfWork, derived: DerivedObligation, started_at: datetime, due_at: datetime, *, provisional: bool
) -> Obligation:
    row = Obligation(
        incident_id=uow.incident_id,
        key=derived.duty_key,
        regime=derived.terms.regime,
        duty=derived.terms.duty,
        recipient_kind=derived.recipient.kind.value,
        recipient_id=derived.recipient.id,
        recipient_name=derived.recipient.name,
        terms=derived.terms.to_json(),
        provisional=provisional,
        started_at=started_at,
        due_at=due_at,
        # An instant before the start: the sweep looks after this moment, and a reminder may fall on the start itself.
        alarms_noted_to=started_at - INSTANT,
        created_at=uow.now,
    )
    row.next_alarm_at = next_alarm(row)
    return row


def _write(uow: UnitOfWork, rows: list[Obligation]) -> None:
    uow.session.add_all(rows)
    uow.session.flush()
    for row in rows:
        uow.audit("obligation.created", obligation=row.key, due_at=row.due_at, provisional=row.provisional)


def count_by(uow: UnitOfWork, ctx: UseCaseContext, row: Obligation, terms: Terms) -> None:
    """Count an obligation by other terms from now on; the change is a recorded restart of its clock."""
    record_transition(uow.session, ctx, row, uow.incident, uow.now)
    row.terms = terms.to_json()
    restart(uow, ctx, [(row, counted(ctx, terms, recipient_of(row), book_of(uow)))])


def follow_events(uow: UnitOfWork, ctx: UseCaseContext) -> list[Obligation]:
    """Make provisional clocks legal once awareness is stated, and move those whose events were corrected; give them."""
    if uow.incident.aware_at is None:
        return []
    rows = obligations_in(uow.session, uow.incident_id)
    moved, book = [], event_book(uow.session, uow.incident, rows)
    for row in rows:
        # The authority said until when; no event of the case moves that.
        if terms_of(row).start is Start.ASKED:
            continue
        clock = counted(ctx, terms_of(row), recipient_of(row), book)
        if row.provisional or _moves(row, clock):
            moved.append((row, clock))
    restart(uow, ctx, moved)
    return [row for row, _ in moved]


def _moves(row: Obligation, clock: DueDate) -> bool:
    """Whether the clock is another one now; for a duty already met, a later due time is not taken over."""
    after = corrected(clock_of(row), started_at=clock.started_at, due_at=clock.due_at)
    return (after.started_at, after.due_at) != (row.started_at, row.due_at)


def restart(uow: UnitOfWork, ctx: UseCaseContext, moved: Sequence[tuple[Obligation, DueDate]]) -> None:
    """Start the legal clock of provisional obligations, or move those whose start was corrected.

    The ladder fires anew under the next clock version. For a duty already met, a later due time is not taken over:
    the first filing froze whether it was late.
    """
    for part in _parts(moved):
        # What came due by the old clock is recorded under it first: with the new times, nobody could tell any more.
        record_due_transitions(uow.session, ctx, ((row, uow.incident) for row, _ in part), uow.now)
        live = alerts.open_alerts(uow.session, (row for row, _ in part))
        recorded = [_restarted(uow, row, clock, live) for row, clock in part]
        uow.session.add_all(recorded)
        uow.session.flush()
        for (row, _), move in zip(part, recorded, strict=True):
            due_at, version = row.due_at, row.clock_version
            uow.audit("obligation.restarted", rows=(move,), obligation=row.key, due_at=due_at, clock_version=version)


def _restarted(uow: UnitOfWork, row: Obligation, clock: DueDate, live: alerts.OpenAlerts) -> TransitionRow:
    before = status_of(row, uow.now)
    cause = TransitionCause.AWARE if row.provisional else TransitionCause.CORRECTED
    move_clock = made_aware if row.provisional else corrected
    keep_clock(row, move_clock(clock_of(row), started_at=clock.started_at, due_at=clock.due_at))
    # The version is in the unique key of reminders and moves: under the new one the whole schedule fires again.
    row.clock_version += 1
    row.alarms_noted_to = row.started_at - INSTANT
    alerts.silence(row, live, told_by="clock moved")
    row.next_alarm_at = None if is_settled(row) else next_alarm(row)
    # Moves that time causes under the new clock come from the sweep; here, the move to where it starts.
    begun = DeadlineStatus.RUNNING if not is_settled(row) else status_of(row, uow.now)
    # Moves are numbered within a version of the clock, and this one opens it.
    return move_of(row, before, begun, cause, at=uow.now, now=uow.now, seq=1)


def mark_fulfilled(uow: UnitOfWork, ctx: UseCaseContext, row: Obligation, met_at: datetime) -> DeadlineStatus:
    """Record that a duty was fulfilled at *met_at*; the first time counts, later ones change nothing."""
    mark_all_fulfilled(uow, ctx, [(row, met_at)])
    return status_of(row, uow.now)


def mark_all_fulfilled(uow: UnitOfWork, ctx: UseCaseContext, fulfilled: Sequence[tuple[Obligation, datetime]]) -> None:
    """Record which duties were fulfilled, and when each was; the first time counts, later ones change nothing."""
    unmet = [(row, at) for row, at in fulfilled if row.met_at is None]
    for row, at, move in _settle(uow, ctx, unmet, TransitionCause.FILED, filed):
        met_at, after = at, move.to_standing
        uow.audit("obligation.met", rows=(move,), obligation=row.key, met_at=met_at, standing=after)


def waive(uow: UnitOfWork, ctx: UseCaseContext, row: Obligation, because: str) -> None:
    """Record that a named person decided it is not required."""
    if is_settled(row):
        return
    row.waived_because = because
    for _, _, move in _settle(uow, ctx, [(row, uow.now)], TransitionCause.WAIVED, waived):
        uow.audit("obligation.waived", rows=(move,), obligation=row.key)


def dismiss(uow: UnitOfWork, ctx: UseCaseContext, rows: Iterable[Obligation]) -> None:
    """Record that the incident was no personal data breach."""
    # What was waived is dismissed as well, for the waiver spoke of a breach; what was filed stays filed.
    unended = [(row, uow.now) for row in rows if row.met_at is None and row.dismissed_at is None]
    for row, _, move in _settle(uow, ctx, unended, TransitionCause.DISMISSED, dismissed):
        uow.audit("obligation.dismissed", rows=(move,), obligation=row.key)


def _settle(
    uow: UnitOfWork,
    ctx: UseCaseContext,
    ended: Sequence[tuple[Obligation, datetime]],
    cause: TransitionCause,
    end: Callable[[ClockState, datetime], ClockState],
) -> list[tuple[Obligation, datetime, TransitionRow]]:
    """End obligations, each at its time and as *end* ends a clock; the caller vouches for the moves it is given."""
    written = []
    for part in _parts(ended):
        rows = [row for row, _ in part]
        # Before the end is marked: an ended clock does not move, so what came due until now would never be recorded.
        record_due_transitions(uow.session, ctx, ((row, uow.incident) for row in rows), uow.now)
        live, taken = alerts.open_alerts(uow.session, rows), moves_taken(uow.session, rows)
        for row, at in part:
            before = status_of(row, uow.now)
            keep_clock(row, end(clock_of(row), at))
            row.next_alarm_at = None
            alerts.silence(row, live, told_by="settled")
            move = _move_after(uow, row, before, status_of(row, uow.now), cause, at, taken)
            written.append((row, at, move))
            uow.session.add(move)
        uow.session.flush()
    return written


def reopen(uow: UnitOfWork, rows: Iterable[Obligation]) -> None:
    """Take back waiver or dismissal: the old due time counts again, as if they had never been."""
    settled = [row for row in rows if row.met_at is None and is_settled(row)]
    _open_again(uow, settled, TransitionCause.REOPENED, reopened)


def take_back(uow: UnitOfWork, rows: Iterable[Obligation]) -> None:
    """Record that a duty which letters had fulfilled is owed again: not everybody whom it means has been told.

    Not for what was waived or dismissed meanwhile, and never for a filing.
    """
    _open_again(uow, [row for row in rows if row.met_at is not None], TransitionCause.UNTOLD, untold)


def _open_again(
    uow: UnitOfWork, rows: Sequence[Obligation], cause: TransitionCause, take: Callable[[ClockState], ClockState]
) -> None:
    for part in _parts(rows):
        taken = moves_taken(uow.session, part)
        recorded = [_opened(uow, row, taken, cause, take) for row in part]
        uow.session.add_all(recorded)
        uow.session.flush()
        for row, move in zip(part, recorded, strict=True):
            uow.audit("obligation.reopened", rows=(move,), obligation=row.key)


def _opened(
    uow: UnitOfWork,
    row: Obligation,
    taken: TransitionCounts,
    cause: TransitionCause,
    take: Callable[[ClockState], ClockState],
) -> TransitionRow:
    before = status_of(row, uow.now)
    keep_clock(row, take(clock_of(row)))
    row.waived_because = None
    row.next_alarm_at = next_alarm(row)
    # Back to where it stood when its clock was last looked at: what time caused since is for the sweep to record. Late
    # is late at once.
    late = before is DeadlineStatus.MET_LATE
    after = DeadlineStatus.OVERDUE if late else status_of(row, row.alarms_noted_to)
    return _move_after(uow, row, before, after, cause, uow.now, taken)


def _move_after(
    uow: UnitOfWork,
    row: Obligation,
    before: DeadlineStatus,
    after: DeadlineStatus,
    cause: TransitionCause,
    at: datetime,
    taken: TransitionCounts,
) -> TransitionRow:
    """Make the record of the move that follows those taken under this version of the clock."""
    seq = taken.get((number(row.id), row.clock_version), 0) + 1
    return move_of(row, before, after, cause, at=at, now=uow.now, seq=seq)


def _parts(rows: Sequence[ElementType]) -> Iterator[Sequence[ElementType]]:
    """Cut many into parts that are written together."""
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
