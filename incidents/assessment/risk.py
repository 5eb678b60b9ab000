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
    """One factor that spoke: what it did to the verdict, why, and where that is written."""

    factor: str
    effect: str
    """``raises``, ``lowers``, ``decides`` or ``notes``."""
    because: CodedText
    source: str


def speak(about: str, **values: Any) -> Reason:
    """Let a factor speak with one of its sentences: effect and source are the table's, the values of this breach."""
    # By the sentence alone: it belongs to one factor, so effect and source cannot be mixed up by whoever lets it speak.
    factor = FACTOR_OF[about]
    known = FACTORS[factor]
    return Reason(factor=factor, effect=known.effect, because=coded_text(about, **values), source=known.source)
