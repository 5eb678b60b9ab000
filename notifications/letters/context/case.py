"""One case in words: the plain data that letters to authorities, people and merchants are made from.

Addresses of affected people never get in: a case file has none, and any in a free text is taken out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from incidents.case.case_file import CaseFile, ObligationFile
from incidents.case.completeness import ended_at, record_of, still_open
from incidents.case.message_machine import WENT_OUT
from incidents.case.risk_finding import RiskLevel, outcome_of
from incidents.casework.base.decision import PUBLIC_GROUND
from incidents.facts.breach import Facts
from incidents.facts.choices import Role, YesNoUnknown
from incidents.facts.values import Count
from incidents.law.duty_ids import AUTHORITY_INITIAL
from incidents.law.model import Threshold
from notifications.language.catalogue import FALLBACK, Catalogue
from notifications.language.formatting import Formatter
from notifications.letters.context.authority import (
    describe_addressees,
    describe_filing,
    is_late,
    late_because,
    warnings_for_authority,
)
from notifications.letters.context.facts import TemplateData, describe_facts, reported_sets
from notifications.letters.context.quotations import quoted_in


def describe_case(
    case: CaseFile,
    organisation: Mapping[str, Any],
    words: Catalogue,
    now: datetime,
    *,
    to: Sequence[ObligationFile] = (),
) -> TemplateData:
    """Put a case into words; `warnings` says what a person should look at before approving.

    *to*: the duties to authorities that the text fulfils; else it goes to the organisation's own authority.
    """
    formatter = Formatter(words, ZoneInfo(str(organisation["zone"])))
    data: TemplateData = {
        "language": words.language,
        "exercise": case.exercise,
        "reference": case.reference,
        **_describe_organisation(organisation),
        "times": _describe_times(case, formatter, now),
        **describe_facts(case.facts, formatter, str(organisation["product"])),
        **_describe_judgement(case, formatter),
        "communication": _describe_communication(case, formatter),
        **_describe_role(case.facts, formatter),
        "source": _describe_source(case, formatter),
        "filing": describe_filing(case, formatter, to),
        **describe_addressees(case, organisation, formatter, to),
        "merchants": formatter.number(len(case.merchants)) if case.merchants else "",
        "late": is_late(case, AUTHORITY_INITIAL, now, to),
        "reasons_for_delay": formatter.free(late_because(case, to)),
    }
    # One rule for text and filing pack (incidents/case/completeness.py), so that the two never promise different
    # things.
    data["open_ids"] = [*still_open(record_of(case, has_lead=data["has_lead"]), now), *_open_reasons(data)]
    data["open_elements"] = [words.phrase("names", name) for name in data["open_ids"]]
    data["unknowns"] = [words.phrase("not_yet", name) + "." for name in _open_for_people(case)]
    data["not_yet"] = _not_yet(formatter, data["times"]["next_update"])
    # Read last: everything above may note a code without words.
    data["warnings"] = list(formatter.notes)
    quoted = quoted_in(case, words.language) if words.language != FALLBACK else ()
    data["quoted_note"] = formatter.form("quoted_as_recorded") if quoted else ""
    # Apart from `warnings`: composing takes these up for texts to authorities only (compose.py).
    data["authority_warnings"] = warnings_for_authority(case, quoted)
    return data


def _describe_organisation(organisation: Mapping[str, Any]) -> TemplateData:
    """Take over what the organisation's file says, as text."""
    parts = {
        "org": (organisation, ("name", "legal_name", "product", "address", "registration")),
        "dpo": (organisation["dpo"], ("name", "email", "phone")),
        "contact": (organisation["contact_point"], ("name", "email", "phone", "url")),
    }
    data: TemplateData = {part: {key: str(source[key]) for key in keys} for part, (source, keys) in parts.items()}
    authority = organisation.get("authority") or {}
    data["authority"] = {key: str(authority.get(key) or "") for key in ("id", "name", "portal")}
    representative = organisation.get("representative") or {}
    data["representative"] = {key: str(representative.get(key) or "") for key in ("name", "address", "email", "phone")}
    return data


def _describe_times(case: CaseFile, formatter: Formatter, now: datetime) -> dict[str, str]:
    """Times with their place; the exact ones, with UTC, are for authorities and merchants, days for people."""
    facts = case.facts
    # What the facts say goes before what was stated when the case was opened.
    start = (facts.occurred_from if facts else None) or case.occurred_at
    end = ended_at(facts, case.contained_at)
    ongoing = facts.ongoing if facts else YesNoUnknown.UNKNOWN
    data = {
        "occurred_days": formatter.period(start, end, ongoing, formatter.day),
        "occurred_exact": formatter.period(start, end, ongoing, formatter.exact),
    }
    others = {
        "now": now,
        "detected": case.detected_at,
        "aware": case.aware_at,
        "contained": case.contained_at,
        "next_update": _next_update(case, formatter, now),
    }
    for name, at in others.items():
        data[name] = formatter.moment(at)
        data[f"{name}_exact"] = formatter.exact(at)
    return data


def _next_update(case: CaseFile, formatter: Formatter, now: datetime) -> datetime | None:
    """When more information will follow; a time that has passed is no promise and is left out, with a warning."""
    at = case.facts.next_update if case.facts else None
    if at is not None and at <= now:
        formatter.note("`next_update` of the facts has passed, so the letter names no time: state a new one")
        return None
    return at


def _describe_judgement(case: CaseFile, formatter: Formatter) -> TemplateData:
    """The verdict of the person who decided, else the proposal; and what was proposed, where they differ."""
    outcome, judgement, decision = outcome_of(case), case.judgement, case.decision
    data: TemplateData = {
        "risk": "", "risk_is": "", "proposed": "", "severity": {"score": "", "band": ""},
        "because": formatter.line(decision.because) if decision else "",
    }  # fmt: skip
    if judgement is None or outcome is None:
        return data
    severity = judgement["severity"]
    return data | {
        "risk": formatter.coded("risk", outcome.level),
        "risk_is": "controllers"
        if outcome.level is RiskLevel.CONTROLLERS
        else "ours"
        if outcome.is_decided
        else "open",
        "proposed": formatter.coded("risk", outcome.proposed) if outcome.departs else "",
        # ENISA's score informs the decision and is not the decision, so it is shown beside the risk and never in its
        # place.
        "severity": {
            "score": formatter.score(severity["score"]),
            "band": formatter.coded("band", str(severity["band"])),
        },
    }


def _describe_communication(case: CaseFile, formatter: Formatter) -> TemplateData:
    """The state of the communication to people (Art. 34 GDPR): told, planned, excepted, not needed, others' or open.

    A public communication may stand beside letters, for those who cannot be reached (Art. 34(3)(c) GDPR).
    """
    # What went out goes before what was decided: a letter that was sent cannot be planned or excepted any more.
    sent = [line for line in case.ledger if line.kind == "people" and line.first_sent_at is not None]
    decision, outcome = case.decision, outcome_of(case)
    exception = decision.exception if decision else None
    data: TemplateData = {
        "state": "open", "since": "", "count": "", "ground": "",
        "also_public": exception == PUBLIC_GROUND, "made_public": formatter.exact(_made_public_at(case)),
    }  # fmt: skip
    if sent:
        since = min(line.first_sent_at for line in sent if line.first_sent_at is not None)
        count = sum(line.states.get(state, 0) for line in sent for state in WENT_OUT)
        return data | {"state": "informed", "since": formatter.exact(since), "count": formatter.number(count)}
    if decision is None:
        return data
    if decision.notify_people:
        return data | {"state": "planned"}
    if exception:
        return data | {"state": "exception", "ground": formatter.coded("exception", exception)}
    # Of data held for others the controllers decide: nothing is said of how high the risk is.
    others = outcome is not None and outcome.level is RiskLevel.CONTROLLERS
    return data | {"state": "controllers" if others else "not_high"}


def _made_public_at(case: CaseFile) -> datetime | None:
    """When the public communication was made, where it is on record."""
    public = (
        obligation for obligation in case.obligations if obligation.terms.threshold is Threshold.DISPROPORTIONATE_EFFORT
    )
    return next((duty.met_at for duty in public if duty.met_at), None)


def _describe_role(facts: Facts | None, formatter: Formatter) -> TemplateData:
    """In which role we speak: as controller, jointly with others, both, or as processor only."""
    roles = {data_set.role for data_set in facts.data_sets} if facts else set()
    joint = facts.sets_as(Role.JOINT_CONTROLLER) if facts else ()
    named = dict.fromkeys(formatter.line(partner) for data_set in joint for partner in data_set.joint_with)
    if not roles & {Role.CONTROLLER, Role.JOINT_CONTROLLER}:
        role = "processor" if roles else ""
    elif Role.JOINT_CONTROLLER in roles:
        role = "partly_joint" if Role.CONTROLLER in roles else "joint"
    else:
        role = "controller"
    return {"role": role, "joint_with": formatter.listed(named)}


def _describe_source(case: CaseFile, formatter: Formatter) -> TemplateData:
    """The third party where it happened, when it knew and when it informed us: how we came to know."""
    party = case.facts.source_party if case.facts else None
    if party is None:
        return {"what": "", "who": "", "aware_exact": "", "told_exact": ""}
    return {
        "what": formatter.coded("parties", party.kind.value),
        "who": formatter.line(party.who),
        "aware_exact": formatter.exact(party.became_aware_at),
        "told_exact": formatter.exact(party.told_us_at),
    }


def _open_for_people(case: CaseFile) -> list[str]:
    """What matters to an affected person and is not known; letters name it instead of hedging."""
    facts = case.facts
    sets = reported_sets(facts)
    missing = {
        "cause": facts is None or facts.cause.nature == "unknown",
        "exfiltration": any(data_set.exfiltration.value == "unknown" for data_set in sets),
        "protection": any(data_set.protection.encryption.value == "unknown" for data_set in sets),
    }
    return [name for name, is_open in missing.items() if is_open]


def _not_yet(formatter: Formatter, when: str) -> dict[str, str]:
    """A sentence for each thing that may be unknown; with the time of the next update where one is promised."""
    section = formatter.words.section("not_yet")
    # The stem alone is what the check of completeness looks for (required_elements.py): it must stand there unchanged.
    follows = section["follows"]["dated" if when else "undated"].replace("{when}", when)
    return {name: f"{stem}{follows}" for name, stem in section.items() if isinstance(stem, str)}


def merchant_figures(merchant: Mapping[str, Any], words: Catalogue) -> dict[str, str]:
    """Put one merchant's own figures into words; what is not known is said to be so (Art. 33(2), 33(3)(a) GDPR)."""
    # No figure of a merchant is a time, so any zone will do.
    formatter = Formatter(words, ZoneInfo("UTC"))
    unknown = formatter.form("unknown")
    kinds = formatter.listed(formatter.coded("kinds", str(code)) for code in merchant.get("kinds") or ())
    return {
        "name": formatter.line(str(merchant["name"])),
        "people": _figure(merchant.get("people"), formatter) or unknown,
        "records": _figure(merchant.get("records"), formatter) or unknown,
        "kinds": kinds or unknown,
    }


def _figure(value: Any, formatter: Formatter) -> str:
    # An exact type: True would be counted as one person.
    return formatter.count(Count(least=value, most=value)) if type(value) is int else ""


def _open_reasons(data: TemplateData) -> list[str]:
    """The reasons for a delay are promised, too, where the text cannot give them yet (Art. 33(1) GDPR)."""
    return ["reasons_for_delay"] if data["late"] and not data["reasons_for_delay"] else []
