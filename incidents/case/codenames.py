"""Names for cases that can be said over the telephone and tell an outsider nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

# Colours and materials, landscape and animals: no word says what happened, or to whom, to whoever stands beside.
_FIRST = (
    "amber", "ashen", "azure", "brass", "brisk", "calm", "cedar", "clear", "cobalt", "copper", "coral", "crisp",
    "dusky", "early", "ember", "frosty", "gentle", "golden", "granite", "hazel", "hidden", "ivory", "jade", "keen",
    "linen", "lunar", "maple", "misty", "mossy", "noble", "ochre", "olive", "opal", "pearl", "quiet", "rapid",
    "river", "russet", "rustic", "sable", "saffron", "silent", "silver", "slate", "solar", "steady", "stone", "sunny",
    "swift", "tawny", "tidal", "timber", "topaz", "umber", "velvet", "violet", "walnut", "willow", "winter", "woven",
)  # fmt: skip
_SECOND = (
    "anchor", "anvil", "arch", "badger", "basin", "beacon", "bell", "bridge", "brook", "canyon", "castle", "cove",
    "crane", "delta", "dune", "falcon", "fern", "field", "finch", "fjord", "forge", "gate", "glacier", "grove",
    "harbour", "heron", "hill", "island", "kestrel", "lantern", "lark", "ledge", "lighthouse", "marten", "meadow",
    "mill", "oak", "orchard", "otter", "pass", "peak", "pine", "plain", "quarry", "reef", "ridge", "robin", "shore",
    "sparrow", "spring", "stag", "summit", "swallow", "terrace", "tower", "valley", "vessel", "wharf", "wren", "yard",
)  # fmt: skip


def codename(reference: str, is_taken: Callable[[str], bool]) -> str:
    """Give a free codename for a reference, the same one each time it is asked while it is free."""
    number = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8], "big")
    pairs = len(_FIRST) * len(_SECOND)
    for attempt in range(pairs):
        # 7919 is a prime and shares no factor with 3,600: every pair is tried once before one comes again.
        first, second = divmod((number + attempt * 7919) % pairs, len(_SECOND))
        name = f"{_FIRST[first]}-{_SECOND[second]}"
        if not is_taken(name):
            return name
    # All 3,600 are in use: number them, by the year too, for two years have a case 0001 each.
    return f"{_FIRST[number % len(_FIRST)]}-{_SECOND[number % len(_SECOND)]}-{reference.removeprefix('INC-')}"
