"""From facts to a person's decision: record a version of the facts, propose a judgement, write down who decided what.

Knows how proposal and decision are kept apart; refuses to let the software decide.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, func, select

from incidents import assessment
from incidents.assessment import Judgement
from incidents.casework import clocks
from incidents.casework.desk import Desk, Done, NotUnderstoodError, RefusedError, Step, step
from incidents.casework.events import FILED_AS
from incidents.facts import Facts, Role
from incidents.law import Start
from incidents.lifecycle import Verb
from incidents.obligations import LATER_EVENTS, Frame, Owed, is_lifted_by, owed_after, owed_from_facts, possible
from incidents.parties import PLACEHOLDERS, UNKNOWN_AUTHORITIES, UNLISTED_MERCHANTS, RecipientKind
from incidents.parties import Merchant as MerchantTerms
from incidents.people import Actor
from incidents.tables import Assessment, Decision, FactsVersion, Merchant, Obligation

EXCEPTIONS = ("34-3-a", "34-3-b", "34-3-c")
"""The grounds of Art. 34(3) GDPR on which people need not be written to."""
PUBLIC_GROUND: Final = "34-3-c"
"""The ground that calls for a public communication instead; it may hold for some of the people only."""
_REPLACED: Final = {
    UNLISTED_MERCHANTS.id: "replaced by one obligation for each merchant listed",
    UNKNOWN_AUTHORITIES.id: "replaced by one obligation for each authority where affected people live",
}
_NO_LONGER: Final = {
    UNLISTED_MERCHANTS.id: "the facts name no data held for merchants any more",
    UNKNOWN_AUTHORITIES.id: "the facts name nobody who lives where this law binds",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a named person decides."""

    notify_authority: bool
    notify_people: bool
    because: str
    exception: str | None = None

    @property
    def is_high(self) -> bool:
        """Whether the risk is taken to be high: an exception of Art. 34(3) GDPR is only needed where it is."""
        return self.notify_people or self.exception is not None

    @property
    def public_notice(self) -> bool:
        """Whether a public communication must reach those who are not written to (Art. 34(3)(c) GDPR)."""
        return self.exception == PUBLIC_GROUND


WORST: Final = Verdict(notify_authority=True, notify_people=True, because="nothing is assessed yet")
"""What is taken to be so before an assessment."""


def record_facts(
    desk: Desk, actor: Actor, now: datetime, reference: str, facts: Facts | None, *, expected_version: int | None = None
) -> tuple[Done, Judgement]:
    """Record what is known, score it, propose a verdict; without *facts*, judge the newest version again.

    Raises:
        RefusedError: there are no facts yet.

    """
    with step(desk, actor, now, reference, Verb.ASSESS, expected_version=expected_version) as this:
        version, body = (
            (_add_facts(this, facts), facts) if facts is not None else newest_facts(this.session, this.incident_id)
        )
        if body is None:
            message = f"no facts are recorded yet: tocsin assess {this.incident.reference} --file scope.yaml"
            raise RefusedError(message)
        judgement = assessment.assess(body)
        row = Assessment(
            incident_id=this.incident_id,
            facts_version=version,
            judgement=assessment.as_json(judgement),
            author=actor.name,
            recorded_at=now,
        )
        this.session.add(row)
        this.audit("facts.recorded", rows=(row,), version=version, risk=judgement.risk.value)
        this.note("assessed", f"Facts version {version} assessed; proposed: {judgement.risk.value}")
        if body.occurred_from is not None:
            this.incident.occurred_at = body.occurred_from
        owed = _take_on(this, desk, body, judgement)
        return this.done(
            f"facts version {version}: proposed {judgement.risk.value}",
            *(f"now owed: {row.key}" for row in owed),
            next_command=_next(this, judgement),
        ), judgement


def _add_facts(this: Step, facts: Facts) -> int:
    newest = this.session.exec(
        select(func.max(FactsVersion.version)).where(FactsVersion.incident_id == this.incident_id)
    ).one()
    version = (newest or 0) + 1
    row = FactsVersion(
        incident_id=this.incident_id,
        version=version,
        author=this.actor.name,
        recorded_at=this.now,
        body=facts.model_dump(mode="json", exclude_defaults=True),
    )
    this.session.add(row)
    this.note("facts", f"Facts version {version} recorded: {facts.summary}")
    this.audit("facts.recorded", rows=(row,), version=version, risk=None)
    return version


def newest_facts(session: Session, incident_id: int) -> tuple[int, Facts | None]:
    """Give the newest version of the facts; ``(0, None)`` before the first."""
    row = session.exec(
        select(FactsVersion)
        .where(FactsVersion.incident_id == incident_id)
        .order_by(col(FactsVersion.version).desc())
        .limit(1)
    ).first()
    return (row.version, Facts.model_validate(row.body)) if row else (0, None)


def newest_decision(session: Session, incident_id: int) -> Decision | None:
    """Give the decision that counts now."""
    return session.exec(
        select(Decision).where(Decision.incident_id == incident_id).order_by(col(Decision.id).desc()).limit(1)
    ).first()


def _take_on(this: Step, desk: Desk, facts: Facts, judgement: Judgement) -> list[Obligation]:
    """Take on what these facts make owed; a waived duty that the new facts trigger again is reopened.

    What was owed to merchants or authorities not yet known ends by itself once each has its own, or none is concerned;
    not while it is unknown where the people live: what may be owed from awareness on is not lifted by not knowing.
    """
    if this.incident.aware_at is None:
        return []
    wanted = owed(this, desk, facts, judgement)
    keys = {each.duty_key for each in wanted}
    maybe = {each.regime.id for each in possible(frame_of(this, desk), facts)}
    for row in clocks.owed_in(this.session, this.incident_id):
        if row.key in keys and row.waived_at is not None:
            clocks.reopen(this, row)
        elif row.recipient_id in PLACEHOLDERS and row.key not in keys and not _may_bind(row, maybe):
            clocks.waive(this, desk, row, _replaced(row, keys))
        elif _is_settled_by_region(row, keys):
            clocks.waive(this, desk, row, "the facts name the region, whose own authority is told")
    return clocks.take_on(this, desk, wanted, provisional=False)


def _may_bind(row: Obligation, maybe: Collection[str]) -> bool:
    """Whether authorities stay owed something, as the law may reach us once it is known where the people live."""
    return row.recipient_id == UNKNOWN_AUTHORITIES.id and row.regime in maybe


def _is_settled_by_region(row: Obligation, keys: Collection[str]) -> bool:
    """Whether an authority of a country that was still to be chosen is one of a region now (``DE``: ``DE-NI``)."""
    return row.key not in keys and any(key.startswith(f"{row.key}-") for key in keys)


def _replaced(row: Obligation, keys: Collection[str]) -> str:
    """Why what stood for recipients not yet known has ended."""
    same_duty = f"{row.regime}/{row.duty}/"
    return (_REPLACED if any(key.startswith(same_duty) for key in keys) else _NO_LONGER)[row.recipient_id]


def owed(this: Step, desk: Desk, facts: Facts, judgement: Judgement | Verdict) -> tuple[Owed, ...]:
    """All that is owed on these facts, with one notice for each merchant listed so far."""
    return owed_from_facts(frame_of(this, desk), facts, judgement)


def frame_of(this: Step, desk: Desk) -> Frame:
    """What the duties of this case depend on beside its facts."""
    return desk.frame(this.incident.aware_at or this.now, _merchants(this))


def owed_after_filing(this: Step, desk: Desk, row: Obligation, *, outstanding: bool) -> tuple[Owed, ...]:
    """What the filing that fulfilled *row* starts under its own law."""
    return tuple(
        owed
        for event in FILED_AS.get(row.duty, ())
        for owed in _owed_after(this, desk, event, row.regime, outstanding=outstanding)
        # Of several authorities, each is told the rest of what itself was told.
        if owed.recipient.kind is not RecipientKind.AUTHORITY or owed.recipient.id == row.recipient_id
    )


def answer_event(this: Step, desk: Desk, event: Start) -> list[str]:
    """Start or move the clocks that count from an event which was just recorded; say which."""
    if this.incident.aware_at is None:
        return []
    laws = {regime.id for regime in desk.regimes}
    new = [owed for law in sorted(laws) for owed in _owed_after(this, desk, event, law, outstanding=False)]
    added = clocks.take_on(this, desk, new, provisional=False) if event in LATER_EVENTS else []
    moved = [row for row in clocks.follow_events(this, desk) if row not in added]
    return [
        *(f"now owed: {row.key}, due {row.due_at.isoformat()}" for row in added),
        *(f"{row.key} is counted from it: due {row.due_at.isoformat()}" for row in moved),
    ]


def _owed_after(this: Step, desk: Desk, event: Start, law: str, *, outstanding: bool) -> tuple[Owed, ...]:
    """What an event starts under one law, on the decision or else the proposal; before any facts the worst case."""
    _, facts = newest_facts(this.session, this.incident_id)
    verdict: Judgement | Verdict = assessment.assess(facts) if facts is not None else WORST
    decided = newest_decision(this.session, this.incident_id)
    if decided is not None:
        verdict = Verdict(
            notify_authority=decided.notify_authority,
            notify_people=decided.notify_people,
            because=decided.because,
            exception=decided.exception,
        )
    return owed_after(frame_of(this, desk), event, law, facts, verdict, outstanding=outstanding)


def _merchants(this: Step) -> list[MerchantTerms]:
    return [
        MerchantTerms(id=row.merchant_id, name=row.name, contract_hours=row.contract_hours)
        for row in this.session.exec(select(Merchant).where(Merchant.incident_id == this.incident_id))
    ]


def decide(
    desk: Desk, actor: Actor, now: datetime, reference: str, verdict: Verdict, *, expected_version: int | None = None
) -> Done:
    """Write down what a named person decided; the proposal may be departed from, with reasons.

    Raises:
        NotUnderstoodError: no reasons, or an exception that does not fit.
        RefusedError: the facts have not been assessed.

    """
    _check(verdict)
    with step(desk, actor, now, reference, Verb.DECIDE, expected_version=expected_version) as this:
        version, facts = newest_facts(this.session, this.incident_id)
        if facts is None:  # pragma: no cover - the table of stages asks for an assessment first
            message = "no facts are recorded yet"
            raise RefusedError(message)
        row = Decision(
            incident_id=this.incident_id, facts_version=version, author=actor.name, decided_at=now, **verdict.__dict__
        )
        this.session.add(row)
        this.audit(
            "decision.made",
            rows=(row,),
            facts_version=version,
            authority=verdict.notify_authority,
            people=verdict.notify_people,
            exception=verdict.exception,
        )
        this.note("decided", f"Decided: {_in_words(verdict)}. {verdict.because}")
        changed = _apply(this, desk, facts, verdict)
        return this.done(
            _in_words(verdict),
            *changed,
            next_command=f"tocsin drafts {this.incident.reference}",
            warnings=_departures(this, verdict),
        )


def _check(verdict: Verdict) -> None:
    if not verdict.because.strip():
        message = "a decision needs reasons: --because TEXT"
        raise NotUnderstoodError(message)
    if verdict.exception is not None and verdict.exception not in EXCEPTIONS:
        message = f"{verdict.exception!r} is no ground of Art. 34(3): choose {', '.join(EXCEPTIONS)}"
        raise NotUnderstoodError(message)
    # Disproportionate effort is a matter of each person: who can be reached is written to, the rest told in public.
    if verdict.exception not in {None, PUBLIC_GROUND} and verdict.notify_people:
        message = (
            f"the exception {verdict.exception} goes with --people not-required; only {PUBLIC_GROUND} may hold for a "
            "part of the people, and then goes with --people notify"
        )
        raise NotUnderstoodError(message)


def _apply(this: Step, desk: Desk, facts: Facts, verdict: Verdict) -> list[str]:
    """Confirm or waive what is owed to authority, people and public; merchants are owed in any case."""
    if this.incident.aware_at is None:  # pragma: no cover - the table of stages asks for awareness first
        return []
    # A person may notify although the proposal saw no need.
    added = clocks.take_on(this, desk, owed(this, desk, facts, verdict), provisional=False)
    changed = [f"now owed: {row.key}" for row in added]
    for row in clocks.owed_in(this.session, this.incident_id):
        lifted = _is_lifted(row, facts, verdict)
        if lifted and not clocks.is_settled(row):
            clocks.waive(this, desk, row, verdict.because)
            changed.append(f"waived: {row.key}")
        elif lifted is False and row.waived_at is not None and row.recipient_id not in PLACEHOLDERS:
            clocks.reopen(this, row)
            changed.append(f"owed again: {row.key}")
    return changed


def _is_lifted(row: Obligation, facts: Facts, verdict: Verdict) -> bool | None:
    """Whether this decision lifts an obligation; ``None`` where it does not speak of it: a waiver of its own may."""
    if row.recipient_kind == RecipientKind.MERCHANT.value:
        # A processor's notice has no threshold (Art. 33(2)): only facts without any data held for merchants lift it.
        return None if facts.as_processor else True
    return is_lifted_by(clocks.terms_of(row).threshold, RecipientKind(row.recipient_kind), verdict)


def list_merchants(this: Step, desk: Desk) -> None:
    """After merchants were listed: one obligation for each, in place of the one for "not yet listed"."""
    _, facts = newest_facts(this.session, this.incident_id)
    if facts is None or this.incident.aware_at is None or not facts.sets_as(Role.PROCESSOR):
        return
    clocks.take_on(this, desk, owed(this, desk, facts, assessment.assess(facts)), provisional=False)
    for row in clocks.owed_in(this.session, this.incident_id):
        if row.recipient_id == UNLISTED_MERCHANTS.id and not clocks.is_settled(row):
            clocks.waive(this, desk, row, _REPLACED[row.recipient_id])


def _departures(this: Step, verdict: Verdict) -> tuple[str, ...]:
    """Say where the decision asks for less than the proposal did."""
    newest = this.session.exec(
        select(Assessment)
        .where(Assessment.incident_id == this.incident_id)
        .order_by(col(Assessment.id).desc())
        .limit(1)
    ).first()
    proposed: dict[str, Any] = newest.judgement if newest else {}
    warnings = []
    if proposed.get("notify_authority") and not verdict.notify_authority:
        warnings.append(
            "the proposal was to notify the authority; your reasons for not doing so are on record (Art. 33(5))"
        )
    if verdict.exception is not None and not verdict.notify_authority:
        warnings.append(
            "an exception of Art. 34(3) lifts the duty to tell the people and nothing else: it is no reason for not "
            "notifying the authority (Art. 33(1))"
        )
    if proposed.get("notify_people") and not verdict.notify_people and verdict.exception is None:
        warnings.append("the proposal saw a high risk; not telling people without a ground of Art. 34(3) is on record")
    return tuple(warnings)


def _in_words(verdict: Verdict) -> str:
    authority = "notify the authority" if verdict.notify_authority else "the authority need not be notified"
    people = "tell the people" if verdict.notify_people else "the people need not be told"
    ground = f" (Art. {verdict.exception.replace('-', '(', 1).replace('-', ')(')}))" if verdict.exception else ""
    return f"{authority}; {people}{ground}"


def _next(this: Step, judgement: Judgement) -> str:
    reference = this.incident.reference
    if this.incident.aware_at is None:
        return f'tocsin aware {reference} --at "..." --basis "..."'
    authority = "notify" if judgement.notify_authority else "not-required"
    people = "notify" if judgement.notify_people and judgement.exception is None else "not-required"
    ground = f" --exception {judgement.exception}" if judgement.exception else ""
    return f'tocsin decide {reference} --authority {authority} --people {people}{ground} --because "..."'
