"""What the assessment of the risk came to: the verdict of the person who decided, beside what was proposed.

Every paper that names a risk reads it here, so that none contradicts another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incidents.case.case_file import CaseFile, DecisionLine
from incidents.facts.breach import Facts


class RiskLevel(StrEnum):
    """How likely a risk to people's rights and freedoms is (Arts. 33(1), 34(1) GDPR), or that others say so."""

    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"
    CONTROLLERS = "controllers"
    """All data are held for others: there is no outcome of ours."""


@dataclass(frozen=True, kw_only=True)
class RiskFinding:
    """Where the assessment stands."""

    level: RiskLevel
    """The verdict of the person who decided; before that, the proposal."""
    proposed: RiskLevel
    is_decided: bool

    @property
    def departs(self) -> bool:
        """Whether the person decided otherwise than was proposed."""
        return self.level is not self.proposed


def outcome_of(case: CaseFile) -> RiskFinding | None:
    """Say what the assessment came to, in steps; nothing before the first assessment.

    1. All data are held for others: the controllers decide.
    2. No decision yet: the proposal, for what is held as controller.
    3. The authority need not be told: a risk is unlikely (Art. 33(1) GDPR).
    4. People are told, or an exception of Art. 34(3) is claimed: high, for only then is either needed.
    5. Else there is a risk, but not a high one.
    """
    judgement, decision = case.judgement, case.decision
    if judgement is None:
        return None
    # Before any decision is read: whatever was decided, the risk to people is their controllers' to judge (9/2022
    # II.A.4).
    if _is_processor_only(case.facts):
        return RiskFinding(level=RiskLevel.CONTROLLERS, proposed=RiskLevel.CONTROLLERS, is_decided=decision is not None)
    proposed = _proposed(judgement)
    if decision is None:
        return RiskFinding(level=proposed, proposed=proposed, is_decided=False)
    return RiskFinding(level=_decided(decision), proposed=proposed, is_decided=True)


def _is_processor_only(facts: Facts | None) -> bool:
    return facts is not None and not facts.as_controller


def _proposed(judgement: Mapping[str, Any]) -> RiskLevel:
    """The proposal for our own data sets; the risk of a whole incident may be that of data held for others."""
    # By what it asks for, not by `risk`: that is of the whole incident, and data held for others may be the worst of
    # it.
    if judgement["notify_people"]:
        return RiskLevel.HIGH
    return RiskLevel.RISK if judgement["notify_authority"] else RiskLevel.UNLIKELY


def _decided(decision: DecisionLine) -> RiskLevel:
    if not decision.notify_authority:
        return RiskLevel.UNLIKELY
    return RiskLevel.HIGH if decision.notify_people or decision.exception is not None else RiskLevel.RISK
