"""What the alerts of one case say to one person: which are told together, in which order, in which words."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from incidents.casework.base.find import number
from incidents.casework.deadlines import alerts, clock_alarm, open_cases
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing import consequences
from incidents.obligations.recipients import RecipientKind
from notifications.letters.compose import ComposedText
from notifications.letters.context.alert import AlertItem, context_for_alert, context_for_several

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from flows.bootstrap import App
    from incidents.casework.deadlines.telling import UntoldAlert
    from incidents.storage.tables.case import Incident
    from incidents.storage.tables.obligations import Obligation

log = logging.getLogger(__name__)

ESCALATION: Final = "escalation"
SEVERAL: Final = "several"
_ALONE, _REFUSED = "approved_alone", "mail_refused"
_OF_ITS_OWN: Final = {
    clock_alarm.STEP: "clock",
    open_cases.STEP: "stays_open",
    alerts.APPROVED_ALONE: _ALONE,
    alerts.MAIL_REFUSED: _REFUSED,
}
"""Alerts that speak of no deadline, by the first word of their step, with the kind of text they have."""
_SET_BY: Final = ("statutory", "set", "contractual", "internal")
"""Who sets a time, the most binding first."""


def grouped(app: App, untold: Sequence[UntoldAlert]) -> dict[int, list[list[UntoldAlert]]]:
    """Part the alerts of one case by the place of who is told, each part being one message; the most urgent first."""
    groups: dict[tuple[int, bool, str], list[UntoldAlert]] = {}
    for untold_alert in untold:
        # Past the end of the list its last person is called again and again: no answer is no reason to be silent.
        place, _ = app.book.person_at(untold_alert.alert.level)
        # The second person did not hear the first call: their text says that somebody before them did not answer.
        groups.setdefault((place, untold_alert.alert.level > 0, _subject_of(untold_alert)), []).append(untold_alert)
    by_place: dict[int, list[list[UntoldAlert]]] = {}
    for (place, _, _), group in groups.items():
        by_place.setdefault(place, []).append(sorted(group, key=_urgency))
    return by_place


def kind_of(group: Sequence[UntoldAlert]) -> str:
    """Say which kind of message tells of a group."""
    if group[0].alert.level:
        return ESCALATION
    kinds = {untold_alert.alert.kind for untold_alert in group}
    return next(kind for kind in (alerts.OVERDUE, alerts.PAGE, alerts.REMINDER) if kind in kinds)


def in_words(app: App, session: Session, group: Sequence[UntoldAlert], now: datetime) -> ComposedText:
    """Word a group; one that cannot be worded is told all the same: it must not hold up itself and all others."""
    incident = group[0].incident
    try:
        text = _in_words(app, session, group, now)
    except Exception as error:  # noqa: BLE001 - a template, a row, a locale: whatever it was, somebody must wake up
        log.error("an alert of %s is told in plain words (%s)", incident.reference, type(error).__name__)  # noqa: TRY400 - its text may quote a row
        text = None
    return text or _plain(app, group)


def _subject_of(untold_alert: UntoldAlert) -> str:
    return _OF_ITS_OWN.get(untold_alert.alert.rung.partition("/")[0], "")


def _urgency(untold_alert: UntoldAlert) -> tuple[bool, int, datetime, int]:
    """The opening first, then what law sets before what we set ourselves, then what is due first."""
    if untold_alert.obligation is None:
        return (False, 0, untold_alert.alert.due_at, untold_alert.alert.id or 0)
    due_kind = obligation_rows.terms_of(untold_alert.obligation).due_kind.value
    return (True, _SET_BY.index(due_kind), untold_alert.obligation.due_at, untold_alert.alert.id or 0)


def _in_words(app: App, session: Session, group: Sequence[UntoldAlert], now: datetime) -> ComposedText | None:
    first, subject = group[0], _subject_of(group[0])
    deadlines = [untold_alert for untold_alert in group if untold_alert.obligation is not None]
    if subject == _REFUSED:
        return None
    # The page of a case counts down to its first deadline anyway: with one beside it, it says it all.
    if subject or len(deadlines) > 1:
        return app.wording.letter(subject or SEVERAL, _language(app), _together(app, group, now))
    row = (deadlines[0].obligation if deadlines else None) or _first_obligation(session, first.incident)
    if row is None:
        return None
    outstanding = [element.element for element in consequences.missing_elements(session, row)]
    kind = ESCALATION if first.alert.level else first.alert.kind
    return app.wording.letter(kind, _language(app), _alone(app, first, row, outstanding, now))


def _plain(app: App, group: Sequence[UntoldAlert]) -> ComposedText:
    incident, alert = group[0].incident, group[0].alert
    stamp = "EXERCISE " if incident.exercise else ""
    more = f" (and {len(group) - 1} more)" if len(group) > 1 else ""
    subject = f"{stamp}{incident.reference} {incident.codename}: {alert.says.replace('-', ' ')}{more}"
    # What the provider says stands in the doctor's answer and not here: a pager is somebody else's service.
    mend = "tocsin doctor\n" if alert.rung == alerts.MAIL_REFUSED else ""
    text = f"{subject}\n\n{mend}tocsin show {incident.reference}\ntocsin ack {incident.reference}\n"
    return ComposedText(
        kind=alert.kind, language="en", asked_language=_language(app), subject=subject, text=text, html=None,
        fell_back=True,
    )  # fmt: skip


def _language(app: App) -> str:
    # Our own people are told in the organisation's first language; the fallback to English is the composer's.
    return app.organisation.languages[0]


def _alone(
    app: App, untold: UntoldAlert, row: Obligation, outstanding: Sequence[str], now: datetime
) -> dict[str, object]:
    alert, incident = untold.alert, untold.incident
    reference = incident.reference
    terms = obligation_rows.terms_of(row)
    return context_for_alert(
        reference=reference,
        codename=incident.codename,
        title=incident.title,
        exercise=incident.exercise,
        duty_title=terms.title,
        duty=terms.duty,
        recipient_name=_named(row),
        due_at=row.due_at,
        due_kind=terms.due_kind.value,
        says=alert.says,
        started_at=row.started_at,
        provisional=row.provisional,
        # The alert of a single duty is acknowledged by its key, so that the answer to one does not silence the others.
        next_command=f"tocsin ack {reference}" + (f" {row.key}" if alert.obligation_id else ""),
        zone=app.organisation.zone,
        language=_language(app),
        now=now,
        level=alert.level,
        outstanding=outstanding,
    )


def _together(app: App, group: Sequence[UntoldAlert], now: datetime) -> dict[str, object]:
    incident = group[0].incident
    reference = incident.reference
    obligations = [untold_alert.obligation for untold_alert in group if untold_alert.obligation is not None]
    return context_for_several(
        reference=reference,
        codename=incident.codename,
        exercise=incident.exercise,
        items=[_item(row) for row in obligations],
        opened=any(untold_alert.obligation is None for untold_alert in group),
        says=group[0].alert.says,
        since=group[0].alert.due_at,
        acknowledge=f"tocsin ack {reference}",
        acknowledge_one=f"tocsin ack {reference} {obligations[0].key}" if obligations else "",
        look=f"tocsin deadlines {reference}" if obligations else f"tocsin show {reference}",
        zone=app.organisation.zone,
        language=_language(app),
        now=now,
        level=group[0].alert.level,
    )


def _item(row: Obligation) -> AlertItem:
    terms = obligation_rows.terms_of(row)
    return AlertItem(
        duty=terms.duty,
        duty_title=terms.title,
        recipient=_named(row),
        due_at=row.due_at,
        due_kind=terms.due_kind.value,
        provisional=row.provisional,
    )


def _named(row: Obligation) -> str:
    """To whom it is owed, for a pager: an authority by its name, a merchant by its id (a name may be a person's)."""
    # A pager is somebody else's service, and a sole trader's shop is named after its owner.
    return row.recipient_id if row.recipient_kind == RecipientKind.MERCHANT.value else row.recipient_name


def _first_obligation(session: Session, incident: Incident) -> Obligation | None:
    """What is due first in a case: what its first page counts down to; nothing where nothing is owed."""
    rows = obligation_rows.obligations_in(session, number(incident.id))
    # False sorts before true: what is settled comes only where nothing else is left.
    return min(rows, key=lambda row: (obligation_rows.is_settled(row), row.due_at), default=None)
