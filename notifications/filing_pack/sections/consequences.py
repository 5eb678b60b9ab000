"""Sections 4.1 to 4.4: likely consequences, the outcome of the risk assessment, and the measures.

The software proposes and a person decides: without a decision on record the outcome is not yet known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from incidents.case.risk_finding import RiskFinding, RiskLevel, outcome_of
from incidents.facts.choices import Alteration, BreachType, Effect, Exfiltration, YesNoUnknown
from incidents.facts.data_set import DataSet
from incidents.register.row import RISK_METHOD
from notifications.filing_pack import codes
from notifications.filing_pack.answers import (
    Answers,
    FormAnswer,
    answered,
    coded,
    for_a_person,
    missing,
    not_yet_known,
    written,
)
from notifications.filing_pack.context import PackContext
from notifications.filing_pack.sections.course_and_nature import ASSESS
from notifications.letters.context.facts import outflow
from notifications.reports.texts import assessment

_DECIDE: Final = "a named person decides: tocsin decide"
_CONSEQUENCES: Final = "facts: likely_consequences, consequences_seen"


def answer_consequences(ctx: PackContext) -> Answers:
    """Answer fields 79 to 87 (Art. 33(3)(c) GDPR)."""
    likely = likely_consequences(ctx)
    impact = codes.translate(likely, codes.IMPACT, codes.IMPACT_OTHER)
    others = [word for word in likely if word not in codes.IMPACT]
    effects = "\n".join(dict.fromkeys(_felt(data_set, ctx) for data_set in ctx.sets if _felt(data_set, ctx)))
    stayed, altered = _stayed(ctx), _altered(ctx)
    return {
        79: _of_one_kind("facts: exfiltration, consequences", _of_confidentiality(ctx, likely), "d", stayed),
        80: written("facts: exfiltration", stayed, ASSESS),
        81: _of_one_kind(_CONSEQUENCES, ["a"] if "wrong_data" in likely else [], "c", altered),
        82: written("facts: alteration", altered, ASSESS),
        83: _of_one_kind("facts: effect, consequences", _of_availability(ctx, likely), "c", effects),
        84: written("facts: effect, effect_detail", effects, ASSESS),
        85: coded(_CONSEQUENCES, impact, ASSESS),
        86: answered(_CONSEQUENCES, ", ".join(ctx.coded("consequences", others, "name"))),
        87: _severity(ctx),
    }


def _of_one_kind(source: str, codes: Iterable[str], other: str, in_words: str) -> FormAnswer:
    """Answer with the form's consequences; where none of them fits what is known, with "other", described beside it."""
    codes_found = [*codes]
    return coded(source, codes_found or ([other] if in_words else []), ASSESS)


def _stayed(ctx: PackContext) -> str:
    """That no data left, and how that is known; nothing while one data set leaves it open."""
    touched = [data_set for data_set in ctx.sets if BreachType.CONFIDENTIALITY in data_set.breach]
    # One open question and "no data left" would be said of data of which nobody knows it.
    if any(data_set.exfiltration is Exfiltration.UNKNOWN for data_set in touched):
        return ""
    return " ".join(dict.fromkeys(outflow(data_set, ctx.formatter) for data_set in touched))


def _altered(ctx: PackContext) -> str:
    """What became of altered data; nothing while one data set leaves it open."""
    touched = [data_set.alteration for data_set in ctx.sets if BreachType.INTEGRITY in data_set.breach]
    return "" if Alteration.UNKNOWN in touched else "; ".join(ctx.coded("alteration", touched))


def _felt(data_set: DataSet, ctx: PackContext) -> str:
    """What people feel of the absence: the recorded words, or that they feel nothing."""
    if data_set.effect_detail:
        return ctx.line(data_set.effect_detail)
    return ctx.formatter.words.phrase("effect", "none") if data_set.effect is Effect.NONE else ""


def likely_consequences(ctx: PackContext) -> tuple[str, ...]:
    """What is likely or has already been seen, each once."""
    likely = ctx.facts.likely_consequences if ctx.facts else ()
    return tuple(dict.fromkeys([*likely, *ctx.all_of("consequences_seen")]))


def _of_confidentiality(ctx: PackContext, likely: Iterable[str]) -> Iterable[str]:
    words = set(likely)
    if any(_is_out(data_set) for data_set in ctx.sets):
        yield "a"
    if words & codes.LINKED:
        yield "b"
    if words & codes.MISUSE:
        yield "c"


def _is_out(data_set: DataSet) -> bool:
    # "Possible" counts: field 79 asks for likely consequences, not for proven ones.
    copied = data_set.exfiltration in {Exfiltration.CONFIRMED, Exfiltration.POSSIBLE}
    return copied or data_set.published is YesNoUnknown.YES or data_set.recipients is not None


def _of_availability(ctx: PackContext, likely: Iterable[str]) -> Iterable[str]:
    effects = {data_set.effect for data_set in ctx.sets}
    if effects & {Effect.SERIOUS, Effect.CRITICAL} or "service_unavailable" in likely:
        yield "a"
    if Effect.MINOR in effects:
        yield "b"
    if "data_loss" in likely or any(data_set.effect_detail for data_set in ctx.sets):
        yield "c"


def _severity(ctx: PackContext) -> FormAnswer:
    judgement = ctx.case.judgement
    if judgement is None:
        return not_yet_known(ASSESS)
    band = str(judgement["severity"]["band"])
    return answered("severity band (ENISA); the form knows three degrees", codes.BAND[band])


def answer_risk(ctx: PackContext) -> Answers:
    """Answer fields 89 and 90."""
    outcome = outcome_of(ctx.case)
    reasoning = _reasoning(ctx, outcome)
    return {
        89: _outcome(outcome),
        90: written("decision and reasons of the assessment", reasoning, ASSESS),
    }


def _outcome(outcome: RiskFinding | None) -> FormAnswer:
    """Field 89: what a named person decided; of data held for others the controllers answer it, not we."""
    if outcome is not None and outcome.level is RiskLevel.CONTROLLERS:
        return for_a_person("we are processor only: the controllers assess the risk (Arts. 33(1), 34(1) GDPR)")
    if outcome is None or not outcome.is_decided:
        return not_yet_known(_DECIDE)
    code = {RiskLevel.HIGH: "a", RiskLevel.RISK: "b", RiskLevel.UNLIKELY: "c"}
    return answered("decision", code[outcome.level])


def _reasoning(ctx: PackContext, outcome: RiskFinding | None) -> str:
    """Decision first, with what it departs from, then method and factors; nothing before the first assessment."""
    judgement, decision = ctx.case.judgement, ctx.case.decision
    if judgement is None or outcome is None:
        return ""
    severity, words = judgement["severity"], ctx.reasoning
    if words is None:
        reasons, scored = judgement["reasons"], f"{RISK_METHOD}. Severity {severity['score']} ({severity['band']})."
    else:
        reasons, scored = assessment.reasons(judgement, words), assessment.method(severity, words)
    factors = (f"{ctx.line(str(reason['because']))} [{reason['source']}]" for reason in reasons)
    because = [ctx.free(decision.because)] if decision else []
    return "\n".join([*because, *_beside(outcome, ctx), scored, *factors])


def _beside(outcome: RiskFinding, ctx: PackContext) -> Iterable[str]:
    """That the factors below carry the proposal and not the verdict, or that the verdict is the controllers'."""
    if outcome.level is RiskLevel.CONTROLLERS:
        yield ctx.formatter.coded("outcome", "controllers")
    if outcome.departs:
        proposed = ctx.formatter.coded("risk", outcome.proposed)
        yield ctx.formatter.words.phrase("outcome", "departs", proposed=proposed)


def answer_measures(ctx: PackContext) -> Answers:
    """Answer fields 92 to 95 (Art. 33(3)(d) GDPR); what is planned is called planned, and ticked nowhere as taken."""
    facts = ctx.facts
    taken, proposed = (facts.measures_taken, facts.measures_proposed) if facts else ((), ())
    done, planned = _under(ctx, "taken", taken, "done"), _under(ctx, "planned", proposed, "planned")
    lasting = _under(ctx, "taken", [measure for measure in taken if measure in codes.AGAINST_REPETITION], "done")
    text = "\n".join(filter(None, [lasting, planned]))
    return {
        92: written("facts: measures_taken", done or planned, ASSESS),
        94: _lasting(taken, is_planned=bool(planned)),
        95: written("facts: measures_taken, measures_proposed", text, ASSESS),
    }


def _under(ctx: PackContext, heading: str, measures: Iterable[str], part: str) -> str:
    """The sentences of these measures under their heading, on one line; nothing without any."""
    text = " ".join(ctx.coded("measures", measures, part))
    heading = ctx.formatter.coded("measures_are", heading)
    return ctx.formatter.form("labelled", what=heading, value=text) if text else ""


def _lasting(taken: Iterable[str], *, is_planned: bool) -> FormAnswer:
    """Field 94 asks for measures that are taken, in codes: one that is only planned has none yet."""
    lasting = sorted({codes.AGAINST_REPETITION[measure] for measure in taken if measure in codes.AGAINST_REPETITION})
    if lasting:
        return answered("facts: measures_taken", *lasting)
    hint = "so far only planned (field 95): choose what is in place when you file"
    return for_a_person(hint) if is_planned else missing(ASSESS)
