"""People who live where a law protects them that we have a file of and did not switch on: silence is no answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from incidents.facts.choices import YesNoUnknown
from incidents.obligations.applicability import lies_within

if TYPE_CHECKING:
    from incidents.facts.breach import Facts
    from incidents.law.model import Regime


@dataclass(frozen=True, kw_only=True)
class DisabledLaws:
    """Laws that are off and protect people of this breach."""

    regimes: tuple[str, ...]
    places: tuple[str, ...]
    people: int | None
    """How many live there, as far as the facts say; ``None`` where they give no number."""

    @property
    def text(self) -> str:
        """Say it in a sentence, with how one is switched on."""
        who = "People" if self.people is None else f"{self.people:,} people"
        live = "lives" if self.people == 1 else "live"
        who = "1 person" if self.people == 1 else who
        laws = ", ".join(self.regimes)
        return (
            f"{who} {live} where a law we have a file of is switched off: {laws} ({', '.join(self.places)}). "
            f"Look at one with `tocsin regimes show {self.regimes[0]}`; to switch it on, add it to `regimes` in "
            "organisation.yaml"
        )


def uncovered(on: Iterable[Regime], facts: Facts) -> tuple[str, ...]:
    """Name the places of the facts in which no law that is switched on surely protects the people who live there."""
    laws = tuple(on)
    places = dict.fromkeys(place for data_set in facts.data_sets for place in data_set.homes)
    return tuple(place for place in places if all(lies_within(place, law) is not YesNoUnknown.YES for law in laws))


def switched_off(
    laws: Iterable[Regime], on: Collection[Regime], facts: Facts, sectors: Collection[str], day: date
) -> DisabledLaws | None:
    """Find the laws in force that are off and protect people who live in a place that none of ours covers.

    A law of a sector that is not ours is left out. *laws* are all there is a file of.
    """
    ours = {regime.id for regime in on}
    # Only where nobody's law is on: who is covered by one law is not asked about every other that may protect them,
    # too.
    places = uncovered(on, facts)
    off = [
        law
        for law in laws
        if law.id not in ours
        and law.applies_on(day)
        # Whoever has said nothing of sectors is not warned of the laws of each one.
        and (not law.applies.sectors or set(law.applies.sectors) & set(sectors))
        and any(lies_within(place, law) is not YesNoUnknown.NO for place in places)
    ]
    places = tuple(place for place in places if any(lies_within(place, law) is not YesNoUnknown.NO for law in off))
    if not off:
        return None
    numbers = [
        data_set.countries[place] for data_set in facts.data_sets for place in places if place in data_set.countries
    ]
    # As many as are known, and no number at all where none is: never a sum that reads like the whole.
    known = [number for number in numbers if number is not None]
    return DisabledLaws(
        regimes=tuple(sorted(law.id for law in off)), places=places, people=sum(known) if known else None
    )
