"""Sections 3.1 and 3.2: when it happened, how it came to light, what kind of breach it is and how it came about.

Nothing that the facts leave open is called known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from incidents.case.completeness import ended_at
from incidents.facts.breach import Facts
from incidents.facts.choices import (
    Alteration,
    Backup,
    BreachActor,
    BreachType,
    Encryption,
    Exfiltration,
    Key,
    Returned,
    YesNoUnknown,
)
from incidents.facts.data_set import DataSet
from incidents.kernel.timestamps import rfc3339
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
from notifications.letters.context.authority import late_because
from notifications.letters.context.facts import narrative

ASSESS: Final = "record it in the scope file: tocsin assess"
# Unintelligible as long as the key is safe (Art. 34(3)(a) GDPR). A plain hash is not among them: without a salt it is
# found in tables.
_GOOD: Final = frozenset({Encryption.STATE_OF_THE_ART, Encryption.HASHED_SALTED, Encryption.DEVICE})
_FROM_OUTSIDE: Final = frozenset({"processor_notice", "third_party_proof"})
"""Lines of the timeline that say when another party told us."""
_BARE: Final = frozenset({Encryption.NONE, Encryption.NOT_APPLICABLE})


def answer_timeline(ctx: PackContext) -> Answers:
    """Answer fields 44 to 53."""
    case, facts = ctx.case, ctx.facts
    aware = case.aware_at
    discovery = facts.discovery.value if facts else "unknown"
    return {
        **_occurred(ctx),
        48: answered("awareness on record", rfc3339(aware)) if aware else missing("start the clock: tocsin aware"),
        49: _late_because(ctx),
        50: coded("facts: discovery", (c for c in [codes.DISCOVERY.get(discovery)] if c), ASSESS),
        51: written("facts: discovery; title of the case; basis of awareness", _discovered(ctx), ASSESS),
        52: _told_by_others(ctx),
        53: answered("times of the case", _times(ctx)),
    }


def _occurred(ctx: PackContext) -> Answers:
    """Say when it happened: stated times first; else a beginning estimated from the days it went undetected."""
    case, facts = ctx.case, ctx.facts
    start = (facts.occurred_from if facts else None) or case.occurred_at
    ongoing = facts.ongoing if facts else YesNoUnknown.UNKNOWN
    estimated = start is None and facts is not None and facts.undetected_days is not None
    if start is None and facts is not None and facts.undetected_days is not None:
        # A beginning that nobody stated is counted back, and field 45 says that it is an estimate.
        start = case.detected_at - timedelta(days=facts.undetected_days)
    stated = facts.occurred_to if facts else None
    end = ended_at(facts, case.contained_at)
    source = "facts: undetected_days, counted back from detection" if estimated else "facts: occurred_from, occurred_to"
    code = _when(ctx, start, end, ongoing)
    return {
        44: answered(source, code) if code else not_yet_known(ASSESS),
        45: answered(source, True) if estimated else for_a_person("tick it where the dates are estimates"),
        46: answered(source, rfc3339(start)) if start else not_yet_known(ASSESS),
        47: answered(source if stated else "containment on record", rfc3339(end)) if end else not_yet_known(ASSESS),
    }


def _when(ctx: PackContext, start: datetime | None, end: datetime | None, ongoing: YesNoUnknown) -> str | None:
    if start is None:
        return None
    if end is not None:
        return "a" if ctx.date_of(start) == ctx.date_of(end) else "b"
    # A beginning alone says neither that it goes on nor that it has ended: the field stays open.
    return "c" if ongoing is YesNoUnknown.YES else None


def _late_because(ctx: PackContext) -> FormAnswer:
    """The reasons for a delay, as they were filed or noted for the draft."""
    filed = ctx.initial_filing
    because = (filed.late_because if filed else None) or late_because(ctx.case)
    text = ctx.free(str(because)) if because else ""
    return written("reasons for the delay on record", text, "state them: Art. 33(1) GDPR")


def _discovered(ctx: PackContext) -> str:
    facts, case = ctx.facts, ctx.case
    discovery = [] if facts is None or facts.discovery.value == "unknown" else ctx.coded("discovery", [facts.discovery])
    lines = [case.title, *(statement.basis for statement in case.awareness[-1:])]
    return "\n".join(dict.fromkeys([*discovery, *(ctx.line(line) for line in lines)]))


def _told_by_others(ctx: PackContext) -> FormAnswer:
    """Field 52: when the other party told us, as recorded; our own detection is not that moment, and never stands in.

    1. What the facts say.  2. The notice or proof on the timeline.  3. The first signal.
    """
    party = ctx.facts.source_party if ctx.facts else None
    if party is not None and party.told_us_at is not None:
        return answered("facts: source_party.told_us_at", ctx.date_of(party.told_us_at))
    received = [line.at for line in ctx.case.timeline if line.kind in _FROM_OUTSIDE]
    if received:
        return answered("notice on the timeline", ctx.date_of(min(received)))
    if ctx.case.first_signal_at is not None:
        return answered("time of the first signal", ctx.date_of(ctx.case.first_signal_at))
    return for_a_person("when they told us; the record keeps it as source_party.told_us_at, or as a processor_notice")


def _times(ctx: PackContext) -> str:
    """The times of the case, one on each line, each named in the language of the values."""
    case, facts = ctx.case, ctx.facts
    party = facts.source_party if facts else None
    times = {
        "occurred_from": (facts.occurred_from if facts else None) or case.occurred_at,
        "occurred_to": facts.occurred_to if facts else None,
        "party_aware": party.became_aware_at if party else None,
        "party_told": party.told_us_at if party else None,
        "first_signal": case.first_signal_at,
        "detected": case.detected_at,
        "aware": case.aware_at,
        "contained": case.contained_at,
    }
    formatter = ctx.formatter
    known = ((formatter.coded("times", name), formatter.exact(at)) for name, at in times.items() if at)
    return "\n".join(formatter.form("labelled", what=name, value=value) for name, value in known)


def answer_nature(ctx: PackContext) -> Answers:
    """Answer fields 55 to 63 (Art. 33(3)(a) GDPR)."""
    facts = ctx.facts
    return {
        55: coded("facts: breach", codes.translate(ctx.all_of("breach"), codes.BREACH, ""), ASSESS),
        56: _worst("facts: exfiltration, recipients, published", map(_disclosed, _touched(ctx, "confidentiality"))),
        57: _worst("facts: protection", map(_unintelligible, _touched(ctx, "confidentiality"))),
        58: _worst("facts: alteration, consequences_seen", map(_altered, _touched(ctx, "integrity"))),
        59: _worst("facts: backup", map(_unavailable, _touched(ctx, "availability"))),
        60: _nature(ctx, facts),
        61: _cause(facts),
        62: written("facts: summary, or account in the language; cause", _narrative(ctx, facts), ASSESS),
        63: written("facts: systems; add where they are located", _systems(ctx, facts), ASSESS),
    }


def _touched(ctx: PackContext, breach: str) -> list[DataSet]:
    return [data_set for data_set in ctx.sets if BreachType(breach) in data_set.breach]


def _worst(source: str, answers: Iterable[tuple[int, str]]) -> FormAnswer:
    """Of several data sets, the one that is worst tells; an empty code is the worst that is known: nothing."""
    # Ranks, not letters: the form's letters do not rise with the harm, and an empty code has its rank, too.
    _, code = max(answers, default=(0, ""))
    return answered(source, code) if code else not_yet_known(ASSESS)


def _disclosed(data_set: DataSet) -> tuple[int, str]:
    """Field 56: disclosure that is certain outweighs one that is likely; an open question outweighs a proven no."""
    recipients = data_set.recipients
    is_disclosed = recipients is not None and recipients.returned is not Returned.UNOPENED
    if is_disclosed or data_set.exfiltration is Exfiltration.CONFIRMED or data_set.published is YesNoUnknown.YES:
        return 4, "a"
    if data_set.exfiltration is Exfiltration.POSSIBLE:
        return 3, "b"
    stayed = data_set.exfiltration is Exfiltration.NOT_APPLICABLE and data_set.published is YesNoUnknown.NO
    return (1, "c") if stayed or data_set.exfiltration is Exfiltration.NONE_PROVEN else (2, "")


def _unintelligible(data_set: DataSet) -> tuple[int, str]:
    """Field 57: intact only where the method is good and the key is known to be safe (Art. 34(3)(a) GDPR)."""
    protection = data_set.protection
    if protection.encryption in _BARE:
        return 4, "c"
    if protection.encryption is Encryption.UNKNOWN:
        return 3, ""
    return (1, "a") if protection.encryption in _GOOD and protection.key is Key.SAFE else (2, "b")


def _altered(data_set: DataSet) -> tuple[int, str]:
    """Field 58: use of altered data is evident only where consequences have been seen."""
    if data_set.alteration is Alteration.UNKNOWN:
        return 3, ""
    if not data_set.consequences_seen:
        return 1, "a"
    return (4, "c") if data_set.alteration is Alteration.UNRECOVERABLE else (2, "b")


def _unavailable(data_set: DataSet) -> tuple[int, str]:
    """Field 59; "not determined" is an answer that the form takes from a complete filing too."""
    if data_set.backup in {Backup.NONE, Backup.PARTIAL, Backup.ENCRYPTED_TOO}:
        return 3, "b"
    return (1, "a") if data_set.backup in {Backup.FULL_FAST, Backup.FULL_SLOW} else (2, "c")


def _nature(ctx: PackContext, facts: Facts | None) -> FormAnswer:
    if facts is None or facts.cause.nature == "unknown":
        return not_yet_known(ASSESS)
    nature = facts.cause.nature
    # The form tells a lost device (i) from lost paper (o); nothing on paper can have been encrypted, so that answer
    # tells them apart.
    on_paper = bool(ctx.sets) and all(
        data_set.protection.encryption is Encryption.NOT_APPLICABLE for data_set in ctx.sets
    )
    lost_paper = on_paper and nature in {"loss", "theft"}
    code = codes.PAPER_LOST if lost_paper else codes.NATURE.get(nature, codes.NATURE_OTHER)
    return answered("facts: cause.nature", code)


def _cause(facts: Facts | None) -> FormAnswer:
    """Field 61: inside or outside, meant or not."""
    if facts is None:
        return not_yet_known(ASSESS)
    cause = facts.cause
    # Nobody on purpose: the form has internal and non-malicious (a) for faults of one's own systems.
    if cause.actor is BreachActor.NONE and cause.malicious is not YesNoUnknown.YES:
        return answered("facts: cause", "a")
    table = {
        (BreachActor.INSIDER, YesNoUnknown.NO): "a",
        (BreachActor.INSIDER, YesNoUnknown.YES): "b",
        (BreachActor.EXTERNAL, YesNoUnknown.NO): "c",
        (BreachActor.EXTERNAL, YesNoUnknown.YES): "d",
    }
    code = table.get((cause.actor, cause.malicious))
    return answered("facts: cause", code) if code else not_yet_known(ASSESS)


def _narrative(ctx: PackContext, facts: Facts | None) -> str:
    if facts is None:
        return ""
    account = narrative(facts, ctx.words.language)
    return "\n".join(text for text in (ctx.free(account), ctx.free(facts.cause.detail)) if text)


def _systems(ctx: PackContext, facts: Facts | None) -> str:
    systems = facts.systems if facts else ()
    return "\n".join(ctx.line(system) for system in (systems or ([ctx.case.system] if ctx.case.system else [])))
