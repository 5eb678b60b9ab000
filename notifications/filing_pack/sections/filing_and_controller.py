"""Sections 1.1 to 2.3.1: the notification itself, the controller, who reports, whom to ask, who else is involved.

Who fills in the form is never guessed: the answers come from the organisation's file and the filings on record.
"""

from __future__ import annotations

from notifications.filing_pack.answers import Answers, AnswerState, FormAnswer, answered, for_a_person, missing
from notifications.filing_pack.context import PackContext
from notifications.letters.context.parties import parties_of

_FILE = "organisation.yaml"


def answer_filing(ctx: PackContext) -> Answers:
    """Answer fields 5 to 7; fields 3 and 4 follow from the phase (fill.py)."""
    earlier = ctx.initial_filing
    because = ctx.withdrawn_because or ctx.case.dismissed_because
    first = missing("no initial filing with this authority on record: tocsin submit --phase initial")
    return {
        5: answered("reason given, or reason of the dismissal", ctx.free(because))
        if because
        else missing("say why it is withdrawn: tocsin pack --because TEXT, or tocsin dismiss"),
        6: answered("reference of the initial filing", ctx.line(earlier.reference)) if earlier else first,
        7: answered("reference of the case", ctx.case.reference),
    }


def answer_controller(ctx: PackContext) -> Answers:
    """Answer fields 10 to 19."""
    number = _ours(ctx, ("registration",))
    contact = _ours(ctx, ("address",), ("contact_point", "email"), ("contact_point", "phone"))
    missing_one = for_a_person("the representative under Art. 27 GDPR; organisation.yaml: representative")
    has_one = bool(ctx.ours("representative", "name"))
    where = (("representative", "address"), ("representative", "email"), ("representative", "phone"))
    return {
        # "b" is an organisation number, which is what `registration` holds; "a" is a company id, "c" a VAT number.
        10: answered(f"{_FILE}: registration", "b") if number.values else number,
        11: number,
        12: _ours(ctx, ("legal_name",)),
        13: contact,
        **dict.fromkeys((14, 15, 16), for_a_person("private or public, and the size of the organisation")),
        17: for_a_person("the NACE code of the organisation"),
        18: _ours(ctx, ("representative", "name")) if has_one else missing_one,
        19: _ours(ctx, *where) if has_one else missing_one,
    }


def answer_people_to_ask(ctx: PackContext) -> Answers:
    """Answer fields 21 to 36 (Art. 33(3)(b) GDPR)."""
    dpo = ctx.ours("dpo", "name")
    reporter = for_a_person("whoever files: name, contact and function")
    has_contact = bool(ctx.ours("contact_point", "name"))
    return {
        **dict.fromkeys((21, 22, 23, 24), reporter),
        25: for_a_person("only where the authority asks for it"),
        26: for_a_person("the declaration of whoever files"),
        29: answered(f"{_FILE}: dpo", "Yes") if dpo else for_a_person("whether there is one, and who"),
        30: _ours(ctx, ("dpo", "name")),
        31: _ours(ctx, ("dpo", "email"), ("dpo", "phone")),
        # "c" is another contact than the DPO ("a") or whoever reports ("b").
        33: answered(f"{_FILE}: contact_point" if has_contact else f"{_FILE}: dpo", "c" if has_contact else "a"),
        34: _ours(ctx, ("contact_point", "name")),
        35: answered(f"{_FILE}: contact_point", ctx.formatter.coded("parties", "contact_point")),
        36: _ours(ctx, ("contact_point", "email"), ("contact_point", "phone"), ("contact_point", "url")),
    }


def answer_others(ctx: PackContext) -> Answers:
    """Answer fields 38 to 41; merchants are counted, not named: naming a client is for a person to decide."""
    involved = parties_of(ctx.facts, len(ctx.case.merchants), ctx.formatter)
    details = for_a_person("names and contacts of the other parties")
    if not involved:
        question = for_a_person("whether processors or joint controllers are involved; the record names none")
        return {38: question, 39: details, 40: details, 41: details}
    source = "facts: role, joint_with, source_party, discovery"
    names = [party.name for party in involved if party.name]
    nameless = [party.qualification for party in involved if not party.name]
    whose = f"the name of: {'; '.join(nameless)}"
    return {
        38: answered(source, "a"),
        39: answered(source, "; ".join(dict.fromkeys(party.qualification for party in involved))),
        40: FormAnswer(state=AnswerState.FOR_A_PERSON, values=tuple(names), source=whose)
        if nameless
        else answered(source, *dict.fromkeys(names)),
        41: for_a_person("contacts of the other parties"),
    }


def _ours(ctx: PackContext, *paths: tuple[str, ...]) -> FormAnswer:
    """Answer from the organisation's file."""
    place = f"{_FILE}: {', '.join('.'.join(path) for path in paths)}"
    text = ctx.ours_joined(*paths)
    return answered(place, text) if text else missing(f"adapt {place}")
