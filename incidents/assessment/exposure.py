"""Who could have got the data: the first rule that fits decides, from "nobody" to "an attacker".

What is unknown leads to the wider exposure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from incidents.assessment.predicates import (
    is_hostile,
    is_insider,
    is_more_than,
    is_recipient_feared,
    is_unintelligible,
    is_yes,
    weighing_kinds,
)
from incidents.assessment.risk import Reason, reason_for
from incidents.assessment.sensitivity import sensitivity
from incidents.facts.breach import Facts
from incidents.facts.choices import BreachType, Deletion, Exfiltration, Returned, Trust, YesNoUnknown
from incidents.facts.data_kinds import Sensitivity
from incidents.facts.data_set import DataSet, Recipients

FEW_RECIPIENTS = 24
"""Up to two dozen known wrong recipients are still *known*; beyond that nobody can follow them up (case 09)."""


class Exposure(StrEnum):
    """How far the data went, from nowhere to an attacker."""

    NONE = "none"
    CONTAINED = "contained"
    """A trusted recipient got them and they are deleted."""
    UNTOUCHED = "untouched"
    """They lay open, but complete logs show that nobody took them."""
    ENTRUSTED = "entrusted"
    """A trusted recipient got them; deletion is not shown."""
    KNOWN = "known"
    """A few known recipients without a duty of secrecy."""
    OPEN = "open"
    """Nobody can say who has them: lost, published, sent to many."""
    INSIDER = "insider"
    """Somebody of our own took them on purpose."""
    ATTACKER = "attacker"
    """Somebody outside took them, or may have."""


@dataclass(frozen=True, kw_only=True)
class ExposureResult:
    """How far the data went, and why."""

    level: Exposure
    reason: Reason


ExposureRule = Callable[[Facts, DataSet], ExposureResult | None]


def nothing_disclosed(facts: Facts, data_set: DataSet) -> ExposureResult | None:
    """No confidentiality breach is stated, and nothing points to one.

    After an attack, "not known whether data left" points to one: ransomware comes with theft (Guidelines 01/2021, 2.1).
    """
    # Each alone is enough: facts are filled in one by one, and the first to point at disclosure counts.
    pointing = (
        BreachType.CONFIDENTIALITY in data_set.breach,
        data_set.exfiltration in (Exfiltration.POSSIBLE, Exfiltration.CONFIRMED),
        data_set.exfiltration is Exfiltration.UNKNOWN and is_hostile(facts.cause),
        is_yes(data_set.published),
        data_set.recipients is not None,
    )
    if any(pointing):
        return None
    return _exposed(Exposure.NONE, reason_for("nothing_disclosed"))


def unintelligible_to_outsiders(facts: Facts, data_set: DataSet) -> ExposureResult | None:
    """Encrypted, and the key is safe: whoever has the data cannot read them."""
    if not is_unintelligible(facts, data_set):
        return None
    return _exposed(Exposure.NONE, reason_for("unintelligible_to_outsiders"))


def came_back_unopened(facts: Facts, data_set: DataSet) -> ExposureResult | None:
    """What went astray was returned unopened, or called back before anybody had seen it."""
    recipients = data_set.recipients
    if recipients is None or _may_have_spread(facts, data_set):
        return None
    # Not knowing must never be milder than knowing the worst: only a stated "not read" and a stated few count.
    if recipients.read is not YesNoUnknown.NO or _may_be_many(recipients):
        return None
    about = {Returned.UNOPENED: "came_back_unopened", Returned.RECALLED: "came_back_unseen"}.get(recipients.returned)
    return _exposed(Exposure.NONE, reason_for(about)) if about else None


def grave_data_lay_open(facts: Facts, data_set: DataSet) -> ExposureResult | None:
    """Grave data within reach of the wrong people: no log of outflow shows that nobody read them.

    Passwords that withstand guessing do not count, nor what an attack left in place.
    """
    stated = BreachType.CONFIDENTIALITY in data_set.breach and data_set.exfiltration is Exfiltration.NONE_PROVEN
    if not stated or is_hostile(facts.cause) or is_yes(data_set.published) or data_set.recipients is not None:
        return None
    if any(kind.credential for kind in weighing_kinds(data_set)):
        return _exposed(Exposure.UNTOUCHED, reason_for("grave_data_lay_open_passwords"))
    if sensitivity(data_set).level < Sensitivity.GRAVE:
        return None
    return _exposed(Exposure.UNTOUCHED, reason_for("grave_data_lay_open"))


def logs_show_no_outflow(facts: Facts, data_set: DataSet) -> ExposureResult | None:
    """Complete logs show that no data left; an attacker who was inside may still have looked."""
    if data_set.exfiltration is not Exfiltration.NONE_PROVEN or data_set.recipients is not None:
        return None
    # Logs that show nothing, and people who felt it: the people are believed.
    if data_set.consequences_seen:
        return None
    if is_hostile(facts.cause) and (BreachType.CONFIDENTIALITY in data_set.breach or is_yes(data_set.published)):
        return _exposed(Exposure.KNOWN, reason_for("logs_show_no_outflow_inside"))
    if is_yes(data_set.published):
        return _exposed(Exposure.UNTOUCHED, reason_for("logs_show_no_outflow_public"))
    return _exposed(Exposure.NONE, reason_for("logs_show_no_outflow"))


def taken_on_purpose(facts: Facts, data_set: DataSet) -> ExposureResult | None:
    """Somebody meant it, or nobody can rule that out: bad intentions are to be expected."""
    if not is_hostile(facts.cause):
        return None
    # Once published, what an insider took is in everybody's hands, and the wider exposure counts.
    if is_insider(facts.cause) and not is_yes(data_set.published):
        return _exposed(Exposure.INSIDER, reason_for("taken_on_purpose_inside"))
    return _exposed(Exposure.ATTACKER, reason_for("taken_on_purpose"))


def trusted_recipient(facts: Facts, data_set: DataSet) -> ExposureResult | None:
    """A recipient bound by contract, office or secrecy; contained once a few have shown deletion.

    Being helpful is not being trusted, and papers that were read and returned are not contained (UODO DKN.5131.1.2024,
    DKN.5131.28.2023).
    """
    recipients = data_set.recipients
    # *Partly* is not yes: somebody bound for a part of the data is not bound for these.
    if recipients is None or recipients.trusted is not Trust.YES or _may_have_spread(facts, data_set):
        return None
    # Who refuses has shown by it that the bond does not hold.
    if recipients.deletion is Deletion.REFUSED or is_recipient_feared(data_set):
        return None
    # A trusted recipient's word is enough; of others, not even a written one makes the data contained
    # (few_known_recipients).
    if recipients.deletion in (Deletion.ATTESTED, Deletion.STATED) and not _may_be_many(recipients):
        return _exposed(Exposure.CONTAINED, reason_for("trusted_recipient_deleted"))
    return _exposed(Exposure.ENTRUSTED, reason_for("trusted_recipient"))


def few_known_recipients(facts: Facts, data_set: DataSet) -> ExposureResult | None:
    """Sent by mistake to a few people who can be asked to delete it."""
    recipients = data_set.recipients
    if recipients is None or _may_have_spread(facts, data_set):
        return None
    # Also where the number is unknown: `is_more_than` takes what has no upper end for many.
    if is_more_than(recipients.count, FEW_RECIPIENTS):
        return None
    about = {
        Deletion.ATTESTED: "few_known_recipients_attested",
        Deletion.STATED: "few_known_recipients_promise",
    }.get(recipients.deletion, "few_known_recipients")
    return _exposed(Exposure.KNOWN, reason_for(about, text=recipients.who))


def anybody(facts: Facts, data_set: DataSet) -> ExposureResult:
    """Nobody can say who has the data."""
    if is_yes(data_set.published):
        reason = reason_for("anybody_public")
    elif data_set.recipients is not None:
        known = data_set.recipients.count.is_known or _may_have_spread(facts, data_set)
        reason = reason_for("anybody_many" if known else "anybody_uncounted")
    else:
        reason = reason_for("anybody", nature=facts.cause.nature)
    return _exposed(Exposure.OPEN, reason)


RULES: tuple[ExposureRule, ...] = (
    # The order is the judgement. First what shows that nobody has the data; then what lay open untouched; then intent,
    # which outweighs what is known of a recipient; and only then recipients, from trusted to anybody.
    nothing_disclosed,
    unintelligible_to_outsiders,
    came_back_unopened,
    grave_data_lay_open,
    logs_show_no_outflow,
    taken_on_purpose,
    trusted_recipient,
    few_known_recipients,
    anybody,
)
"""In this order the first rule that fits decides; the last always does."""


def exposure(facts: Facts, data_set: DataSet) -> ExposureResult:
    """Say how far the data of one set went."""
    return next(result for rule in RULES if (result := rule(facts, data_set)))


def _may_have_spread(facts: Facts, data_set: DataSet) -> bool:
    """Whether what a single recipient did no longer tells where the data are."""
    return is_hostile(facts.cause) or is_yes(data_set.published)


def _may_be_many(recipients: Recipients) -> bool:
    """Whether there may be more recipients than anybody can follow up.

    Whoever describes a recipient and says nothing of a number means the one described; a stated *unknown* may be any.
    """
    return "count" in recipients.model_fields_set and is_more_than(recipients.count, FEW_RECIPIENTS)


def _exposed(level: Exposure, reason: Reason) -> ExposureResult:
    return ExposureResult(level=level, reason=reason)
