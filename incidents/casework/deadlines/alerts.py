"""Alerts: one for each reminder that came due; it goes on to the next person until one acknowledges it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from incidents.access.people import CLOCK, ActingPerson
from incidents.audit import chain
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.law.reminder_ladder import ReminderStep
from incidents.storage.tables.case import Incident
from incidents.storage.tables.obligations import Alert, Obligation
from incidents.storage.waits import is_over

REMINDER, OVERDUE, PAGE = "reminder", "overdue", "page"
APPROVED_ALONE = "approved-alone"
"""The step of the alert that a text was approved without a second person, before its version."""
MAIL_REFUSED = "mail_refused"
"""The step of the alert that letters wait because the provider refuses our key."""
ACKNOWLEDGE, RESOLVE = "acknowledge", "resolve"
"""What a pager that keeps alerts open is told of the end of one."""
_AT_ONCE = 200
"""Alerts passed on in one transaction."""

OpenAlerts = Mapping[int | None, Sequence[Alert]]
"""Alerts that still ring, by the row number of their obligation."""


def raise_alert(
    ctx: UseCaseContext,
    row: Obligation,
    incident: Incident,
    fired: Sequence[ReminderStep],
    now: datetime,
    *,
    live: OpenAlerts,
) -> list[Alert]:
    """Make an alert for every reminder that came due; the latest is sent and ends the earlier ones of this clock."""
    if not fired:
        return []
    latest = _alert_key(incident, row, fired[-1].key)
    silence(row, live, told_by=latest)
    return [
        Alert(
            key=_alert_key(incident, row, reminder.key),
            incident_id=row.incident_id,
            obligation_id=row.id,
            clock_version=row.clock_version,
            rung=reminder.key,
            says=reminder.says,
            # The reminder at the due time is told as the urgent kind, though the obligation is overdue only an instant
            # later.
            kind=OVERDUE if reminder.at >= row.due_at else REMINDER,
            due_at=reminder.at,
            noticed_at=now,
            # Several come due at once where nobody was running: each is on record, and one message tells of all.
            told_by=None if reminder is fired[-1] else latest,
            tell_at=now if reminder is fired[-1] else None,
            escalate_at=now + ctx.escalate_after if reminder is fired[-1] else None,
        )
        for reminder in fired
    ]


def page(uow: UnitOfWork, ctx: UseCaseContext) -> Alert:
    """Raise the first alert of a case: somebody opened it, the on-call person must know now."""
    return raise_page(uow.session, ctx, uow.incident, uow.now, step="opened", says="opened")


def page_refused(ctx: UseCaseContext, session: Session, incident: Incident, now: datetime) -> None:
    """Raise an alert that the mail provider refuses our key: letters wait, and only a person can mend that."""
    says = "letters wait, the mail provider refuses our key or settings"
    key = f"{incident.reference}/{MAIL_REFUSED}/{now:%Y-%m-%dT%H:%M:%S.%f}"
    raise_page(session, ctx, incident, now, step=MAIL_REFUSED, says=says, key=key)


def page_approved_alone(uow: UnitOfWork, ctx: UseCaseContext, text: str, version: int) -> None:
    """Tell the people on call, the DPO among them, that one person alone approved a text."""
    key = f"{uow.incident.reference}/{APPROVED_ALONE}/{text}/{version}"
    says = f"{text} version {version}"
    raise_page(uow.session, ctx, uow.incident, uow.now, step=f"{APPROVED_ALONE}/{version}", says=says, key=key)


def raise_page(
    session: Session,
    ctx: UseCaseContext,
    incident: Incident,
    now: datetime,
    *,
    step: str,
    says: str,
    key: str | None = None,
) -> Alert:
    """Raise an alert that speaks of no deadline and is told at once; *key* unless case and *step* name it."""
    alert = Alert(
        key=key or f"{incident.reference}/{step}",
        incident_id=number(incident.id),
        rung=step,
        says=says,
        kind=PAGE,
        due_at=now,
        noticed_at=now,
        tell_at=now,
        escalate_at=now + ctx.escalate_after,
    )
    session.add(alert)
    return alert


def escalate(ctx: UseCaseContext, now: datetime) -> int:
    """Pass on at *now* what nobody acknowledged in time, as `escalate_by` does by a clock."""
    return escalate_by(ctx, lambda _session: now)


def escalate_by(ctx: UseCaseContext, now_within: Callable[[Session], datetime]) -> int:
    """Pass every alert that nobody acknowledged in time on to the next person; give how many.

    *now_within* tells the time within a transaction, whose lock may have been waited for.
    """
    total = 0
    while True:
        with ctx.store.write() as session:
            passed_on = _escalate_some(ctx, session, now_within)
        total += passed_on
        if passed_on < _AT_ONCE:
            return total


def _escalate_some(ctx: UseCaseContext, session: Session, now_within: Callable[[Session], datetime]) -> int:
    chain.lock_chain(session)
    now = now_within(session)
    waiting = session.exec(
        select(Alert, Incident)
        .join(Incident, col(Incident.id) == col(Alert.incident_id))
        .where(is_over(col(Alert.escalate_at), now, _longest(ctx)))
        .order_by(col(Alert.escalate_at))
        .limit(_AT_ONCE)
        # What another heartbeat holds it is passing on itself. SQLite has one writer at a time and ignores this.
        .with_for_update(skip_locked=True, of=Alert)
    ).all()
    for alert, incident in waiting:
        # Past the end of the list it keeps counting: the address book gives its last person again and again, and the
        # unique key of each message has the level in it, so that each round is told anew.
        alert.level += 1
        alert.tell_at = now
        # Along the list first; once everybody was told, again and again at the slower pace.
        whole_list_told = alert.level >= ctx.on_call_count
        alert.escalate_at = now + (ctx.repeat_after if whole_list_told else ctx.escalate_after)
        step = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=now)
        step.audit("alert.escalated", alert=alert.key, level=alert.level)
    return len(waiting)


def _longest(ctx: UseCaseContext) -> timedelta:
    """No alert waits longer than this: one that seems to was written while the system's clock was ahead."""
    return max(ctx.escalate_after, ctx.repeat_after)


def acknowledge(alerts: Iterable[Alert], actor: ActingPerson, now: datetime) -> list[Alert]:
    """End alerts by a person's word; those that ended already stay as they are."""
    # The first who acknowledged stays on record; a second word changes nothing.
    ended = [alert for alert in alerts if alert.acknowledged_at is None]
    for alert in ended:
        alert.acknowledged_at, alert.acknowledged_by = now, actor.name
        alert.thread_event = ACKNOWLEDGE if alert.thread else None
        alert.escalate_at = alert.tell_at = None
    return ended


def open_alerts(session: Session, rows: Iterable[Obligation]) -> OpenAlerts:
    """Find the alerts of these obligations that still ring, or that a pager still keeps open, by obligation."""
    ids = [row.id for row in rows]
    ringing: dict[int | None, list[Alert]] = {}
    for alert in session.exec(
        select(Alert).where(
            col(Alert.obligation_id).in_(ids), or_(col(Alert.escalate_at).is_not(None), col(Alert.thread).is_not(None))
        )
    ):
        ringing.setdefault(alert.obligation_id, []).append(alert)
    return ringing


def silence(row: Obligation, live: OpenAlerts, *, told_by: str) -> None:
    """End the live alerts of an obligation: a newer one tells, or nothing is owed any more."""
    for alert in live.get(row.id, ()):
        end(alert, told_by=told_by)


def end(alert: Alert, *, told_by: str | None = None) -> None:
    """End an alert without a person's word; a pager that keeps it open is told, also where a person had answered."""
    if alert.escalate_at is not None:
        alert.escalate_at = alert.tell_at = None
        alert.told_by = told_by
    alert.thread_event = RESOLVE if alert.thread else None


def _alert_key(incident: Incident, row: Obligation, reminder: str) -> str:
    # After a clock that was ahead the same reminder is told a second time: its messages need names of their own.
    version = f"{row.clock_version}.{row.rearmed}" if row.rearmed else f"{row.clock_version}"
    return f"{incident.reference}/{row.key}/{version}/{reminder}"
