"""What affected people can do, by the kinds of data: used where the facts give no advice (recital 86 GDPR).

This is a table of codes; the words are in templates/words.
"""

from __future__ import annotations

from collections.abc import Iterable

from incidents.facts.data_kinds import kind_of, rows_of

_PASSWORDS = ("change_password", "change_password_elsewhere", "turn_on_two_factor")
_DOCUMENTS = ("watch_for_identity_theft", "replace_id_document")

_BY_KIND: dict[str, tuple[str, ...]] = {
    "credentials": _PASSWORDS,
    "password": _PASSWORDS,
    "hashed_password": _PASSWORDS,
    "security_question": _PASSWORDS,
    "two_factor_secret": _PASSWORDS,
    "session_token": ("sign_out_everywhere",),
    "access_token": ("renew_api_keys",),
    "api_key": ("renew_api_keys",),
    "payment_card": ("block_card", "watch_statements"),
    "financial_access": ("change_password_elsewhere", "watch_statements"),
    "bank_account": ("watch_statements",),
    "iban": ("watch_statements",),
    "financial": ("watch_statements",),
    "billing": ("watch_statements",),
    "transactions": ("watch_statements",),
    "email": ("beware_of_phishing",),
    "contact": ("beware_of_phishing",),
    "account_data": ("beware_of_phishing",),
    "identity": ("beware_of_phishing",),
    "ordinary": ("beware_of_phishing",),
    "phone": ("beware_of_calls",),
    "id_document": _DOCUMENTS,
    "id_card_number": _DOCUMENTS,
    "passport": _DOCUMENTS,
    "driving_licence": _DOCUMENTS,
    "birth_date": ("watch_for_identity_theft",),
}


def advice_for(kinds: Iterable[str], order: Iterable[str]) -> tuple[str, ...]:
    """Derive advice from the kinds of data, the most urgent first; *order* is that of the catalogue.

    Kinds of Arts. 9 and 10 GDPR add where to find support, numbers that identify add identity theft, and there is
    always a way to ask. Another word for a kind (``pesel``) leads to the same advice as the kind.
    """
    codes = {"contact_us"}
    for word in (row for slug in kinds for row in rows_of(slug) or (slug,)):
        kind = kind_of(word)
        codes.update(_BY_KIND.get(word, ()))
        codes.update({"seek_support"} if kind.special else ())
        # A card number identifies, but what it is misused for is payments: its own advice (block it, watch statements)
        # is what helps.
        codes.update({"watch_for_identity_theft"} if kind.identity_theft and word != "payment_card" else ())
    # Kinds without advice of their own still let a stranger write as if they knew the reader.
    if len(codes) == 1:
        codes.add("beware_of_phishing")
    # In the catalogue's order of urgency: the order of the data sets says nothing about what is to be done first.
    return tuple(code for code in order if code in codes)
