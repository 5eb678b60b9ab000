"""Our codes in the template's codes: nature, kinds of data, groups of people, consequences, measures.

A code that no table lists becomes the template's "other", never nothing; the description beside it names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from incidents.facts.data_kinds import rows_of
from incidents.facts.protected_groups import PROTECTED_SUBJECTS


def _table(rows: Mapping[str, str]) -> Mapping[str, str]:
    """Turn ``code: words`` into a look-up by word."""
    return {word: code for code, words in rows.items() for word in words.split()}


NATURE: Final = _table(
    {
        "a": "abuse_of_access insider_abuse",
        "b": "ransomware",
        "c": "hacking malware",
        "d": "phishing social_engineering",
        "e": "vulnerability",
        "f": "unauthorised_access credential_stuffing",
        "g": "exfiltration",
        "h": "wrong_person_shown",
        "i": "loss theft",
        "k": "disposal",
        "l": "mispostal",
        "m": "misconfiguration",
        "n": "permissions",
        "p": "deletion",
        "r": "misdelivery wrong_recipient",
        "s": "open_list",
        "t": "technical_malfunction software_error bug outage power_outage fault hardware_failure",
        "u": "alteration",
        "v": "publication",
        "w": "verbal_disclosure",
    }
)
"""Field 60."""
# "x" is "to be determined", which fill.py gives where the filing is incomplete.
NATURE_OTHER: Final = "y"
PAPER_LOST: Final = "o"
"""Field 60: paper, where nothing could have been encrypted."""

# "c" (military, law enforcement) has no word in our facts; "k" is "not yet known".
SUBJECTS: Final = _table(
    {
        "a": "merchants customers end_customers clients policyholders",
        "b": "employees former_employees merchant_staff job_applicants",
        "d": "children minors",
        "e": "patients",
        "f": "students pupils",
        "g": "subscribers",
        "h": "users visitors members",
        "i": " ".join(sorted(PROTECTED_SUBJECTS - {"children", "minors", "patients", "pupils"})) + " vulnerable",
    }
)
"""Field 65."""
VULNERABLE: Final = "i"
SUBJECTS_OTHER: Final = "j"

# "m" (health data of an employment) has no row: our facts say health without saying where from. "t" is "not yet known".
KINDS: Final = _table(
    {
        "a": "name identity gender sex birth_date birth_place civil_status nationality language photo signature"
             " voice_recording video_recording cv"
             " ordinary initials alias pseudonym family company business_data shop_name",
        "b": "contact address email phone protected_address",
        "c": "biometric",
        "d": "criminal",
        "e": "political_opinion",
        "f": "ethnic_origin",
        "g": "religion belief",
        "h": "sex_life sexual_orientation",
        "i": "trade_union",
        "j": "genetic",
        "k": "health disability",
        "l": "financial billing invoice invoices invoice_number income debts transactions credit_rating wage salary"
             " payslip tax_return"
             " payout revenue purchases purchase_history order orders order_history payment_history price",
        "n": "national_id fiscal_code tax_id vat_id id_card_number social_security_number customer_number user_id"
             " plate_number",
        "o": "location",
        "p": "id_document passport driving_licence documents",
        "q": "payment_card bank_account iban",
        "r": "profile preferences usage usage_data browsing appraisal credit_score",
        "s": "credentials username account_name account_data password hashed_password api_key access_token"
             " session_token security_question two_factor_secret financial_access",
    }
)  # fmt: skip
"""Field 70."""
KINDS_OTHER: Final = "u"

IMPACT: Final = _table(
    {
        "a": "loss_of_control profiling spam phishing",
        "b": "limitation_of_rights",
        "c": "discrimination",
        "d": "identity_theft account_takeover",
        "e": "fraud unauthorised_payments",
        "f": "financial_loss",
        "g": "reversal_of_pseudonymisation",
        "h": "reputation",
        "i": "professional_secrecy",
        "j": "disclosure",
        "k": "economic_disadvantage",
        "l": "physical_harm distress blackmail",
        "m": "data_loss",
    }
)
"""Field 85."""
IMPACT_OTHER: Final = "n"

MISUSE: Final = frozenset(
    {"phishing", "fraud", "identity_theft", "account_takeover", "unauthorised_payments", "spam", "blackmail"}
)
"""Consequences that mean use for other or unlawful purposes (field 79 c)."""
LINKED: Final = frozenset({"profiling", "reversal_of_pseudonymisation"})
"""Consequences that mean data can be linked with others (field 79 b)."""

# The other codes (anonymisation, policies, incident log ...) have no measure in our facts: a person adds them.
AGAINST_REPETITION: Final = _table(
    {
        "b": "backup_improved",
        "c": "processes_changed",
        "d": "encryption_introduced",
        "f": "staff_trained",
        "g": "data_minimised",
        "i": "permissions_reviewed",
        "j": "two_factor_introduced",
        "k": "audit",
        "n": "updates_installed vulnerability_fixed",
        "o": "configuration_checked monitoring_increased",
    }
)
"""Field 94. Measures that only end or soften this breach are not among them."""

DISCOVERY: Final[Mapping[str, str]] = {
    "own_detection": "a", "processor": "b", "data_subject": "c", "external_party": "d", "press": "e", "other": "f",
}  # fmt: skip
"""Field 50."""
BREACH: Final[Mapping[str, str]] = {"confidentiality": "a", "integrity": "b", "availability": "c"}
"""Field 55."""
BAND: Final[Mapping[str, str]] = {"low": "a", "medium": "b", "high": "c", "very_high": "c"}
"""Field 87, from ENISA's band: the template knows three degrees only."""
EXCEPTION: Final[Mapping[str, str]] = {"34-3-a": "a", "34-3-b": "b", "34-3-c": "c"}
"""Field 100."""
EEA: Final = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE".split()  # noqa: SIM905 - a line reads better than thirty strings
)
"""The Member States of the Union, Iceland, Liechtenstein and Norway."""


def translate(words: Iterable[str], table: Mapping[str, str], other: str) -> list[str]:
    """Put words into codes; a word that the table does not know becomes *other*."""
    return [table.get(word, other) for word in words]


def translate_kinds(words: Iterable[str]) -> list[str]:
    """Put kinds of data into codes (field 70): by the word itself, else by the rows of the table it stands for."""
    # By the word first: some words have a code of their own though they stand for a row with another.
    kinds = [kind for word in words for kind in ((word,) if word in KINDS else rows_of(word) or (word,))]
    return translate(kinds, KINDS, KINDS_OTHER)
