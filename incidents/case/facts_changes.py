"""What differs between two versions of the facts, in words: ``people 1,200 -> 91,200``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_SHORT: Final = 60
"""Longer texts are not quoted: that they changed is said, the facts themselves have them."""
_COUNTS: Final = frozenset({"people", "records"})
_SETS: Final = "data_sets"


def facts_changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Name each change between two dumps of facts, the figures first: they are what a text is wrong about soonest."""
    sets = list(_between_sets(_by_name(then), _by_name(now)))
    rest = list(_between({**then, _SETS: None}, {**now, _SETS: None}))
    return (*sets, *rest) or ("said in other words",)


def _by_name(facts: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {data_set["name"]: data_set for data_set in facts.get(_SETS) or ()}


def _between_sets(then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    # Named only where there are several: with one, "people 1,200 -> 91,200" says it all.
    one = set(then) == set(now) and len(now) == 1
    for name, data_set in now.items():
        if name not in then:
            yield f"{name} added"
            continue
        changes = list(_between(then[name], data_set))
        if changes and not one:
            yield f"{name}: {', '.join(changes)}"
        elif changes:
            yield from changes
    yield from (f"{name} taken out" for name in then if name not in now)


def _between(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    # Figures first, then in the order of the facts.
    names = sorted(dict.fromkeys((*now, *then)), key=lambda name: name not in _COUNTS)
    for name in names:
        before, after = then.get(name), now.get(name)
        if before != after:
            yield f"{name.replace('_', ' ')} {_change(name, before, after)}"


def _change(name: str, before: Any, after: Any) -> str:
    if name in _COUNTS:
        return f"{_count(before)} -> {_count(after)}"
    if isinstance(before, list) or isinstance(after, list):
        return _of_lists(before or [], after or [])
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        return ", ".join(_between(before or {}, after or {}))
    words = [_plain(value) for value in (before, after)]
    return "changed" if any(len(word) > _SHORT for word in words) else " -> ".join(words)


def _of_lists(before: Sequence[Any], after: Sequence[Any]) -> str:
    if any(isinstance(value, Mapping) for value in (*before, *after)):
        return "changed"
    gone = [f"without {value}" for value in before if value not in after]
    fresh = [f"with {value}" for value in after if value not in before]
    return ", ".join((*fresh, *gone)) or "in another order"


def _plain(value: Any) -> str:
    if value is None:
        return "not stated"
    return f"{value:,}" if type(value) is int else str(value)


def _count(value: Mapping[str, Any] | None) -> str:
    least, most = (value or {}).get("least"), (value or {}).get("most")
    about = "about " if (value or {}).get("estimate") else ""
    match least, most:
        case None, None:
            return "unknown"
        case int(), int() if least == most:
            return f"{about}{least:,}"
        case int(), None:
            return f"at least {least:,}"
        case None, int():
            return f"at most {most:,}"
        case _:
            return f"{least:,} to {most:,}"
