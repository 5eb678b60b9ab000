"""What a text for authorities says beyond the case: to whom it goes, which filing came before, whether it is late.

Which authority is competent is decided before; here obligations are only named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from incidents.case.case_file import CaseFile, CaseOverview, FilingLine, ObligationFile, ObligationLine
from incidents.facts.second_person import address_in
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL, GDPR, is_gdpr_or_amended
from incidents.obligations.recipients import UNKNOWN_AUTHORITIES, Recipient
from notifications.language.formatting import Formatter
from notifications.letters.context.facts import TemplateData

AUTHORITY_DUTIES = frozenset({AUTHORITY_INITIAL, AUTHORITY_FOLLOW_UP})


def describe_addressees(
    case: CaseFile, organisation: Mapping[str, Any], formatter: Formatter, to: Sequence[ObligationFile]
) -> TemplateData:
    """To whom a text for authorities goes, each with its law where that is not the GDPR, and with its own reference."""
    own = organisation.get("authority")
    # Where no duty is named, the authority that a person put into organisation.yaml.
    ours = [{"name": str(own["name"]), "reference": ""}] if own else []
    names = []
    for obligation in to:
        # With one addressee its reference stands in the text itself (`filing`); beside the name it would stand there
        # twice.
        first = _first_filing(case, (obligation,)) if len(to) > 1 else None
        law = "" if _is_gdpr(obligation) else f" ({formatter.cited(formatter.line(obligation.terms.citation.article))})"
        reference = formatter.line(first.reference) if first else ""
        names.append({"name": f"{_addressee(obligation.recipient, formatter)}{law}", "reference": reference})
    return {
        "addressees": names or ours,
        "only_gdpr": all(_is_gdpr(obligation) for obligation in to),
        # Without a main establishment in the EEA no authority leads (Art. 56 GDPR; Guidelines 9/2022 para 73).
        "has_lead": organisation.get("main_establishment", True) is not None,
    }


def _addressee(recipient: Recipient, formatter: Formatter) -> str:
    """Name an authority; one that nobody has chosen yet is marked, and the check of completeness finds the mark."""
    if recipient == UNKNOWN_AUTHORITIES:
        return formatter.form("authorities_not_known")
    if recipient.is_to_be_chosen:
        country = formatter.country(recipient.id)
        return formatter.form("competent_authority", country=country, mark=formatter.form("to_be_chosen"))
    return formatter.line(recipient.name)


def describe_filing(case: CaseFile, formatter: Formatter, to: Sequence[ObligationFile]) -> dict[str, str]:
    """The first filing with the authority, to which a follow-up refers; of several authorities none is *the* one."""
    first = _first_filing(case, to) if len(to) <= 1 else None
    if first is None:
        return {"reference": "", "at": ""}
    return {"reference": formatter.line(first.reference), "at": formatter.exact(first.filed_at)}


def _first_filing(case: CaseFile, to: Sequence[ObligationFile]) -> FilingLine | None:
    """The first notification of an authority; of any where none is named."""
    # By law and authority, not by obligation: a follow-up is an obligation of its own, and its initial filing stands
    # under another.
    concerns = set(map(_concern, to))
    filings = [
        filing
        for duty in AUTHORITY_DUTIES
        for obligation in of_duty(case, duty)
        if not concerns or _concern(obligation) in concerns
        for filing in obligation.filings
        if filing.phase == "initial"
    ]
    return min(filings, key=lambda line: line.filed_at, default=None)


def _concern(row: ObligationLine) -> tuple[str, str]:
    """Law and authority, a law that stands in the place of a duty of the GDPR being the GDPR."""
    return GDPR if _is_gdpr(row) else row.terms.regime, row.recipient.id


def _is_gdpr(row: ObligationLine) -> bool:
    """Whether a duty is of the GDPR, or of a law that stands in its place."""
    return is_gdpr_or_amended(row.terms.regime)


def is_late(case: CaseOverview, duty: str, now: datetime, to: Sequence[ObligationLine] = ()) -> bool:
    """Whether this duty is, or was first, fulfilled after its time (Art. 33(1), second sentence, GDPR).

    Our own target is no law: a duty whose law asks for no reasons is never late. *to*: only these duties count.
    """
    only = {obligation.key for obligation in to}
    return any(
        # The filing's own time once there is one: what was filed in time is not late in a text that is written today.
        (obligation.met_at or now) > obligation.due_at
        for obligation in of_duty(case, duty)
        if obligation.waived_at is None and obligation.terms.late_needs_reasons and (not only or obligation.key in only)
    )


def of_duty(case: CaseOverview, duty: str) -> tuple[ObligationLine, ...]:
    """The obligations of a case that come from one duty."""
    return tuple(
        obligation
        for obligation in case.obligations
        # A provisional clock runs from detection and not from awareness (Art. 33(1) GDPR): by it nothing is late.
        if obligation.terms.duty == duty and not obligation.provisional and obligation.is_told_by_draft
    )


def late_because(case: CaseFile, to: Sequence[ObligationLine] = ()) -> str:
    """The reasons for a delay: those of the late filing, else those recorded before it (`tocsin late`)."""
    notifications = of_duty(case, AUTHORITY_INITIAL)
    # The filing first: what was told to the authority stands, whatever was noted for a later draft.
    filed = next((filing.late_because for row in notifications for filing in row.filings if filing.late_because), None)
    keys = {row.key for row in to or notifications}
    recorded = dict.fromkeys(text for key, text in case.late_reasons.items() if key in keys)
    return filed or "\n\n".join(recorded)


def warnings_for_authority(case: CaseFile, quoted: Sequence[str]) -> list[str]:
    """What a person should look at before a text goes to an authority."""
    warnings = []
    if quoted:
        warnings.append(f"quoted as recorded, so check that the language is the letter's: {', '.join(quoted)}")
    word = address_in(case.facts.summary) if case.facts else None
    if word is not None:
        warnings.append(f"`summary` addresses the reader (“{word}”): say it about the people, not to them")
    return warnings
