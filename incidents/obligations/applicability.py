"""Whether a law applies at all, by what is known: where we are established, where the people live, sector, role.

What is not known is answered with *unknown*, never with *no*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from incidents.facts.choices import YesNoUnknown
from incidents.law.model import Duty, DutyHolder, Regime

if TYPE_CHECKING:
    from incidents.facts.breach import Facts
    from incidents.facts.data_set import DataSet

EU: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 - a list of codes reads best as words
)
EEA: Final = EU | {"IS", "LI", "NO"}
_GROUPS: Final = {"EU": EU, "EEA": EEA}


@dataclass(frozen=True, kw_only=True)
class Applies:
    """Whether a law or a duty applies, and why; *unknown* names what to find out."""

    answer: YesNoUnknown
    because: tuple[str, ...]


def applicable(regime: Regime, facts: Facts, establishment: str | None, sectors: Collection[str] = ()) -> Applies:
    """Say whether *regime* reaches these facts; its dates and its status are another question (Regime.applies_on).

    All of these must hold: a connection with the law's place (we are established there, or affected people live
    there), a sector it is about, and a role that one of its duties falls on. One *no* is enough for no.

    Args:
        regime: the law.
        facts: what is known of the breach.
        establishment: where we are established: a country, or a country and its part (``DE``, ``US-CA``).
        sectors: what we are, in the words of the law's ``sectors``; empty where nobody said.

    """
    return _all((_by_place(regime, facts, establishment), _by_sector(regime, sectors), _by_role(regime, facts)))


def binds_where_established(regime: Regime, establishment: str | None, sectors: Collection[str] = ()) -> bool:
    """Whether *regime* surely reaches us before anything is known of the people: by our place and our sector alone."""
    # A law that reaches us only by where people live says nothing before anybody is known to live there.
    if not regime.applies.established and regime.applies.residents:
        return False
    answers = (*_by_establishment(regime, establishment), _by_sector(regime, sectors))
    return all(answer.answer is YesNoUnknown.YES for answer in answers)


def lies_partly_within(regime: Regime, facts: Facts) -> bool:
    """Whether people live in a country of which the law binds only a part, so that in doubt it reaches us."""
    places = {place for data_set in facts.data_sets for place in data_set.homes}
    # Unknown comes only of a country that has parts (``US`` where the law is of ``US-CA``): of any other place it is
    # yes or no.
    return any(_within_any(place, regime.applies.residents) is YesNoUnknown.UNKNOWN for place in places)


def reaches_threshold(duty: Duty, regime: Regime, facts: Facts) -> Applies:
    """Say whether the number of people passes the duty's threshold: "more than 500 residents" is ``threshold_min`` 501.

    Counted are the people who live in the places of the law's reach, or everybody where it names none. A number that
    alone suffices (beside other conditions) never says no when it is missed: the other conditions may be met.
    """
    least, most = residents_among(regime, facts)
    shown = f"between {least} and {'an unknown number of' if most is None else most} people count here"
    answers = []
    if duty.threshold_min is not None:
        # Missed, it is unknown and not yes: the other conditions are a person's to look at.
        short = YesNoUnknown.UNKNOWN if duty.threshold_min_suffices else YesNoUnknown.NO
        reached = _compared(least, most, duty.threshold_min)
        answer = {True: YesNoUnknown.YES, False: short, None: YesNoUnknown.UNKNOWN}[reached]
        answers.append(Applies(answer=answer, because=(f"{shown}; it takes {duty.threshold_min} or more",)))
    if duty.threshold_max is not None:
        above = _compared(least, most, duty.threshold_max + 1)
        answer = {True: YesNoUnknown.NO, False: YesNoUnknown.YES, None: YesNoUnknown.UNKNOWN}[above]
        answers.append(Applies(answer=answer, because=(f"{shown}; it takes {duty.threshold_max} or fewer",)))
    return _all(answers) if answers else Applies(answer=YesNoUnknown.YES, because=("no number of people is asked for",))


def _all(answers: list[Applies] | tuple[Applies, ...]) -> Applies:
    """One *no* settles it, then one *unknown*; what settled it is said first."""
    # No before unknown: what a law surely does not ask for need not be found out.
    grades = [answer.answer for answer in answers]
    settled = next((answer for answer in (YesNoUnknown.NO, YesNoUnknown.UNKNOWN) if answer in grades), YesNoUnknown.YES)
    ordered = sorted(answers, key=lambda part: part.answer is not settled)
    return Applies(answer=settled, because=tuple(line for answer in ordered for line in answer.because))


def _by_place(regime: Regime, facts: Facts, establishment: str | None) -> Applies:
    # One connection with the place is enough (Art. 3(1) and 3(2) GDPR stand beside each other): yes before unknown
    # here, where `_all` has no before unknown.
    answers = [*_by_establishment(regime, establishment), *_by_residence(regime, facts)]
    if not answers:
        return Applies(answer=YesNoUnknown.YES, because=("the law names no place",))
    for grade in (YesNoUnknown.YES, YesNoUnknown.UNKNOWN):
        reasons = tuple(line for answer in answers if answer.answer is grade for line in answer.because)
        if reasons:
            return Applies(answer=grade, because=reasons)
    return Applies(answer=YesNoUnknown.NO, because=tuple(line for answer in answers for line in answer.because))


def _by_establishment(regime: Regime, establishment: str | None) -> Iterator[Applies]:
    places = regime.applies.established
    if not places:
        return
    named = ", ".join(places)
    if establishment is None:
        yield Applies(
            answer=YesNoUnknown.UNKNOWN, because=(f"it applies to those established in {named}: say where we are",)
        )
        return
    answer = _within_any(establishment, places)
    because = {
        YesNoUnknown.YES: f"we are established in {establishment}, which is in {named}",
        YesNoUnknown.NO: f"we are established in {establishment}, not in {named}",
        YesNoUnknown.UNKNOWN: f"we are established in {establishment}: whether in {named} is not known",
    }
    yield Applies(answer=answer, because=(because[answer],))


def _by_residence(regime: Regime, facts: Facts) -> Iterator[Applies]:
    places = regime.applies.residents
    if not places:
        return
    named = ", ".join(places)
    for data_set in facts.data_sets:
        # Silence about countries keeps the law possible: it is never read as "nobody of there".
        if not data_set.countries:
            text = f"where the people of `{data_set.name}` live is not known: some may live in {named}"
            yield Applies(answer=YesNoUnknown.UNKNOWN, because=(text,))
        # A stated 0 is an answer and takes the country out, and is said as the reason.
        nobody = [country for country in data_set.countries if country not in data_set.homes]
        if nobody:
            yield Applies(
                answer=YesNoUnknown.NO, because=(f"nobody of `{data_set.name}` lives in {', '.join(nobody)}",)
            )
        for country in data_set.homes:
            answer = _within_any(country, places)
            because = {
                YesNoUnknown.YES: f"people of `{data_set.name}` live in {country}",
                YesNoUnknown.NO: f"people of `{data_set.name}` live in {country}, not in {named}",
                YesNoUnknown.UNKNOWN: f"people of `{data_set.name}` live in {country}: find out whether in {named}",
            }
            yield Applies(answer=answer, because=(because[answer],))


def _within_any(place: str, places: tuple[str, ...]) -> YesNoUnknown:
    answers = [_within(place, reach) for reach in places]
    return next((answer for answer in (YesNoUnknown.YES, YesNoUnknown.UNKNOWN) if answer in answers), YesNoUnknown.NO)


def _within(place: str, whole: str) -> YesNoUnknown:
    """Whether *place* lies in *whole*; of a country it is unknown in which of its parts one is."""
    # A part of a Member State lies in the EU as its country does (``DE-BY``).
    country = place.partition("-")[0]
    if whole in _GROUPS:
        return YesNoUnknown.YES if country in _GROUPS[whole] else YesNoUnknown.NO
    if whole in {place, country}:
        return YesNoUnknown.YES
    # Somebody in ``US`` may be in ``US-CA``. Never the reverse: who is in ``DE-BE`` is surely in ``DE``.
    return YesNoUnknown.UNKNOWN if whole.startswith(f"{place}-") else YesNoUnknown.NO


def _by_sector(regime: Regime, ours: Collection[str]) -> Applies:
    sectors = regime.applies.sectors
    if not sectors:
        return Applies(answer=YesNoUnknown.YES, because=("it is for every sector",))
    named = ", ".join(sectors)
    # Nobody said what we are: a law of a sector stays possible, and is shown as a question.
    if not ours:
        return Applies(answer=YesNoUnknown.UNKNOWN, because=(f"it is only for {named}: say which sector we are in",))
    if shared := [our for our in ours if our in sectors]:
        return Applies(answer=YesNoUnknown.YES, because=(f"it is for {', '.join(shared)}",))
    return Applies(answer=YesNoUnknown.NO, because=(f"it is only for {named}, not for {', '.join(ours)}",))


def _by_role(regime: Regime, facts: Facts) -> Applies:
    # By all duties of the law: one that falls on us makes the law ours, each duty is held against our role again later.
    who = {duty.who for duty in regime.duties}
    if who & {DutyHolder.BOTH, DutyHolder.ENTITY}:
        return Applies(answer=YesNoUnknown.YES, because=("its duties do not depend on controller or processor",))
    held = {DutyHolder.CONTROLLER: facts.as_controller, DutyHolder.PROCESSOR: facts.as_processor}
    roles = [role for role in held if role in who and held[role]]
    if roles:
        return Applies(answer=YesNoUnknown.YES, because=(f"we hold data as {' and '.join(roles)}",))
    return Applies(
        answer=YesNoUnknown.NO, because=(f"its duties fall on a {' or '.join(sorted(who))}; we are none here",)
    )


def is_established_within(regime: Regime, establishment: str | None) -> bool:
    """Whether the law surely binds us by where we are established: it then protects whomever the data are of."""
    places = regime.applies.established
    return establishment is not None and _within_any(establishment, places) is YesNoUnknown.YES


def lies_within(place: str, regime: Regime) -> YesNoUnknown:
    """Whether who lives in *place* lives where the law protects people."""
    return _within_any(place, regime.applies.residents)


def residents_among(regime: Regime, facts: Facts) -> tuple[int, int | None]:
    """Give the smallest and the largest number of people whom the law counts; ``None`` where nothing bounds it.

    Data sets may overlap: the largest of them is sure, their sum is possible.
    """
    numbers = [_of_set(data_set, regime.applies.residents) for data_set in facts.data_sets]
    # The same person may stand in two sets, so the sum is what is possible and never what is sure.
    return max(low for low, _ in numbers), _sum(high for _, high in numbers)


def _of_set(data_set: DataSet, places: tuple[str, ...]) -> tuple[int, int | None]:
    people = data_set.people
    inside = {country: _within_any(country, places) for country in data_set.countries}
    # Where everybody lives in reach, the number of the set is more exact than its countries added up, of which one may
    # be unknown.
    if not places or (inside and all(answer is YesNoUnknown.YES for answer in inside.values())):
        return people.least or 0, people.most
    if not inside:
        return 0, people.most
    stated = data_set.countries.items()
    # A country that is surely within and without a number adds nothing to what is sure.
    least = sum(number or 0 for country, number in stated if inside[country] is YesNoUnknown.YES)
    most = _sum(number for country, number in stated if inside[country] is not YesNoUnknown.NO)
    # Two upper ends, both true: the smaller one holds.
    bounds = [bound for bound in (most, people.most) if bound is not None]
    return least, min(bounds, default=None)


def _sum(numbers: Iterable[int | None]) -> int | None:
    """Add up; unknown where one of them is."""
    addends = list(numbers)
    known = [number for number in addends if number is not None]
    return sum(known) if len(known) == len(addends) else None


def _compared(least: int, most: int | None, limit: int) -> bool | None:
    """Whether a number between *least* and *most* is at least *limit*; ``None`` where it may be either."""
    if least >= limit:
        return True
    return False if most is not None and most < limit else None
