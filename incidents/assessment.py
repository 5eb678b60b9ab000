"""From facts to a proposed verdict: register, authority, people - each step with its reason and source.

Knows how the risks of the data sets become one proposal (Arts. 33, 34 GDPR); refuses to decide: a person does. The
factors themselves are in sensitivity.py, exposure.py, routes.py and grounds.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from incidents.facts import DataSet, Facts, Role, SourceKind
from incidents.grounds import exception
from incidents.questions import unknowns
from incidents.risk import Reason, Risk, speak, worst
from incidents.routes import ROUTES
from incidents.severity import Band, Severity, severity

__all__ = ["Judgement", "Reason", "Risk", "as_json", "assess", "risk_of"]

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
class Judgement:
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
    unknowns: tuple[str, ...]
    """What to find out next."""

    @property
    def is_high(self) -> bool:
        """Whether the risk to people whose controller we are is high, before any exception."""
        return self.notify_people

    @property
    def public_notice(self) -> bool:
        """Never by a proposal: that a public communication takes the place of letters is for a person to decide."""
        return False


def assess(facts: Facts) -> Judgement:
    """Propose a verdict.

    1. Judge each data set by its worst way of harm.  2. The worst set is the risk of the incident.  3. The worst set
    held as controller decides our own duties: the authority unless a risk is unlikely (Art. 33(1) GDPR), the people
    where it is high (Art. 34(1) GDPR).  4. See which ground of Art. 34(3) the facts carry.  5. Compare with the score.
    """
    judged = {each.name: risk_of(facts, each) for each in facts.data_sets}
    risks = {name: risk for name, (risk, _) in judged.items()}
    own = worst(risks[each.name] for each in facts.as_controller)
    scored = severity(facts)
    ground, ground_reasons = exception(facts, risks)
    found = [reason for _, reasons in judged.values() for reason in reasons]
    closing = (
        _verdict(facts, own),
        *_held_for_others(facts, risks),
        *_controlled_jointly(facts),
        *_told_by_others(facts),
        *ground_reasons,
        _compared(scored, worst(risks.values()), found),
    )
    return Judgement(
        severity=scored,
        risk=worst(risks.values()),
        register=True,
        notify_authority=own.rank >= Risk.RISK.rank,
        notify_people=own is Risk.HIGH,
        exception=ground,
        reasons=tuple(dict.fromkeys([*found, *closing])),
        unknowns=unknowns(facts),
    )


def risk_of(facts: Facts, data_set: DataSet) -> tuple[Risk, tuple[Reason, ...]]:
    """The risk of one data set: its worst way of harm, with the reasons of all of them."""
    routes = [route(facts, data_set) for route in ROUTES]
    reasons = [replace(each, because=f"{data_set.name}: {each.because}") for route in routes for each in route.reasons]
    return worst(route.risk for route in routes), tuple(dict.fromkeys(reasons))


def as_json(judgement: Judgement) -> dict[str, Any]:
    """The answer of ``advise --json`` without obligations; decimals become numbers."""
    scored = judgement.severity
    return {
        "severity": {
            "data_set": scored.data_set,
            "dpc": scored.dpc,
            "ei": float(scored.ei),
            "cb": float(scored.cb),
            "score": float(scored.score),
            "band": scored.band.value,
            "meaning": scored.meaning,
            "flags": list(scored.flags),
            "steps": list(scored.steps),
        },
        "risk": judgement.risk.value,
        "register": judgement.register,
        "notify_authority": judgement.notify_authority,
        "notify_people": judgement.notify_people,
        "exception": judgement.exception,
        "reasons": [asdict(reason) for reason in judgement.reasons],
        "unknowns": list(judgement.unknowns),
    }


def _verdict(facts: Facts, own: Risk) -> Reason:
    if not facts.as_controller:
        because = (
            "the data are held only for controllers: they weigh the risk and notify; we tell each of them without "
            "undue delay and document the breach"
        )
        return speak("controllers_decide", because)
    because = {
        Risk.UNLIKELY: "a risk is unlikely: document the breach, with these reasons (Art. 33(5) GDPR)",
        Risk.RISK: "a risk is not unlikely, but not high: notify the authority (Art. 33(1) GDPR)",
        Risk.HIGH: "a high risk is likely: notify the authority and tell the people (Arts. 33(1), 34(1) GDPR)",
    }[own]
    return speak("verdict", because)


def _held_for_others(facts: Facts, risks: Mapping[str, Risk]) -> tuple[Reason, ...]:
    if not facts.as_controller or not facts.as_processor:
        return ()
    names = ", ".join(each.name for each in facts.as_processor)
    graver = worst(risks[each.name] for each in facts.as_processor)
    because = f"for data held for controllers ({names}; risk {graver}) they decide; we tell each of them"
    return (speak("controllers_decide", because),)


def _controlled_jointly(facts: Facts) -> tuple[Reason, ...]:
    """Where others control the data with us: who of us notifies is a matter of the arrangement (Art. 26 GDPR)."""
    names = ", ".join(each.name for each in facts.sets_as(Role.JOINT_CONTROLLER))
    if not names:
        return ()
    because = (
        f"{names}: controlled jointly; the arrangement should say who leads on Arts. 33 and 34. Without it each "
        "controller remains responsible, so the duties are counted as ours in full"
    )
    return (speak("joint_control", because),)


def _told_by_others(facts: Facts) -> tuple[Reason, ...]:
    """Where it happened in somebody else's house: we are aware once we are told, and no later."""
    party = facts.source_party
    if party is None:
        return ()
    told = f"they told us at {_minute(party.told_us_at)}" if party.told_us_at else "when they told us is not stated"
    knew = f", having known since {_minute(party.became_aware_at)}" if party.became_aware_at else ""
    because = (
        f"it happened in somebody else's house ({party.who or party.kind.value}): {told}{knew}. Whoever is controller "
        "is aware once told, and a way of telling that works badly is held against the controller"
    )
    if party.kind is SourceKind.AFFILIATE:
        because += "; an affiliate is of our own group, so see whether its staff's knowledge is ours"
    return (speak("awareness_through_others", because),)


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _compared(scored: Severity, risk: Risk, found: list[Reason]) -> Reason:
    """Say whether score and verdict agree, and else what the score does not count; it is no legal test."""
    indicated = _INDICATED[scored.band]
    band = f"the ENISA score {scored.score} is {scored.band.replace('_', ' ')}"
    if indicated is risk:
        return speak("score_agrees", f"{band}, which agrees with the verdict")
    if indicated.rank < risk.rank:
        why = "it knows neither numbers nor misuse of identity nor a lack of trust, so the verdict goes further"
        spoke = _factors(found, "raises")
    else:
        why = "it does not count containment, small numbers and unreadable data, so the verdict stays below it"
        spoke = _factors(found, "lowers")
    return speak("score_differs", f"{band} and alone would indicate {indicated}; {why}{spoke}")


def _factors(found: list[Reason], effect: str) -> str:
    """Name the factors that spoke this way and are no part of the score, each once."""
    spoke = [each.factor for each in found if each.effect == effect and each.factor not in _IN_THE_SCORE]
    named = dict.fromkeys(factor.replace("_", " ") for factor in spoke)
    return f" (here: {', '.join(named)})" if named else ""
