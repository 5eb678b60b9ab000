"""Who else is involved in a breach, in words: joint controllers, third parties, those we process for.

Merchants are counted and never named: naming a client is a person's decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from incidents.facts.breach import Facts
from incidents.facts.choices import Discovery, Role
from notifications.language.formatting import Formatter


@dataclass(frozen=True, kw_only=True)
class Party:
    """One party beside us: what it is, and what it is called where the record says so."""

    qualification: str
    name: str


def parties_of(facts: Facts | None, merchants: int, formatter: Formatter) -> tuple[Party, ...]:
    """List the other parties in the words of one language; *merchants* is how many are on the list."""
    return tuple(_parties(facts, merchants, formatter)) if facts is not None else ()


def _parties(facts: Facts, merchants: int, formatter: Formatter) -> Iterator[Party]:
    joint = facts.sets_as(Role.JOINT_CONTROLLER)
    if joint:
        named = dict.fromkeys(formatter.line(partner) for data_set in joint for partner in data_set.joint_with)
        # A joint controller without a name is still one (Art. 26 GDPR): the record says that there is one.
        for name in named or ("",):
            yield Party(qualification=formatter.coded("parties", "joint_controller"), name=name)
    yield from _source(facts, formatter)
    if facts.as_processor:
        listed = "merchants_listed" if merchants else "merchants_unlisted"
        yield Party(
            qualification=formatter.coded("parties", "entrusting"),
            name=formatter.words.phrase("parties", listed, n=formatter.number(merchants)),
        )


def _source(facts: Facts, formatter: Formatter) -> Iterator[Party]:
    """The third party where it happened; it is called a processor only where the facts say that a processor told us."""
    party, tells = facts.source_party, facts.discovery is Discovery.PROCESSOR
    processor = formatter.coded("parties", "processor")
    if party is not None:
        kind = formatter.coded("parties", party.kind.value)
        both = formatter.form("labelled", what=processor, value=kind) if tells else kind
        yield Party(qualification=both, name=formatter.line(party.who))
    elif tells:
        yield Party(qualification=processor, name="")
