"""Numbers and words over several data sets of one breach, as exact as the facts allow and never more exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from incidents.facts.breach import Facts
from incidents.facts.choices import YesNoUnknown
from incidents.facts.data_set import DataSet
from incidents.facts.values import Count


def people_of(sets: Iterable[DataSet]) -> Count:
    """Add up the people of data sets, as exactly as the facts allow and never more exactly.

    1. One data set: its own number.
    2. Groups of people that are stated and differ from set to set: the sum.
    3. The same people may stand in several sets: at least the largest number, at most the sum.
    4. One unknown number: no upper end.
    """
    chosen = tuple(sets)
    numbers = tuple(data_set.people for data_set in chosen)
    if len(numbers) == 1:
        return numbers[0]
    leasts = tuple(number.least for number in numbers if number.least is not None)
    mosts = tuple(number.most for number in numbers if number.most is not None)
    apart = _are_apart(chosen)
    most = sum(mosts) if mosts and len(mosts) == len(numbers) else None
    least = (sum(leasts) if apart else max(leasts)) if leasts else None
    # A range is an estimate, also where both ends were counted: nobody has counted the people who stand in two sets.
    return Count(least=least, most=most, estimate=any(number.estimate for number in numbers) or least != most)


def records_of(sets: Iterable[DataSet]) -> Count:
    """Add up the records; a record stands in one data set only, so they add up exactly."""
    numbers = tuple(data_set.records for data_set in sets)
    leasts = tuple(number.least for number in numbers if number.least is not None)
    mosts = tuple(number.most for number in numbers if number.most is not None)
    complete = bool(mosts) and len(mosts) == len(numbers)
    return Count(
        least=sum(leasts) if leasts else None,
        most=sum(mosts) if complete else None,
        estimate=any(number.estimate for number in numbers),
    )


def _are_apart(sets: tuple[DataSet, ...]) -> bool:
    """Whether each set names its groups of people and no group is named twice."""
    groups = [group for data_set in sets for group in data_set.subjects]
    return all(data_set.subjects for data_set in sets) and len(groups) == len(set(groups))


def worst(answers: Iterable[YesNoUnknown]) -> str:
    """One *yes* is a yes; only a *no* for every set is a no."""
    stated = set(answers)
    if YesNoUnknown.YES in stated:
        return YesNoUnknown.YES.value
    # No sets at all: unknown, for nobody was asked.
    return YesNoUnknown.NO.value if stated == {YesNoUnknown.NO} else YesNoUnknown.UNKNOWN.value


def union(facts: Facts | None, read: Callable[[DataSet], Iterable[str]]) -> tuple[str, ...]:
    """Each word once, in the order of the data sets."""
    sets = facts.data_sets if facts else ()
    return tuple(dict.fromkeys(word for data_set in sets for word in read(data_set)))
