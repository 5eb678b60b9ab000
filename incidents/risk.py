"""The three outcomes of Arts. 33 and 34 GDPR, and a reason for one.

Knows their order; refuses to know how one arrives at them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Risk(StrEnum):
    """The likely risk to the rights and freedoms of natural persons (Arts. 33(1), 34(1) GDPR)."""

    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for unlikely, 1 for risk, 2 for high."""
        return list(Risk).index(self)


def worst(risks: Iterable[Risk]) -> Risk:
    """The highest of several; unlikely where there is none."""
    return max(risks, key=lambda risk: risk.rank, default=Risk.UNLIKELY)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One factor that spoke: what it did to the verdict, why, and where that is written."""

    factor: str
    effect: str
    """``raises``, ``lowers``, ``decides`` or ``notes``."""
    because: str
    source: str


def raises(factor: str, because: str, source: str) -> Reason:
    """A factor that speaks for more risk."""
    return Reason(factor=factor, effect="raises", because=because, source=source)


def lowers(factor: str, because: str, source: str) -> Reason:
    """A factor that speaks for less risk."""
    return Reason(factor=factor, effect="lowers", because=because, source=source)


def decides(factor: str, because: str, source: str) -> Reason:
    """A factor that settles a question of its own."""
    return Reason(factor=factor, effect="decides", because=because, source=source)


def notes(factor: str, because: str, source: str) -> Reason:
    """A remark that moves nothing."""
    return Reason(factor=factor, effect="notes", because=because, source=source)
