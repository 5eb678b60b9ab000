"""From facts to a proposed verdict: register, authority, people - each step with its reason and source.

The factors themselves are in sensitivity.py, exposure.py, harms.py and exemptions.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from incidents.assessment.enisa_score import Band, Severity, severity
from incidents.assessment.exemptions import exception
from incidents.assessment.harms import PATHWAYS
from incidents.assessment.open_questions import open_questions
from incidents.assessment.risk import Reason, Risk, reason_for, worst
from incidents.facts.breach import Facts
from incidents.facts.choices import Role, SourceKind
from incidents.facts.data_set import DataSet
from incidents.texts.coded_text import CodedText, coded_text

# For a comparison only, with words of its own: the methodology speaks of severity, the GDPR of a risk. ENISA's two
# upper bands are both a reason to tell people.
_INDICATED = {Band.LOW: Risk.UNLIKELY, Band.MEDIUM: Risk.RISK, Band.HIGH: Risk.HIGH, Band.VERY_HIGH: Risk.HIGH}


_IN_THE_SCORE = frozenset(
    {
        "anybody",
        "few_known_recipients",
        "lost_for_good",
        "money_and_whereabouts",
        "own_context",
        "protected_people",
        "special_categories",
        "taken_on_purpose",
        "telling_data",
        "wrong_data",
    }
)
"""Raising factors whose facts the score counts too: they do not explain a difference."""


@dataclass(frozen=True, kw_only=True)
class ProposedAssessment:
    """The proposal for one version of the facts; the duties it speaks of are our own as controller."""

    severity: Severity
    risk: Risk
    """Of the whole incident, data held for others included."""
    register: bool
    """Art. 33(5) GDPR; always true, for every breach is documented."""
    notify_authority: bool
    """Art. 33(1) GDPR."""
    notify_people: bool
    """Art. 34(1) GDPR, before any exception."""
    exception: str | None
    """The ground of Art. 34(3) GDPR that the facts carry: ``34-3-a``, ``34-3-b``, ``34-3-c`` or none."""
    reasons: tuple[Reason, ...]
    unknowns: tuple[CodedText, ...]
    """What to find out next."""

    @property
    def is_high(self) -> bool:
        """Whether the risk to people whose controller we are is high, before any exception."""
        return self.notify_people

    @property
    def public_notice(self) -> bool:
        """Never by a proposal: that a public communication takes the place of letters is for a person to decide."""
        return False


def assess(facts: Facts) -> ProposedAssessment:
    """Propose a verdict.

    1. Judge each data set by its worst way of harm.  2. The worst set is the risk of the incident.  3. The worst set
    held as controller decides our own duties: the authority unless a risk is unlikely (Art. 33(1) GDPR), the people
    where it is high (Art. 34(1) GDPR).  4. See which ground of Art. 34(3) the facts carry.  5. Compare with the score.
    """
    findings = {data_set.name: risk_of(facts, data_set) for data_set in facts.data_sets}
    risks = {name: risk for name, (risk, _) in findings.items()}
    # Without any set held as controller it is *unlikely*: we have no duty of our own, and `_verdict` says whose it is.
    own = worst(risks[data_set.name] for data_set in facts.as_controller)
    enisa = severity(facts)
    ground, ground_reasons = exception(facts, risks)
    factor_reasons = [reason for _, reasons in findings.values() for reason in reasons]
    closing = (
        _verdict(facts, own),
        *_as_processor(facts, risks),
        *_controlled_jointly(facts),
        *_notified_by_others(facts),
        *ground_reasons,
        _compared(enisa, worst(risks.values()), factor_reasons),
    )
    return ProposedAssessment(
        severity=enisa,
        risk=worst(risks.values()),
        register=True,
        notify_authority=own.rank >= Risk.RISK.rank,
        notify_people=own is Risk.HIGH,
        exception=ground,
        # Each once, in order: the sets' own first, then what decides, last the comparison with the score.
        reasons=tuple(dict.fromkeys([*factor_reasons, *closing])),
        unknowns=open_questions(facts),
    )


def risk_of(facts: Facts, data_set: DataSet) -> tuple[Risk, tuple[Reason, ...]]:
    """The risk of one data set: its worst way of harm, with the reasons of all of them."""
    pathways = [pathway(facts, data_set) for pathway in PATHWAYS]
    reasons = [
        replace(reason, because=reason.because.of(data_set.name)) for pathway in pathways for reason in pathway.reasons
    ]
    return worst(pathway.risk for pathway in pathways), tuple(dict.fromkeys(reasons))


def as_json(assessment: ProposedAssessment) -> dict[str, Any]:
    """The answer of ``advise --json`` without obligations; decimals become numbers.

    Beside each sentence in English stand its code (``about``) and its values, from which other languages are made.
    """
    enisa = assessment.severity
    return {
        "severity": {
            "data_set": enisa.data_set,
            "dpc": enisa.dpc,
            "ei": float(enisa.ei),
            "cb": float(enisa.cb),
            "score": float(enisa.score),
            "band": enisa.band.value,
            "meaning": enisa.meaning,
            "flags": list(enisa.flags),
            "steps": [str(step) for step in enisa.steps],
            "steps_said": [step.to_json() for step in enisa.steps],
        },
        "risk": assessment.risk.value,
        "register": assessment.register,
        "notify_authority": assessment.notify_authority,
        "notify_people": assessment.notify_people,
        "exception": assessment.exception,
        "reasons": [_reason(reason) for reason in assessment.reasons],
        "unknowns": [str(question) for question in assessment.unknowns],
        "unknowns_said": [question.to_json() for question in assessment.unknowns],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    plain = {"factor": reason.factor, "effect": reason.effect, "because": str(reason.because), "source": reason.source}
    return {**plain, **reason.because.to_json()}


def _verdict(facts: Facts, own: Risk) -> Reason:
    return reason_for(f"verdict_{own}") if facts.as_controller else reason_for("controllers_decide")


def _as_processor(facts: Facts, risks: Mapping[str, Risk]) -> tuple[Reason, ...]:
    if not facts.as_controller or not facts.as_processor:
        return ()
    graver = worst(risks[data_set.name] for data_set in facts.as_processor)
    names = tuple(data_set.name for data_set in facts.as_processor)
    return (reason_for("controllers_decide_too", sets=names, risk=graver),)


def _controlled_jointly(facts: Facts) -> tuple[Reason, ...]:
    """Where others control the data with us: who of us notifies is a matter of the arrangement (Art. 26 GDPR)."""
    names = tuple(data_set.name for data_set in facts.sets_as(Role.JOINT_CONTROLLER))
    return (reason_for("joint_control", sets=names),) if names else ()


def _notified_by_others(facts: Facts) -> tuple[Reason, ...]:
    """Where it happened at another party: we are aware once we are told, and no later."""
    party = facts.source_party
    if party is None:
        return ()
    reason = reason_for(
        "awareness_through_others",
        party=coded_text("party_named", text=party.who) if party.who else coded_text("party_kind", party=party.kind),
        told=coded_text("told_at", at=party.told_us_at) if party.told_us_at else coded_text("told_unknown"),
        knew=coded_text("knew_since", at=party.became_aware_at)
        if party.became_aware_at
        else coded_text("knew_unknown"),
        group=coded_text("own_group" if party.kind is SourceKind.AFFILIATE else "no_group"),
    )
    return (reason,)


def _compared(enisa: Severity, risk: Risk, reasons: list[Reason]) -> Reason:
    """Say whether score and verdict agree, and else what the score does not count; it is no legal test."""
    # Score and verdict may differ rightly (a score knows no children): which factors made the difference is said with
    # it.
    indicated = _INDICATED[enisa.band]
    if indicated is risk:
        return reason_for("score_agrees", score=enisa.score, band=enisa.band)
    further = indicated.rank < risk.rank
    here = _factors(reasons, "raises" if further else "lowers")
    about = "score_differs_further" if further else "score_differs_below"
    return reason_for(about, score=enisa.score, band=enisa.band, risk=indicated, here=here)


def _factors(reasons: list[Reason], effect: str) -> CodedText:
    """Name the factors with this effect that are no part of the score, each once."""
    names = [reason.factor for reason in reasons if reason.effect == effect and reason.factor not in _IN_THE_SCORE]
    return coded_text("here", factors=tuple(dict.fromkeys(names))) if names else coded_text("nothing_more")
