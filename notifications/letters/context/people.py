"""What a letter says beside the facts as such: what was seen already, whose law it names, who reads it for a child."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from incidents.case.case_file import CaseFile, ObligationFile
from incidents.facts.breach import Facts
from incidents.facts.choices import BreachType, Exfiltration, YesNoUnknown
from incidents.facts.data_kinds import DataKind, kind_of, rows_of
from incidents.facts.data_set import DataSet
from incidents.law.duty_ids import is_gdpr_or_amended
from incidents.obligations.recipients import RecipientKind
from notifications.language.catalogue import Catalogue, readable

_SERVES: Final = "the same notice serves"
"""With these words a notice's rule names the other laws that it is for (incidents/obligations/derivation.py)."""

_CHILDREN: Final = frozenset({"children", "minors", "pupils"})
"""Groups of people of whom a parent or guardian may be the reader (Art. 12(1) GDPR)."""

_OUT_OF_HAND: Final = frozenset(
    {
        "loss", "theft", "disposal", "mispostal", "misdelivery", "wrong_recipient", "open_list", "wrong_person_shown",
        "verbal_disclosure",
    }
)  # fmt: skip
"""How data came out of our hands without anybody copying them from a system: they are seen, not copied."""

_MONEY: Final = frozenset({"payment_card", "bank_account", "financial_access", "financial", "iban", "payout"})
_WHEREABOUTS: Final = frozenset({"address", "location", "protected_address", "contact"})

# A consequence that is not listed here can come from any data (`_can_arise`): the tables leave out, they never add.
_WITH_KINDS: Final[Mapping[str, Callable[[DataKind], bool]]] = {
    "identity_theft": lambda kind: kind.identity_theft,
    "account_takeover": lambda kind: kind.credential,
    "unauthorised_payments": lambda kind: _is(kind, _MONEY) or (kind.credential and kind.identity_theft),
    "professional_secrecy": lambda kind: kind.special,
    "physical_harm": lambda kind: _is(kind, _WHEREABOUTS) or kind.special,
}
"""Consequences that need data of a certain kind."""

_WITH_BREACH: Final[Mapping[str, BreachType]] = {
    "service_unavailable": BreachType.AVAILABILITY,
    "data_loss": BreachType.AVAILABILITY,
    "wrong_data": BreachType.INTEGRITY,
}
"""Consequences that need a breach of a certain type."""


_AT_LEAST: Final[Mapping[BreachType, str]] = {
    BreachType.CONFIDENTIALITY: "disclosure",
    BreachType.INTEGRITY: "wrong_data",
    BreachType.AVAILABILITY: "service_unavailable",
}
"""What a breach of each type leads to at least."""


def describe_people(case: CaseFile, words: Catalogue, data: Mapping[str, Any]) -> dict[str, Any]:
    """Give what letters to people and merchants say of consequences, law and readers; *data* is `describe_case`'s."""
    facts = case.facts
    # As in `reported_sets`: where we are processor only, all data sets are meant.
    own = (facts.as_controller or facts.data_sets) if facts else ()
    others = facts.as_processor if facts else ()
    seen, likely = _consequences(own, facts)
    theirs_seen, theirs = _consequences(others, facts)
    return {
        "seen_you": [_seen(code, words) for code in seen],
        "consequences_you": [_you(code, words) for code in likely],
        "entrusted_seen": [_seen(code, words) for code in theirs_seen],
        "entrusted_consequences": [_name(code, words) for code in theirs],
        "letter_spread": _spread(own, facts, words),
        "entrusted_spread": _spread(others, facts, words),
        "unknowns": [sentence for sentence in data["unknowns"] if not _is_mentioned(sentence, own, words)],
        "steps_any_law": _steps(data["steps"], words),
        "for_children": any(_CHILDREN & set(data_set.subjects) for data_set in own),
        "only_gdpr_for_people": _is_gdpr_alone(case, RecipientKind.PEOPLE),
        "only_gdpr_for_merchants": _is_gdpr_alone(case, RecipientKind.MERCHANT),
    }


def can_arise(consequence: str, sets: Iterable[DataSet]) -> bool:
    """Whether a consequence can come from these data; where they are not known well enough, it can."""
    return any(_can_arise(consequence, data_set) for data_set in sets)


def _can_arise(consequence: str, data_set: DataSet) -> bool:
    if needed := _WITH_BREACH.get(consequence):
        return not data_set.breach or needed in data_set.breach
    if (test := _WITH_KINDS.get(consequence)) is None:
        return True
    kinds = [kind_of(word) for word in data_set.kinds]
    # Kinds that nobody has stated, or a word we do not know, rule nothing out.
    if not kinds or not all(kind.known for kind in kinds):
        return True
    # "Unknown" counts as yes here: a person named the consequence, and only a stated no contradicts it.
    special = consequence == "professional_secrecy" and data_set.special_categories is not YesNoUnknown.NO
    return special or any(test(kind) for kind in kinds)


def _spread(sets: tuple[DataSet, ...], facts: Facts | None, words: Catalogue) -> list[str]:
    """Say whether data left and whether anybody could reach them, once for each answer; unknown is said, too."""
    out_of_hand = facts is not None and facts.cause.nature in _OUT_OF_HAND
    sentences = []
    for data_set in sets:
        if data_set.published is YesNoUnknown.YES:
            sentences.append(words.phrase("spread", "published"))
        if data_set.exfiltration is not Exfiltration.NOT_APPLICABLE:
            code = data_set.exfiltration.value
            seen = words.coded("out_of_hand", code) if out_of_hand else None
            sentences.append(seen or words.phrase("exfiltration", code))
    return list(dict.fromkeys(sentences))


def _is_mentioned(unknown: str, sets: tuple[DataSet, ...], words: Catalogue) -> bool:
    """Whether the account of what happened says already that this is not known: nothing is said twice."""
    is_stated = any(data_set.exfiltration is Exfiltration.UNKNOWN for data_set in sets)
    return is_stated and unknown.startswith(words.phrase("not_yet", "exfiltration"))


def _steps(steps: Iterable[Mapping[str, Any]], words: Catalogue) -> list[dict[str, Any]]:
    """Word a merchant's steps without the articles of a law that may not be its own."""
    section = words.section("merchant_steps_any_law")
    # Paired by their order in the catalogue; strict, so that a step added to one section only fails loudly.
    return [{**step, **texts} for step, texts in zip(steps, section.values(), strict=True)]


def _consequences(sets: tuple[DataSet, ...], facts: Facts | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part what was seen with these data from what may still come of them; the facts name the latter for all data.

    Left out is only what can come of the others' data and not of these: what a person named and no data show, stays.
    """
    if facts is None or not sets:
        return (), ()
    seen = tuple(dict.fromkeys(code for data_set in sets for code in data_set.consequences_seen))
    others = tuple(data_set for data_set in facts.data_sets if data_set not in sets)
    likely = [code for code in facts.likely_consequences if can_arise(code, sets) or not can_arise(code, others)]
    if facts.likely_consequences and not likely and not seen:
        # What the facts name comes of the other data; what was breached here still has a consequence of its own.
        likely = [code for kind, code in _AT_LEAST.items() if any(kind in data_set.breach for data_set in sets)]
    return seen, tuple(code for code in dict.fromkeys(likely) if code not in seen)


def _seen(code: str, words: Catalogue) -> str:
    own = words.coded("consequences", code, "seen") if _has(code, words) else None
    return own or words.phrase("forms", "seen", what=_name(code, words))


def _you(code: str, words: Catalogue) -> str:
    shown = readable(code)
    return words.coded("consequences", code, "you") or f"{shown[:1].upper()}{shown[1:]}."


def _name(code: str, words: Catalogue) -> str:
    return words.coded("consequences", code, "name") or readable(code)


def _has(code: str, words: Catalogue) -> bool:
    return isinstance(words.section("consequences").get(code), Mapping)


def _is_gdpr_alone(case: CaseFile, to: RecipientKind) -> bool:
    """Whether the GDPR alone asks for these letters, so that its articles are every reader's."""
    obligations = [
        obligation
        for obligation in case.obligations
        if obligation.recipient.kind is to and obligation.waived_at is None
    ]
    return all(_is_of_gdpr(obligation) for obligation in obligations)


def _is_of_gdpr(obligation: ObligationFile) -> bool:
    # ``...; the same notice serves ke-dpa/controller, uk-gdpr/controller``: laws are told from other words by their
    # slash.
    others = obligation.terms.rule.partition(_SERVES)[2]
    laws = [word for word in others.replace(",", " ").split() if "/" in word]
    return all(is_gdpr_or_amended(law) for law in (obligation.terms.regime, *laws))


def _is(kind: DataKind, slugs: frozenset[str]) -> bool:
    return bool(slugs & {kind.slug, *rows_of(kind.slug)})
