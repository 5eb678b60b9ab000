"""Builds what letters are worded from: a case about which little is known, and one about which all is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from incidents.case.case_file import (
    AssessmentLine,
    CaseFile,
    DecisionLine,
    FilingLine,
    LedgerCount,
    MerchantLine,
    ObligationFile,
)
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.deadlines.terms import DueKind, Terms
from incidents.facts.breach import Facts
from incidents.law.model import Citation
from incidents.law.periods import Period, PeriodKind
from incidents.law.reminder_ladder import ReminderSchedule
from incidents.obligations.recipients import Recipient, RecipientKind
from notifications.letters.compose import LetterComposer, context_for_case
from notifications.letters.context.alert import context_for_alert

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
LANGUAGES = ("en", "de", "fr")
LETTERS = ("authority-initial", "authority-follow-up", "people", "controllers")
ALERTS = ("page", "reminder", "overdue", "escalation")

AWARE = datetime(2026, 11, 22, 1, 47, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

ORGANISATION: dict[str, Any] = {
    "name": "Rabta",
    "legal_name": "Trego Tech GmbH",
    "product": "Rabta",
    "address": "Street 1, 10000 Berlin",
    "registration": "HRB 000000, Amtsgericht Berlin (Charlottenburg)",
    "zone": "Europe/Berlin",
    "country": "DE",
    "languages": ["en", "de", "fr"],
    "main_establishment": {"country": "DE", "region": "BE"},
    "authority": {
        "id": "DE-BE",
        "name": "Berliner Beauftragte für Datenschutz und Informationsfreiheit",
        "portal": "https://datenschutz-berlin.de",
        "language": "de",
    },
    "dpo": {"name": "Data Protection Officer", "email": "dpo@rabta.example.org", "phone": "+49 30 0000000"},
    "contact_point": {
        "name": "Rabta privacy team",
        "email": "privacy@rabta.example.org",
        "phone": "+49 30 0000001",
        "url": "https://rabta.example.org/privacy",
    },
    "public_url": "https://tocsin.rabta.example.org",
}

FULL_FACTS: dict[str, Any] = {
    "summary": "A storage bucket with exports of merchant accounts could be read by anyone for nine days.",
    "account": {
        "en": (
            "For nine days a storage area with copies of merchant accounts was open to the internet. "
            "A wrong setting during maintenance caused this. We found it on 21 November and closed it the same night."
        ),
        "de": (
            "Neun Tage lang war ein Speicherbereich mit Kopien von Händlerkonten offen im Internet erreichbar. "
            "Ursache war eine falsche Einstellung bei einer Wartung. "
            "Wir haben das am 21. November entdeckt und noch in derselben Nacht geschlossen."
        ),
        "fr": (
            "Pendant neuf jours, un espace de stockage contenant des copies de comptes de commerçants est resté ouvert "
            "sur internet. Un mauvais réglage lors d'une maintenance en est la cause. "
            "Nous l'avons découvert le 21 novembre et fermé la nuit même."
        ),
    },
    "occurred_from": datetime(2026, 11, 12, 14, 5, tzinfo=UTC),
    "occurred_to": datetime(2026, 11, 21, 23, 10, tzinfo=UTC),
    "ongoing": "no",
    "discovery": "own_detection",
    "cause": {
        "nature": "misconfiguration",
        "actor": "insider",
        "malicious": "no",
        "detail": "Change during maintenance",
    },
    "systems": ["object storage for account exports (data centre in Frankfurt am Main)"],
    "cross_border": "yes",
    "data_sets": [
        {
            "name": "merchant accounts",
            "role": "controller",
            "subjects": ["merchants", "merchant_staff"],
            "kinds": ["name", "email", "phone", "hashed_password", "iban"],
            "people": {"about": 12400},
            "records": 18250,
            "countries": {"DE": 9100, "FR": 2300, "AT": 1000},
            "breach": ["confidentiality"],
            "special_categories": "no",
            "vulnerable": "no",
            "protection": {"encryption": "none"},
            "exfiltration": "possible",
            "published": "yes",
        },
        {
            "name": "orders of end customers",
            "role": "processor",
            "subjects": ["end_customers"],
            "kinds": ["name", "address", "order_history"],
            "people": {"min": 50000, "max": 61000},
            "records": {"about": 120000},
            "countries": ["DE", "FR"],
            "breach": ["confidentiality"],
            "protection": {"encryption": "none"},
            "exfiltration": "possible",
            "published": "yes",
        },
    ],
    "likely_consequences": ["phishing", "account_takeover", "unauthorised_payments"],
    "measures_taken": ["access_closed", "passwords_reset", "keys_rotated", "logs_secured"],
    "measures_proposed": ["configuration_checked", "misuse_monitoring", "processes_changed"],
    "next_update": datetime(2026, 11, 27, 16, 0, tzinfo=UTC),
}

MINIMAL_FACTS: dict[str, Any] = {
    "summary": "Merchant data were exposed.",
    "data_sets": [
        {"name": "merchant accounts", "role": "controller", "kinds": ["email"], "breach": ["confidentiality"]},
    ],
}

MERCHANT: dict[str, Any] = {
    "id": "M-4711",
    "name": "Example Shop",
    "people": 1240,
    "records": 3015,
    "kinds": ["name", "address", "order_history"],
}


def obligation(duty: str = "authority-initial", **changes: Any) -> ObligationFile:
    """One obligation to the authority: 72 hours from awareness."""
    terms = Terms(
        regime="eu-gdpr",
        duty=duty,
        title="Notification to the supervisory authority",
        period=Period(kind=PeriodKind.HOURS, value=72),
        due_kind=DueKind.STATUTORY,
        ladder=ReminderSchedule(
            warn_before=timedelta(hours=24),
            before=(timedelta(hours=24),),
            after=(timedelta(hours=6),),
            then_every=timedelta(hours=24),
        ),
        citation=Citation(article="Art. 33(1) GDPR", text="72 hours", url="https://eur-lex.europa.eu"),
        late_needs_reasons=True,
    )
    given: dict[str, Any] = {
        "key": f"eu-gdpr/{duty}/DE-BE",
        "recipient": Recipient(kind=RecipientKind.AUTHORITY, id="DE-BE", name="Berlin Commissioner"),
        "terms": terms,
        "started_at": AWARE,
        "due_at": AWARE + timedelta(hours=72),
        "latest_reg_1182_71": None,
        "status": DeadlineStatus.RUNNING,
        "provisional": False,
        "clock_version": 1,
        "met_at": None,
        "waived_at": None,
        "waived_because": None,
        "next_reminder": None,
        "acknowledged": False,
    }
    return ObligationFile(**{**given, **changes})


def filing() -> FilingLine:
    """An initial filing, in time."""
    return FilingLine(
        phase="initial",
        complete=False,
        reference="1234/26",
        filed_at=AWARE + timedelta(hours=20),
        recorded_at=AWARE + timedelta(hours=20),
        recorded_by="Data Protection Officer",
        late_because=None,
        receipt_sha256=None,
    )


def case(facts: dict[str, Any] | None = None, **changes: Any) -> CaseFile:
    """A case of which nothing but its opening is known, and what a test adds."""
    given: dict[str, Any] = {
        "reference": "INC-2026-0007",
        "codename": "AMBER HERON",
        "title": "Open storage bucket",
        "system": None,
        "stage": "assessing",
        "exercise": False,
        "version": 3,
        "opened_at": AWARE - timedelta(hours=2),
        "opened_by": "On-call engineer",
        "occurred_at": None,
        "detected_at": AWARE - timedelta(hours=2),
        "first_signal_at": None,
        "aware_at": AWARE,
        "contained_at": None,
        "closed_at": None,
        "dismissed_because": None,
        "lead": None,
        "facts": Facts.model_validate(facts) if facts is not None else None,
        "facts_version": 1 if facts else 0,
        "as_of": NOW,
        "obligations": (obligation(),),
    }
    return CaseFile(**{**given, **changes})


def full_case(facts: dict[str, Any] | None = None, **changes: Any) -> CaseFile:
    """A case about which all is known: assessed, decided, with merchants and a first filing."""
    judgement = {
        "severity": {"dpc": 3, "ei": 1.0, "cb": 0.5, "score": 3.5, "band": "high"},
        "risk": "high",
        "notify_authority": True,
        "notify_people": True,
        "exception": None,
        "reasons": [],
        "unknowns": [],
    }
    decision = DecisionLine(
        facts_version=1,
        notify_authority=True,
        notify_people=True,
        exception=None,
        because="Bank details and password hashes were open to anybody for nine days.",
        author="Data Protection Officer",
        decided_at=NOW,
    )
    given: dict[str, Any] = {
        "detected_at": datetime(2026, 11, 21, 22, 40, tzinfo=UTC),
        "contained_at": datetime(2026, 11, 21, 23, 10, tzinfo=UTC),
        "assessments": (
            AssessmentLine(facts_version=1, author="Data Protection Officer", recorded_at=NOW, judgement=judgement),
        ),
        "decisions": (decision,),
        "obligations": (obligation(filings=(filing(),)),),
        "merchants": (merchant_line("M-4711"), merchant_line("M-4712")),
    }
    return case(facts or FULL_FACTS, **{**given, **changes})


def merchant_line(merchant: str) -> MerchantLine:
    """One merchant that must be noticed."""
    return MerchantLine(
        id=merchant,
        name="Example Shop",
        language="de",
        people=1240,
        records=3015,
        kinds=("name",),
        contract_hours=None,
        state="waiting",
        sent_at=None,
    )


def told(language: str = "de") -> LedgerCount:
    """A count of the ledger after letters were sent to people."""
    return LedgerCount(
        kind="people",
        language=language,
        total=12400,
        states={"accepted": 400, "delivered": 11900, "bounced": 100},
        first_sent_at=NOW - timedelta(hours=3),
        last_sent_at=NOW,
    )


@cache
def wording() -> LetterComposer:
    """The words that are shipped, read once."""
    return LetterComposer(TEMPLATES)


def letter_context(given: CaseFile, language: str, **changes: Any) -> dict[str, Any]:
    """The context of a letter about a case."""
    return {**context_for_case(given, ORGANISATION, language, wording(), NOW), **changes}


def alert_context(language: str, **changes: Any) -> dict[str, Any]:
    """The context of an alert, with a day left."""
    given: dict[str, Any] = {
        "reference": "INC-2026-0007",
        "codename": "AMBER HERON",
        "title": "Open storage bucket",
        "exercise": False,
        "duty_title": "Notification to the supervisory authority",
        "duty": "authority-initial",
        "recipient_name": "DE-BE",
        "due_at": AWARE + timedelta(hours=72),
        "due_kind": "statutory",
        "says": "24 h left",
        "started_at": AWARE,
        "provisional": False,
        "next_command": "tocsin submit INC-2026-0007",
        "zone": "Europe/Berlin",
        "language": language,
        "now": AWARE + timedelta(hours=48),
    }
    return context_for_alert(**{**given, **changes})
