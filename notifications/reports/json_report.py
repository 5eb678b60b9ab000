"""The report as data: stable keys, codes instead of words, RFC 3339 in UTC, durations in seconds.

The texts of drafts stay out (their hashes are in), and so does everything of the organisation that is not its name,
place and roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from incidents.case.case_file import CaseFile, DraftLine, ObligationFile
from incidents.case.irregularities import irregularities
from incidents.register.row import register_row
from notifications.reports.json_values import plain
from notifications.reports.sections.accounts import is_out
from notifications.reports.sections.clock_ledger import ledger
from notifications.reports.sections.findings import REVIEW

SCHEMA: Final = "tocsin-report/1"
_CASE: Final = (
    "reference",
    "codename",
    "title",
    "system",
    "stage",
    "version",
    "lead",
    "opened_by",
    "dismissed_because",
    "facts_version",
)
_TIMES: Final = ("first_signal_at", "occurred_at", "detected_at", "opened_at", "aware_at", "contained_at", "closed_at")
_LISTS: Final = ("awareness", "assessments", "decisions", "alerts", "merchants")
_ORGANISATION: Final = ("name", "legal_name", "product", "address", "registration", "zone", "country")
_NAMED: Final = ("authority", "dpo", "contact_point")
# The hash proves a text without giving it: a report is read by more people than the letters it tells of.
_WORDY: Final = frozenset({"text", "html", "speaks_of", "conflicts"})


def record(
    case: CaseFile, organisation: Mapping[str, Any], sentences: tuple[str, ...], language: str, now: datetime
) -> dict[str, Any]:
    """Make the JSON edition of a report."""
    return {
        "schema": SCHEMA,
        "written_at": plain(now),
        "as_of": plain(case.as_of),
        "language": language,
        "exercise": case.exercise,
        "organisation": organisation,
        "case": {name: plain(getattr(case, name)) for name in _CASE},
        "times": {name: plain(getattr(case, name)) for name in _TIMES},
        "abstract": list(sentences),
        "ledger": plain(ledger(case)),
        "facts": plain(case.facts),
        **{name: plain(getattr(case, name)) for name in _LISTS},
        "obligations": [_obligation(obligation) for obligation in case.obligations],
        "drafts": [_draft(draft) for draft in case.drafts],
        # Every version; those that went out with their words, for what was said to whom has to be shown.
        "versions": [
            {**_draft(draft), **({"text": draft.text} if is_out(case, draft) else {})} for draft in case.versions
        ],
        "irregularities": list(irregularities(case)),
        "messages": plain(case.ledger),
        "people": {"imported": case.people_imported, "list_sha256": case.people_list_sha256},
        "timeline": plain(tuple(entry for entry in case.timeline if entry.kind not in REVIEW)),
        "review": {kind: [entry.text for entry in case.timeline if entry.kind == kind] for kind in REVIEW},
        # The row with its own hash, so that report and register of one moment can be held against each other.
        "register": plain(register_row(case)),
        "audit": {"head": case.audit_head, "seq": case.audit_seq},
    }


def organisation_in_print(organisation: Mapping[str, Any]) -> dict[str, Any]:
    """Pick what may appear in a report; channels, duty rosters and addresses for mail may not."""
    values = {name: plain(organisation.get(name)) for name in _ORGANISATION}
    for name in _NAMED:
        part = organisation.get(name)
        values[name] = part.get("name") if isinstance(part, Mapping) else None
    return values


def _obligation(obligation: ObligationFile) -> dict[str, Any]:
    """The terms as they are stored, which names periods and ladders in whole units."""
    return {**plain(obligation), "terms": obligation.terms.to_json()}


def _draft(draft: DraftLine) -> dict[str, Any]:
    return {key: value for key, value in plain(draft).items() if key not in _WORDY}
