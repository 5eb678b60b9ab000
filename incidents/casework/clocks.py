"""Book-keeping of what is owed: each obligation's clock started, restarted, met, waived; its rungs and moves recorded.

Knows how the pure deadline machine (standing.py, ladder.py) is written down, once; refuses to know alerts beyond when
one is due (alerts.py) and who is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from incidents import audit, deadlines
from incidents.casework import alerts
from incidents.casework.desk import Desk, NotFoundError, Step, number, touch
from incidents.casework.events import EventBook, event_book
from incidents.counting import Counted, asks_calendar, count
from incidents.deadlines import Cause, Clock, Standing, Terms
from incidents.law import Start
from incidents.obligations import Owed, kin
from incidents.parties import Recipient, RecipientKind
from incidents.people import CLOCK
from incidents.tables import Incident, Move, Obligation

_INSTANT = timedelta(microseconds=1)
_AT_ONCE = 200
"""Obligations noted in one transaction: short enough that a person's command waits under a second for its turn."""


def clock_of(row: Obligation) -> Clock:
    """Take from the row what the deadline machine needs."""
    return Clock(
        started_at=row.started_at,
        due_at=row.due_at,
        warn_before=terms_of(row).ladder.warn_before,
        provisional=row.provisional,
        met_at=row.met_at,
        waived_at=row.waived_at,
        dismissed_at=row.dismissed_at,
    )


def terms_of(row: Obligation) -> Terms:
    """Read the terms the obligation was created under."""
    return Terms.from_json(row.terms)


def recipient_of(row: Obligation) -> Recipient:
    """Say to whom the obligation is owed."""
    return Recipient(kind=RecipientKind(row.recipient_kind), id=row.recipient_id, name=row.recipient_name)


def standing_of(row: Obligation, now: datetime) -> Standing:
    """Say where an obligation stands at *now*."""
    return deadlines.standing(clock_of(row), now)


def is_settled(row: Obligation) -> bool:
    """Whether nothing more is owed under it."""
    return bool(row.met_at or row.waived_at or row.dismissed_at)


def owed_in(session: Session, incident_id: int) -> list[Obligation]:
    """All obligations of one incident, in the order they arose."""
    found = session.exec(select(Obligation).where(Obligation.incident_id == incident_id).order_by(col(Obligation.id)))
    return list(found)


def named(this: Step, asked: str) -> Obligation:
    """Find one obligation of the case by its key, by its duty, or by its recipient.

    Raises:
        NotFoundError: none, or several; the message lists those there are.

    """
    rows = owed_in(this.session, this.incident_id)
    for fits in (lambda row: row.key == asked, lambda row: asked in {row.duty, row.recipient_id}):
        found = [row for row in rows if fits(row)]
        if len(found) == 1:
            return found[0]
    keys = ", ".join(row.key for row in rows) or "nothing is owed yet"
    message = f"{asked!r} is not one obligation of {this.incident.reference}; there are: {keys}"
    raise NotFoundError(message)


def book_of(this: Step) -> EventBook:
    """Read the events on record that clocks count from."""
    return event_book(this.session, this.incident, owed_in(this.session, this.incident_id))


def counted(desk: Desk, terms: Terms, recipient: Recipient, book: EventBook) -> Counted:
    """Say from when and until when a clock of these terms runs, by the events on record.

    Raises:
        MissingEvent: what starts the clock has not happened, or is not on record.

    """
    events = book.under(kin(desk.regimes, terms.regime), recipient)
    zone = ZoneInfo(terms.zone) if terms.zone else desk.zone
    place = terms.place or desk.home
    calendar = desk.calendar_of(place) if place and asks_calendar(terms, terms.period) else None
    return count(terms, terms.period, events, zone=zone, calendar=calendar)


def take_on(this: Step, desk: Desk, owed: Iterable[Owed], *, provisional: bool) -> list[Obligation]:
    """Record what is newly owed; what is there already stays as it is. Planning twice adds nothing."""
    rows = owed_in(this.session, this.incident_id)
    known, book = {row.key for row in rows}, event_book(this.session, this.incident, rows)
    added = []
    for each in owed:
        if each.duty_key in known:
            continue
        clock = counted(desk, each.terms, each.recipient, book)
        row = _write(this, each, clock.started_at, clock.due_at, provisional=provisional)
        added.append(row)
    return added


def take_on_until(
    this: Step, key: str, recipient: Recipient, terms: Terms, *, started_at: datetime, due_at: datetime
) -> Obligation:
    """Record what is owed until a moment that somebody set, whatever a period would give (an authority's question)."""
    owed = Owed(duty_key=key, recipient=recipient, terms=terms)
    return _write(this, owed, started_at, due_at, provisional=False)


def _write(this: Step, owed: Owed, started_at: datetime, due_at: datetime, *, provisional: bool) -> Obligation:
    row = Obligation(
        incident_id=this.incident_id,
        key=owed.duty_key,
        regime=owed.terms.regime,
        duty=owed.terms.duty,
        recipient_kind=owed.recipient.kind.value,
        recipient_id=owed.recipient.id,
        recipient_name=owed.recipient.name,
        terms=owed.terms.to_json(),
        provisional=provisional,
        started_at=started_at,
        due_at=due_at,
        alarms_noted_to=started_at - _INSTANT,
        created_at=this.now,
    )
    row.next_alarm_at = _next_alarm(row)
    this.session.add(row)
    this.session.flush()
    this.audit("obligation.created", obligation=row.key, due_at=_stamp(row.due_at), provisional=provisional)
    return row


def count_by(this: Step, desk: Desk, row: Obligation, terms: Terms) -> None:
    """Count an obligation by other terms from now on; the change is a recorded restart of its clock."""
    note(this.session, desk, row, this.incident, this.now)
    row.terms = terms.to_json()
    restart(this, desk, row, counted(desk, terms, recipient_of(row), book_of(this)))


def follow_events(this: Step, desk: Desk) -> list[Obligation]:
    """Make provisional clocks legal once awareness is stated, and move those whose events were corrected; give them."""
    if this.incident.aware_at is None:
        return []
    moved, book = [], book_of(this)
    for row in owed_in(this.session, this.incident_id):
        if terms_of(row).start is Start.ASKED:
            continue
        clock = counted(desk, terms_of(row), recipient_of(row), book)
        if row.provisional or _moves(row, clock):
            restart(this, desk, row, clock)
            moved.append(row)
    return moved


def _moves(row: Obligation, clock: Counted) -> bool:
    """Whether the clock is another one now; for a duty already met, a later due time is not taken over."""
    after = deadlines.corrected(clock_of(row), started_at=clock.started_at, due_at=clock.due_at)
    return (after.started_at, after.due_at) != (row.started_at, row.due_at)


def restart(this: Step, desk: Desk, row: Obligation, clock: Counted) -> None:
    """Start the legal clock of a provisional obligation, or move it after what started it was corrected.

    The ladder fires anew under the next clock version. For a duty already met, a later due time is not taken over:
    the first filing froze whether it was late.
    """
    note(this.session, desk, row, this.incident, this.now)
    note(this.session, desk, row, this.incident, this.now)
    before = standing_of(row, this.now)
    cause = Cause.AWARE if row.provisional else Cause.CORRECTED
    moved = (deadlines.made_aware if row.provisional else deadlines.corrected)(
        clock_of(row), started_at=clock.started_at, due_at=clock.due_at
    )
    row.started_at, row.due_at, row.provisional = moved.started_at, moved.due_at, moved.provisional
    row.clock_version += 1
    row.alarms_noted_to = row.started_at - _INSTANT
    alerts.hush(this.session, row, told_by="clock moved")
    # Moves that time causes under the new clock come from the sweep; here, the move to where it starts.
    begun = Standing.RUNNING if not is_settled(row) else standing_of(row, this.now)
    restarted = _record(this.session, row, before, begun, cause, at=this.now, now=this.now)
    row.next_alarm_at = None if is_settled(row) else _next_alarm(row)
    due_at = _stamp(row.due_at)
    this.audit(
        "obligation.restarted", rows=(restarted,), obligation=row.key, due_at=due_at, clock_version=row.clock_version
    )


def meet(this: Step, desk: Desk, row: Obligation, met_at: datetime) -> Standing:
    """Record that a duty was fulfilled at *met_at*; the first time counts, later ones change nothing."""
    if row.met_at is not None:
        return standing_of(row, this.now)
    note(this.session, desk, row, this.incident, this.now)
    before = standing_of(row, this.now)
    row.met_at = met_at
    after = standing_of(row, this.now)
    settled = _settle(this, row, before, after, Cause.FILED, at=met_at)
    this.audit("obligation.met", rows=(settled,), obligation=row.key, met_at=_stamp(met_at), standing=after.value)
    return after


def waive(this: Step, desk: Desk, row: Obligation, because: str) -> None:
    """Record that a named person decided it is not required."""
    if is_settled(row):
        return
    note(this.session, desk, row, this.incident, this.now)
    before = standing_of(row, this.now)
    row.waived_at, row.waived_because = this.now, because
    settled = _settle(this, row, before, Standing.WAIVED, Cause.WAIVED, at=this.now)
    this.audit("obligation.waived", rows=(settled,), obligation=row.key)


def dismiss(this: Step, desk: Desk, row: Obligation) -> None:
    """Record that the incident was no personal data breach."""
    if row.met_at is not None or row.dismissed_at is not None:
        return
    note(this.session, desk, row, this.incident, this.now)
    before = standing_of(row, this.now)
    row.dismissed_at = this.now
    settled = _settle(this, row, before, Standing.DISMISSED, Cause.DISMISSED, at=this.now)
    this.audit("obligation.dismissed", rows=(settled,), obligation=row.key)


def reopen(this: Step, row: Obligation) -> None:
    """Take back waiver or dismissal: the old due time counts again, as if they had never been."""
    if row.met_at is not None or not is_settled(row):
        return
    before = standing_of(row, this.now)
    row.waived_at = row.waived_because = row.dismissed_at = None
    row.next_alarm_at = _next_alarm(row)
    # Back to where it stood when its clock was last looked at: what time caused since is for the sweep to record.
    after = standing_of(row, row.alarms_noted_to)
    reopened = _record(this.session, row, before, after, Cause.REOPENED, at=this.now, now=this.now)
    this.audit("obligation.reopened", rows=(reopened,), obligation=row.key)


def notice(desk: Desk, now: datetime) -> int:
    """Record every rung and every move of time that came due since the last look; give how many obligations had one.

    Cost is O(due), not O(open): the indexed ``next_alarm_at`` finds them. Each batch is one transaction, in which the
    alert rows are written and the next alarm time moves: killed anywhere, the next sweep finds what is left, and the
    unique key (obligation, clock version, rung) keeps a second sweep from doubling one.
    """
    total = 0
    while True:
        with desk.store.write() as session:
            audit.take_turn(session)
            due = session.exec(
                select(Obligation, Incident)
                .join(Incident, col(Incident.id) == col(Obligation.incident_id))
                .where(col(Obligation.next_alarm_at) <= now)
                .order_by(col(Obligation.next_alarm_at))
                .limit(_AT_ONCE)
                .with_for_update(skip_locked=True, of=Obligation)
            ).all()
            for row, incident in due:
                note(session, desk, row, incident, now)
        total += len(due)
        if len(due) < _AT_ONCE:
            return total


def note(session: Session, desk: Desk, row: Obligation, incident: Incident, now: datetime) -> None:
    """Record what came due for one obligation up to *now*: each move and rung once, with its true time.

    Where several rungs came due unnoticed (nobody was running), all are recorded and one alert tells: the latest.
    """
    if is_settled(row) or now <= row.alarms_noted_to:
        return
    clock, since = clock_of(row), row.alarms_noted_to
    moves = deadlines.moves_by_time(clock, since, now)
    ladder = terms_of(row).ladder
    fired = [rung for rung in deadlines.rungs(ladder, row.due_at, now, since=row.started_at) if rung.at > since]
    row.alarms_noted_to = now
    row.next_alarm_at = _next_alarm(row)
    recorded = [
        _record(session, row, move.from_standing, move.to_standing, move.cause, at=move.at, now=now) for move in moves
    ]
    rung = alerts.ring(session, desk, row, incident, fired, now)
    if not (recorded or rung):
        return
    session.flush()
    if recorded:
        # Being late changes what a notification must say: reasons for the delay.
        touch(session, row.incident_id)
    step = Step(session=session, incident=incident, actor=CLOCK, now=now)
    step.audit(
        "clock.noticed",
        rows=tuple(recorded),
        obligation=row.key,
        rungs=" ".join(rung.key for rung in fired),
        moves=" ".join(move.to_standing.value for move in moves),
        told_by=rung[-1].rung if rung else None,
    )


def _settle(this: Step, row: Obligation, before: Standing, after: Standing, cause: Cause, *, at: datetime) -> Move:
    row.next_alarm_at = None
    alerts.hush(this.session, row, told_by="settled")
    return _record(this.session, row, before, after, cause, at=at, now=this.now)


def _record(
    session: Session, row: Obligation, before: Standing, after: Standing, cause: Cause, *, at: datetime, now: datetime
) -> Move:
    taken = session.exec(
        select(func.count())
        .select_from(Move)
        .where(Move.obligation_id == row.id, Move.clock_version == row.clock_version)
    ).one()
    move = Move(
        obligation_id=number(row.id),
        clock_version=row.clock_version,
        seq=taken + 1,
        from_standing=before.value,
        to_standing=after.value,
        cause=cause.value,
        due_at=at,
        noticed_at=now,
    )
    session.add(move)
    session.flush()
    return move


def _next_alarm(row: Obligation) -> datetime:
    """When the heartbeat must look again: the next rung or the next move of time, whichever is first."""
    clock, after = clock_of(row), row.alarms_noted_to
    edges = [clock.due_at - clock.warn_before, clock.due_at + _INSTANT]
    rung = deadlines.next_rung(terms_of(row).ladder, row.due_at, max(after, row.started_at - _INSTANT))
    return min([rung.at, *(edge for edge in edges if edge > after and not row.provisional)])


def _stamp(moment: datetime) -> str:
    return moment.isoformat()
