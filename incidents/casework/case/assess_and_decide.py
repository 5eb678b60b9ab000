"""From facts to a person's decision: record a version of the facts, propose a judgement, record who decided what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from incidents.access.people import ActingPerson
from incidents.assessment import proposal
from incidents.assessment.proposal import ProposedAssessment
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.decision import PUBLIC_GROUND, RiskDecision
from incidents.casework.base.latest import newest_facts
from incidents.casework.base.times import refuse_future
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.case.awareness import earlier_indicators
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines.derive import derived_obligations, is_settled_by_region, take_on_facts
from incidents.facts.breach import Facts
from incidents.facts.second_person import address_in
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.obligations.derivation import is_lifted_by
from incidents.obligations.recipients import PLACEHOLDERS, RecipientKind
from incidents.storage.tables.case import Assessment, Decision, FactsVersion
from incidents.storage.tables.obligations import Obligation
from incidents.texts.timeline_texts import decision_text, timeline_text

EXCEPTIONS = ("34-3-a", "34-3-b", "34-3-c")
"""The grounds of Art. 34(3) GDPR on which people need not be written to."""


def record_facts(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    facts: Facts | None,
    *,
    expected_version: int | None = None,
) -> tuple[Result, ProposedAssessment]:
    """Record what is known, score it, propose a verdict; without *facts*, judge the newest version again.

    Raises:
        InvalidInputError: the facts say that something happened at a time that has not come yet.
        RefusedError: there are no facts yet.

    """
    if facts is not None:
        _refuse_what_is_to_come(facts, now)
    with unit_of_work(ctx, actor, now, reference, Verb.ASSESS, expected_version=expected_version) as uow:
        version, body = (
            (_add_facts(uow, facts), facts) if facts is not None else newest_facts(uow.session, uow.incident_id)
        )
        if body is None:
            message = f"no facts are recorded yet: tocsin assess {uow.incident.reference} --file scope.yaml"
            raise RefusedError(message)
        judgement = proposal.assess(body)
        row = Assessment(
            incident_id=uow.incident_id,
            facts_version=version,
            judgement=proposal.as_json(judgement),
            author=actor.name,
            recorded_at=now,
        )
        uow.session.add(row)
        uow.audit("facts.recorded", rows=(row,), version=version, risk=judgement.risk.value)
        uow.note("assessed", timeline_text("assessed", version=version, risk=judgement.risk.value))
        # Facts that do not say when it happened take back no earlier answer.
        if body.occurred_from is not None:
            uow.incident.occurred_at = body.occurred_from
        derived = take_on_facts(uow, ctx, body, judgement)
        return uow.done(
            f"facts version {version}: proposed {judgement.risk.value}",
            *(f"now owed: {row.key}" for row in derived),
            next_command=_next(uow, judgement),
            warnings=(*earlier_indicators(uow), *_spoken_to(body)),
        ), judgement


def _refuse_what_is_to_come(facts: Facts, now: datetime) -> None:
    party = facts.source_party
    stated = {
        "`occurred_from`": facts.occurred_from,
        "`occurred_to`": facts.occurred_to,
        "`source_party.became_aware_at`": party.became_aware_at if party else None,
        "`source_party.told_us_at`": party.told_us_at if party else None,
    }
    for name, at in stated.items():
        if at is not None:
            refuse_future(at, now, name)


def _spoken_to(facts: Facts) -> tuple[str, ...]:
    """The summary is quoted to authorities: words of a letter to the people are none for them."""
    word = address_in(facts.summary)
    if word is None:
        return ()
    warning = (
        f"`summary` addresses the reader (“{word}”), but authorities read it: say it about the people; the words for "
        "them belong under `account`"
    )
    return (warning,)


def _add_facts(uow: UnitOfWork, facts: Facts) -> int:
    newest = uow.session.exec(
        select(func.max(FactsVersion.version)).where(FactsVersion.incident_id == uow.incident_id)
    ).one()
    version = (newest or 0) + 1
    row = FactsVersion(
        incident_id=uow.incident_id,
        version=version,
        author=uow.actor.name,
        recorded_at=uow.now,
        # A stated "unknown" is kept: the judgement takes it for more than silence.
        body=facts.model_dump(mode="json", exclude_unset=True),
    )
    uow.session.add(row)
    uow.note("facts", timeline_text("facts", version=version, summary=facts.summary))
    # One kind of entry for facts and for their assessment: without a risk it vouches for the facts alone.
    uow.audit("facts.recorded", rows=(row,), version=version, risk=None)
    return version


def decide(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    verdict: RiskDecision,
    *,
    expected_version: int | None = None,
) -> Result:
    """Write down what a named person decided; the proposal may be departed from, with reasons.

    Raises:
        InvalidInputError: no reasons, or an exception that does not fit.
        RefusedError: the facts have not been assessed.

    """
    _check(verdict)
    with unit_of_work(ctx, actor, now, reference, Verb.DECIDE, expected_version=expected_version) as uow:
        version, facts = newest_facts(uow.session, uow.incident_id)
        if facts is None:  # pragma: no cover - the table of stages asks for an assessment first
            message = "no facts are recorded yet"
            raise RefusedError(message)
        row = Decision(
            incident_id=uow.incident_id, facts_version=version, author=actor.name, decided_at=now, **verdict.__dict__
        )
        uow.session.add(row)
        uow.audit(
            "decision.made",
            rows=(row,),
            facts_version=version,
            authority=verdict.notify_authority,
            people=verdict.notify_people,
            exception=verdict.exception,
        )
        codes = _in_codes(verdict)
        uow.note("decided", timeline_text("decided", **codes, because=verdict.because))
        changed = _apply(uow, ctx, facts, verdict)
        return uow.done(
            decision_text(**codes),
            *changed,
            next_command=f"tocsin drafts {uow.incident.reference}",
            warnings=(*_departures(uow, verdict), *_remaining(uow, verdict)),
        )


def _check(verdict: RiskDecision) -> None:
    if not verdict.because.strip():
        message = "a decision needs reasons: --because TEXT"
        raise InvalidInputError(message)
    if verdict.exception is not None and verdict.exception not in EXCEPTIONS:
        message = f"{verdict.exception!r} is no ground of Art. 34(3): choose {', '.join(EXCEPTIONS)}"
        raise InvalidInputError(message)
    # Disproportionate effort is a matter of each person: who can be reached is written to, the rest told in public.
    if verdict.exception not in {None, PUBLIC_GROUND} and verdict.notify_people:
        message = (
            f"the exception {verdict.exception} goes with --people not-required; only {PUBLIC_GROUND} may hold for a "
            "part of the people, and then goes with --people notify"
        )
        raise InvalidInputError(message)


def _apply(uow: UnitOfWork, ctx: UseCaseContext, facts: Facts, verdict: RiskDecision) -> list[str]:
    """Confirm or waive what is owed to authority, people and public; merchants are owed in any case."""
    if uow.incident.aware_at is None:  # pragma: no cover - the table of stages asks for awareness first
        return []
    # A person may notify although the proposal saw no need.
    derived = derived_obligations(uow, ctx, facts, verdict)
    added = bookkeeping.create_obligation(uow, ctx, derived, provisional=False)
    keys = {obligation.duty_key for obligation in derived}
    changed = [f"now owed: {row.key}" for row in added]
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        lifted = _is_lifted(row, facts, verdict)
        if lifted and not obligation_rows.is_settled(row):
            bookkeeping.waive(uow, ctx, row, verdict.because)
            changed.append(f"waived: {row.key}")
        # Opened again, the country's own duty would be owed a second time beside that of its region.
        elif is_settled_by_region(row, keys):
            continue
        # `is False`, for None means that the decision does not speak of this duty: a waiver with reasons of its own
        # stands. What stood for recipients not yet known has been replaced, and does not come back by a decision.
        elif lifted is False and row.waived_at is not None and row.recipient_id not in PLACEHOLDERS:
            bookkeeping.reopen(uow, [row])
            changed.append(f"owed again: {row.key}")
    return changed


def _is_lifted(row: Obligation, facts: Facts, verdict: RiskDecision) -> bool | None:
    """Whether this decision lifts an obligation; ``None`` where it does not speak of it: a waiver of its own may."""
    if row.recipient_kind == RecipientKind.MERCHANT.value:
        # A processor's notice has no threshold (Art. 33(2)): only facts without any data held for merchants lift it.
        return None if facts.as_processor else True
    return is_lifted_by(obligation_rows.terms_of(row).threshold, RecipientKind(row.recipient_kind), verdict)


def _departures(uow: UnitOfWork, verdict: RiskDecision) -> tuple[str, ...]:
    """Say where the decision asks for less than the proposal did."""
    newest = uow.session.exec(
        select(Assessment).where(Assessment.incident_id == uow.incident_id).order_by(col(Assessment.id).desc()).limit(1)
    ).first()
    proposed: dict[str, Any] = newest.judgement if newest else {}
    warnings = []
    # A person may decide against every one of these; they are warnings, never refusals (no decision with legal effect
    # is the software's). What was departed from is on record beside the decision all the same.
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


def _remaining(uow: UnitOfWork, verdict: RiskDecision) -> tuple[str, ...]:
    """Name what remains owed although the decision asks for no letter, or no notification: other laws ask for it."""
    silent = {
        RecipientKind.PEOPLE.value: not verdict.notify_people,
        RecipientKind.AUTHORITY.value: not verdict.notify_authority,
    }
    return tuple(
        f"{row.key} ({row.recipient_name}) remains owed whatever was decided on the risk; "
        f'if it is not owed: tocsin waive {uow.incident.reference} {row.key} --because "..."'
        for row in obligation_rows.obligations_in(uow.session, uow.incident_id)
        if silent.get(row.recipient_kind, False) and not obligation_rows.is_settled(row)
    )


def _in_codes(verdict: RiskDecision) -> dict[str, Any]:
    return {
        "authority_told": verdict.notify_authority,
        "people_told": verdict.notify_people,
        "exception": verdict.exception or "",
    }


def _next(uow: UnitOfWork, judgement: ProposedAssessment) -> str:
    reference = uow.incident.reference
    if uow.incident.aware_at is None:
        return f'tocsin aware {reference} --at "..." --basis "..."'
    authority = "notify" if judgement.notify_authority else "not-required"
    # The command to copy claims the ground that the facts carry; whoever does not want it strikes it out.
    people = "notify" if judgement.notify_people and judgement.exception is None else "not-required"
    ground = f" --exception {judgement.exception}" if judgement.exception else ""
    return f'tocsin decide {reference} --authority {authority} --people {people}{ground} --because "..."'
