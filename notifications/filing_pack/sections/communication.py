"""Fields 97 to 126: whether people have been informed, other bodies, the countries concerned, attachments.

A letter that was only handed over for delivery is never reported as delivered.
"""

from __future__ import annotations

from typing import Final

from incidents.case.case_file import DraftLine
from incidents.case.message_machine import WENT_OUT
from incidents.case.risk_finding import RiskLevel, outcome_of
from incidents.casework.base.decision import PUBLIC_GROUND
from incidents.facts.choices import YesNoUnknown
from incidents.law.duty_ids import is_gdpr_or_amended
from incidents.obligations.recipients import PLACEHOLDERS, RecipientKind
from notifications.filing_pack import codes
from notifications.filing_pack.answers import (
    Answers,
    FormAnswer,
    answered,
    for_a_person,
    missing,
    not_yet_known,
    written,
)
from notifications.filing_pack.context import PackContext
from notifications.filing_pack.sections.course_and_nature import ASSESS
from notifications.filing_pack.sections.people_and_data import countries_of

_LEDGER: Final = "ledger of letters"
_OTHER_BODIES: Final = "whether the police or other bodies have been told"
_COUNTRIES: Final = "facts: countries"


def answer_communication(ctx: PackContext) -> Answers:
    """Answer fields 97 to 106 (Art. 34 GDPR)."""
    decision = ctx.case.decision
    letter = _letter(ctx)
    exception = decision.exception if decision else None
    return {
        97: _communicated(ctx),
        **_letters(ctx),
        99: for_a_person("the date that is planned"),
        100: answered("decision", codes.EXCEPTION[exception]) if exception else missing("tocsin decide --exception"),
        101: _grounds(ctx),
        **_means(ctx),
        106: answered(f"draft {letter.id}, version {letter.version}", ctx.verbatim(letter.text))
        if letter
        else for_a_person("the text of the letter"),
    }


def _means(ctx: PackContext) -> Answers:
    """Fields 104 and 105: letters alone, or letters beside a public communication (Art. 34(3)(c) GDPR)."""
    decision = ctx.case.decision
    if decision is None or decision.exception != PUBLIC_GROUND:
        return {104: answered(_LEDGER, "a"), 105: for_a_person("the other means")}
    # The form takes one means only: letters beside a public communication are its "c" (other), said in words in field
    # 105.
    both = ctx.formatter.coded("outcome", "also_public")
    return {104: answered(f"{_LEDGER}; decision", "c"), 105: answered(f"{_LEDGER}; decision", both)}


def _communicated(ctx: PackContext) -> FormAnswer:
    """Field 97; "on a date to be determined" is an answer that the form takes from a complete filing too."""
    decision = ctx.case.decision
    # The ledger before the decision: what went out is a fact, whatever was decided since.
    if any(line.kind == "people" and line.first_sent_at for line in ctx.case.ledger):
        return answered(_LEDGER, "a")
    if decision is None:
        return not_yet_known("a named person decides: tocsin decide")
    if decision.notify_people:
        return answered("decision; no letter has been sent yet", "b1")
    outcome = outcome_of(ctx.case)
    if outcome is not None and outcome.level is RiskLevel.CONTROLLERS and not decision.exception:
        return for_a_person("we are processor only: the controllers decide whether people are told (Art. 34 GDPR)")
    return answered("decision", "e" if decision.exception else "d")


def _letters(ctx: PackContext) -> Answers:
    """Fields 98, 102, 103: since when, whether all, and if not, how many letters stand where."""
    lines = [line for line in ctx.case.ledger if line.kind == "people"]
    began = min((line.first_sent_at for line in lines if line.first_sent_at), default=None)
    # The larger of letters ordered and people listed: somebody on the list without a letter has not been informed.
    total = max(sum(line.total for line in lines), ctx.case.people_imported)
    reached = sum(line.states.get(state, 0) for line in lines for state in WENT_OUT)
    states: dict[str, int] = {}
    for line in lines:
        for state, number in line.states.items():
            states[state] = states.get(state, 0) + number
    counts = ", ".join(
        f"{_named(state, ctx)} {ctx.formatter.number(number)}" for state, number in sorted(states.items())
    )
    count = {"accepted": ctx.formatter.number(reached), "total": ctx.formatter.number(total)}
    return {
        98: answered(_LEDGER, ctx.date_of(began)) if began else missing("send the letters: tocsin send"),
        102: answered(_LEDGER, "a" if reached >= total else "b"),
        103: answered(f"{_LEDGER}; add why", ctx.formatter.words.phrase("outcome", "counted", **count, states=counts)),
    }


def _named(state: str, ctx: PackContext) -> str:
    """A state of delivery in the words of the report; without them as it is recorded."""
    return ctx.reasoning.term("delivery", state) if ctx.reasoning else state


def _grounds(ctx: PackContext) -> FormAnswer:
    """Field 101: the facts that carry the exception, and the reasons of the decision."""
    facts, decision = ctx.facts, ctx.case.decision
    by_exception = {
        "34-3-a": [data_set.protection.detail for data_set in ctx.sets],
        "34-3-b": [facts.high_risk_averted_by if facts else None],
        "34-3-c": [facts.direct_contact_disproportionate if facts else None],
    }
    grounds = by_exception.get((decision.exception if decision else None) or "", [])
    because = [*grounds, decision.because] if decision else []
    text = "\n".join(ctx.free(reason) for reason in because if reason)
    return written("facts and decision", text, ASSESS)


def _letter(ctx: PackContext) -> DraftLine | None:
    """The letter to people: in the pack's language if there is one, the approved before the others."""
    drafts = [draft for draft in ctx.case.drafts if draft.kind == "people"]
    ranked = sorted(drafts, key=lambda letter: (letter.language != ctx.words.language, letter.approved_at is None))
    return ranked[0] if ranked else None


def answer_other_bodies(ctx: PackContext) -> Answers:
    """Answer fields 109 to 111: what the record proves, and what is required and not filed yet."""
    facts = ctx.facts
    police = bool(facts and "police_informed" in facts.measures_taken)
    others = [
        obligation
        for obligation in ctx.case.obligations
        if obligation.recipient.kind is RecipientKind.AUTHORITY
        and not is_gdpr_or_amended(obligation.terms.regime)
        # The authority of this very form is not another body, also where it is competent under a second law.
        and obligation.recipient.id not in {ctx.authority_id, *PLACEHOLDERS}
        and not obligation.provisional
    ]
    informed = [other for other in others if other.filings]
    names = {obligation.recipient.name for obligation in informed}
    still = dict.fromkeys(
        f"{other.recipient.name} ({ctx.formatter.cited(other.terms.citation.article)})"
        for other in others
        if other.waived_at is None and not other.filings and other.recipient.name not in names
    )
    lines = [f"{body.recipient.name}: {ctx.line(body.filings[0].reference)}" for body in informed]
    lines += [ctx.formatter.words.phrase("outcome", "still_to_be_notified", who=who) for who in still]
    return {
        109: answered("facts: measures_taken", "a") if police else for_a_person(_OTHER_BODIES),
        110: _others_informed(informed=bool(informed), still=tuple(still)),
        111: answered("filings on record; obligations of the case", "\n".join(lines))
        if lines
        else for_a_person("which body, and its reference"),
    }


def _others_informed(*, informed: bool, still: tuple[str, ...]) -> FormAnswer:
    """Field 110: yes with a filing on record; no where something is required and nothing filed; else nobody knows."""
    if informed:
        return answered("filings on record", "a")
    if still:
        return answered(f"required, and no filing on record yet: {', '.join(still)}; yes once one is filed", "b")
    return for_a_person(_OTHER_BODIES)


def answer_borders(ctx: PackContext) -> Answers:
    """Answer fields 113 to 123; the one section for a controller in the EEA, or the one for others."""
    facts = ctx.facts
    crosses = facts.cross_border if facts else YesNoUnknown.UNKNOWN
    countries = countries_of(facts, ctx.sets)
    places = answered(_COUNTRIES, *countries) if countries else not_yet_known(ASSESS)
    counted = [(country, number) for country, number in countries.items() if number is not None]
    how_many = for_a_person("about how many in each country; the record names no numbers")
    numbers = answered(_COUNTRIES, *counted) if counted else how_many if countries else not_yet_known(ASSESS)
    code = {YesNoUnknown.YES: "a", YesNoUnknown.NO: "b"}.get(crosses)
    authorities = _authorities(ctx)
    return {
        113: answered("facts: cross_border", code) if code else _unknown(ctx),
        114: answered("organisation.yaml: authority", ctx.ours("authority", "name")),
        115: answered("organisation.yaml: main_establishment; add other establishments", ctx.home),
        116: places,
        117: numbers,
        118: authorities,
        120: answered("facts: countries", "a") if countries else _unknown(ctx),
        121: places,
        122: numbers,
        123: authorities,
    }


def _unknown(ctx: PackContext) -> FormAnswer:
    """Give the form's own "unknown" where facts are stated and leave a question about borders open."""
    return answered("facts leave it open", "c") if ctx.facts else not_yet_known(ASSESS)


def _authorities(ctx: PackContext) -> FormAnswer:
    """Supervisory authorities of the EEA that the GDPR requires to be notified; other bodies stand in field 110."""
    named = {
        obligation.recipient.name
        for obligation in ctx.case.obligations
        if obligation.recipient.kind is RecipientKind.AUTHORITY
        and is_gdpr_or_amended(obligation.terms.regime)
        # ``DE-BE`` is in DE. Placeholders and authorities elsewhere are none of the EEA's, which are all that field 118
        # lists.
        and obligation.recipient.id[:2] in codes.EEA
    }
    nothing = missing("no notification to an authority is required yet")
    return answered("obligations of the case", *sorted(named)) if named else nothing


def answer_attachments(ctx: PackContext) -> Answers:
    """Answer fields 125 and 126: what the record can give; each is attached by hand."""
    has = {"a": any(draft.kind == "people" and draft.approved_at for draft in ctx.case.drafts),
           "b": ctx.case.judgement is not None}  # fmt: skip
    codes = [code for code, is_there in has.items() if is_there]
    hint = for_a_person("what is attached")
    return {125: answered("drafts and assessment of the case", *codes) if codes else hint, 126: hint}
