"""The three outcomes of Arts. 33 and 34 GDPR, and a reason for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incidents.assessment.factors import FACTORS
from incidents.texts.assessment_texts import FACTOR_OF
from incidents.texts.coded_text import CodedText, coded_text


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
    """One factor that applies: what it does to the verdict, why, and where that is written."""

    factor: str
    effect: str
    """``raises``, ``lowers``, ``decides`` or ``notes``."""
    because: CodedText
    source: str


def reason_for(about: str, **values: Any) -> Reason:
    """Give the reason for which a sentence stands, filled with the values of this breach.

    Its factor's effect and source are those of the table (factors.py).

    Raises:
        KeyError: there is no such sentence, or a value that it needs is missing.

    """
    # By the sentence alone: it belongs to one factor, so effect and source cannot be mixed up by whoever gives it.
    name = FACTOR_OF[about]
    factor = FACTORS[name]
    return Reason(factor=name, effect=factor.effect, because=coded_text(about, **values), source=factor.source)
