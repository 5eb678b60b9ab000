"""The kinds of data that Tocsin knows, and what each means for a breach.

Other words for a row are in data_kind_aliases.py. The list is open: an unknown kind is carried and treated with caution
(``UNKNOWN_KIND``), never dropped and never taken for harmless.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from functools import lru_cache

from incidents.facts.data_kind_aliases import parts, spellings, tokens
from incidents.facts.protected_groups import is_protected_group


class Category(StrEnum):
    """ENISA's four categories of data (severity methodology, section on the data processing context)."""

    SIMPLE = "simple"
    BEHAVIOURAL = "behavioural"
    FINANCIAL = "financial"
    SENSITIVE = "sensitive"

    @property
    def basic_score(self) -> int:
        """The score before any adjustment: 1, 2, 3 or 4."""
        # By their order in the methodology, which is the order above.
        return list(Category).index(self) + 1


class Sensitivity(IntEnum):
    """How much harm the data can do in wrong hands (Guidelines 9/2022, section IV.B: nature and sensitivity)."""

    HARMLESS = 0
    """Points to nobody without a key or table that is out of reach."""
    ORDINARY = 1
    """Name, address, e-mail, one order: annoyance or unwanted messages."""
    TELLING = 2
    """Says who somebody is or how they live: enough for credible deception."""
    SERIOUS = 3
    """Money, whereabouts, communications; and every kind that nobody has described yet."""
    GRAVE = 4
    """Arts. 9 and 10 GDPR, state identifiers and documents, ways into accounts, people in need of protection."""


class IdentifyingPower(IntEnum):
    """How far one kind of data points to a person when it stands alone."""

    NOTHING = 0
    BY_TABLE = 1
    """Only together with a reference table, as an alias does."""
    PARTLY = 2
    LARGELY = 3
    FULLY = 4


@dataclass(frozen=True, kw_only=True)
class DataKind:
    """One kind of data."""

    slug: str
    category: Category
    sensitivity: Sensitivity
    identifies: IdentifyingPower
    context: int
    """ENISA's data processing context that this kind usually has (1 to 4)."""
    special: bool = False
    """Data of Art. 9 or Art. 10 GDPR."""
    credential: bool = False
    """Opens an account; ENISA: it takes the category of what it opens."""
    identity_theft: bool = False
    """With it somebody can pose as the person (recital 75 GDPR)."""
    known: bool = True
    row: str = ""
    """The row of the table that the word stands for; empty where it has none of its own."""


def _rows(
    category: Category,
    sensitivity: Sensitivity,
    identifies: IdentifyingPower,
    slugs: str,
    *,
    context: int | None = None,
    special: bool = False,
    credential: bool = False,
    identity_theft: bool = False,
) -> tuple[DataKind, ...]:
    return tuple(
        DataKind(
            slug=slug,
            row=slug,
            category=category,
            sensitivity=sensitivity,
            identifies=identifies,
            # The usual context of a kind is its category's basic score, as the methodology begins with it.
            context=context or category.basic_score,
            special=special,
            credential=credential,
            identity_theft=identity_theft,
        )
        for slug in slugs.split()
    )


_C, _S, _I = Category, Sensitivity, IdentifyingPower

_TABLE: tuple[DataKind, ...] = (
    # Who somebody is, and how to reach them.
    *_rows(_C.SIMPLE, _S.ORDINARY, _I.LARGELY, "name email user_id username account_name"),
    *_rows(_C.SIMPLE, _S.ORDINARY, _I.PARTLY, "address phone company business_data vat_id shop_name"),
    *_rows(_C.SIMPLE, _S.ORDINARY, _I.FULLY, "contact account_data"),
    *_rows(_C.SIMPLE, _S.ORDINARY, _I.NOTHING, "sex gender language item price quantity insurance_rates mileage"),
    # "Ordinary" and "identity" name no exact content: more than a name must be expected behind them.
    *_rows(_C.SIMPLE, _S.TELLING, _I.FULLY, "ordinary identity"),
    *_rows(_C.SIMPLE, _S.TELLING, _I.PARTLY, "birth_date birth_place plate_number signature customer_number"),
    *_rows(_C.SIMPLE, _S.TELLING, _I.LARGELY, "photo"),
    *_rows(_C.SIMPLE, _S.TELLING, _I.NOTHING, "civil_status nationality education employment family appraisal"),
    *_rows(_C.SIMPLE, _S.TELLING, _I.FULLY, "cv", context=2),
    *_rows(_C.SIMPLE, _S.HARMLESS, _I.BY_TABLE, "pseudonym alias initials"),
    # Numbers and papers with which somebody can pose as another (recital 75 GDPR; EDPB 01/2021 cases 04, 07, 14).
    *_rows(
        _C.SIMPLE, _S.GRAVE, _I.LARGELY, "national_id fiscal_code tax_id social_security_number", identity_theft=True
    ),
    *_rows(
        _C.SIMPLE, _S.GRAVE, _I.FULLY, "id_card_number id_document passport driving_licence", identity_theft=True
    ),
    # Where somebody hides: the address itself is the danger.
    *_rows(_C.SIMPLE, _S.GRAVE, _I.PARTLY, "protected_address", context=4),
    # What somebody does: orders, usage, technical traces, cookies.
    *_rows(_C.SIMPLE, _S.ORDINARY, _I.NOTHING, "order invoice_number delivery"),
    *_rows(
        _C.BEHAVIOURAL, _S.TELLING, _I.NOTHING,
        "purchases purchase_history order_history booking preferences usage usage_data browsing support_messages",
    ),
    *_rows(_C.BEHAVIOURAL, _S.ORDINARY, _I.PARTLY, "ip_address device_id cookies technical_data log_data", context=1),
    *_rows(_C.BEHAVIOURAL, _S.SERIOUS, _I.PARTLY, "location telecom_traffic"),
    *_rows(_C.BEHAVIOURAL, _S.SERIOUS, _I.LARGELY, "voice_recording video_recording"),
    *_rows(_C.BEHAVIOURAL, _S.GRAVE, _I.PARTLY, "telecom_content private_messages correspondence", context=3),
    # A dislike or an intolerance on a list of guests: trivial in practice (EDPB 01/2021 case 15).
    *_rows(_C.BEHAVIOURAL, _S.ORDINARY, _I.NOTHING, "food_preferences"),
    # Money.
    *_rows(_C.FINANCIAL, _S.TELLING, _I.NOTHING, "wage salary payout revenue"),
    *_rows(_C.FINANCIAL, _S.SERIOUS, _I.NOTHING, "financial billing invoice income debts transactions credit_score"),
    *_rows(_C.FINANCIAL, _S.SERIOUS, _I.FULLY, "payslip"),
    # A tax return holds the tax number, the income and often health, church and family.
    *_rows(_C.FINANCIAL, _S.GRAVE, _I.FULLY, "tax_return", context=4, identity_theft=True),
    *_rows(_C.FINANCIAL, _S.SERIOUS, _I.LARGELY, "bank_account iban", context=2),
    *_rows(_C.FINANCIAL, _S.GRAVE, _I.PARTLY, "payment_card", context=4, identity_theft=True),
    *_rows(_C.FINANCIAL, _S.GRAVE, _I.PARTLY, "financial_access", context=4, credential=True),
    # Ways into accounts. The context 3 stands for "what they open is not stated".
    *_rows(
        _C.SIMPLE, _S.GRAVE, _I.NOTHING, "credentials password api_key access_token session_token security_question"
        " two_factor_secret",
        context=3, credential=True,
    ),
    *_rows(_C.SIMPLE, _S.GRAVE, _I.NOTHING, "hashed_password", context=3, credential=True),
    # Arts. 9 and 10 GDPR.
    *_rows(
        _C.SENSITIVE, _S.GRAVE, _I.NOTHING,
        "health genetic biometric political_opinion religion belief trade_union sex_life sexual_orientation"
        " ethnic_origin criminal disability",
        special=True,
    ),
)  # fmt: skip

KINDS: dict[str, DataKind] = {kind.slug: kind for kind in _TABLE}

UNKNOWN_KIND = DataKind(
    slug="unknown",
    # The second gravest of the four: one word that nobody has described must not make every breach one of health data.
    category=Category.FINANCIAL,
    sensitivity=Sensitivity.SERIOUS,
    identifies=IdentifyingPower.FULLY,
    context=3,
    known=False,
)
"""What a kind is taken for that the table does not list: not harmless, and pointing to a person."""


@lru_cache(maxsize=4096)
def kind_of(slug: str) -> DataKind:
    """Say what a word for data means; the kind keeps the word.

    1. A row of the table, also by another word for it, in the plural or with fillers (``health_data``).
    2. Several rows joined by "and": the gravest of each quality.
    3. Otherwise ``UNKNOWN_KIND``, made graver by every grave word inside (``health_insurance_dossier``), never milder.
    """
    if kind := _listed(slug):
        return replace(kind, slug=slug)
    joined = parts(slug)
    if len(joined) > 1:
        return _together(slug, [kind_of(part) for part in joined])
    # Only what is graver than an unknown kind is added: milder words inside a longer one prove nothing about the whole.
    inside = [kind for token in tokens(slug) if (kind := _listed(token)) and kind.sensitivity > Sensitivity.SERIOUS]
    if is_protected_group(slug):
        inside.append(replace(UNKNOWN_KIND, sensitivity=Sensitivity.GRAVE, context=4))
    return _together(slug, [UNKNOWN_KIND, *inside])


def rows_of(word: str) -> tuple[str, ...]:
    """Name the rows of the table that a word for data stands for; none where any part of it is in no row.

    ``pesel`` stands for ``national_id``, ``name_and_phone_number`` for ``name`` and ``phone``.
    """
    if kind := _listed(word):
        return (kind.row,)
    joined = parts(word)
    # All parts or none: a letter that lists one of two kinds would be a wrong list.
    rows = [rows_of(part) for part in joined] if len(joined) > 1 else []
    return tuple(dict.fromkeys(row for kind_rows in rows for row in kind_rows)) if all(rows) else ()


def _listed(slug: str) -> DataKind | None:
    return next((KINDS[spelling] for spelling in spellings(slug) if spelling in KINDS), None)


def _together(slug: str, kinds: list[DataKind]) -> DataKind:
    """Join several kinds under one word: the gravest of each quality, and one unknown makes the whole unknown."""
    pointing = [kind.identifies for kind in kinds]
    # As with separate kinds (predicates.py): two that point a little point to one person together.
    several = sum(kind > IdentifyingPower.BY_TABLE for kind in pointing) > 1
    return DataKind(
        slug=slug,
        category=max((kind.category for kind in kinds), key=lambda category: category.basic_score),
        sensitivity=max(kind.sensitivity for kind in kinds),
        identifies=IdentifyingPower.FULLY if several else max(pointing),
        context=max(kind.context for kind in kinds),
        special=any(kind.special for kind in kinds),
        credential=any(kind.credential for kind in kinds),
        identity_theft=any(kind.identity_theft for kind in kinds),
        known=all(kind.known for kind in kinds),
    )


def kinds_of(slugs: Iterable[str]) -> tuple[DataKind, ...]:
    """Look several kinds up, in their order."""
    return tuple(kind_of(slug) for slug in slugs)
