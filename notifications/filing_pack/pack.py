"""The filing pack as frozen values: the form for one case and one phase, with the answer to each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from notifications.filing_pack.answers import AnswerState, FieldValue
from notifications.filing_pack.context import PackContext
from notifications.filing_pack.form_template import FieldDefinition, Template
from notifications.filing_pack.national_forms import NationalForm
from notifications.language.formatting import Formatter

_PLACES = frozenset({115, 116, 117, 121, 122})
"""Fields that list countries."""
_OPEN = frozenset({AnswerState.MISSING, AnswerState.NOT_YET_KNOWN})


class Phase(StrEnum):
    """The phases of a notification (Art. 33(4) GDPR; Guidelines 9/2022 II.B)."""

    INITIAL = "initial"
    FOLLOW_UP = "follow-up"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, kw_only=True)
class FilledField:
    """One field of the form for one case."""

    definition: FieldDefinition = field(repr=False)
    id: int
    section: str
    label: str
    mandatory: bool
    """Whether the form insists on it here: mandatory, or conditional and visible."""
    visible: bool
    state: AnswerState
    values: tuple[FieldValue, ...]
    from_where: str
    """Where the answer is from, or what to do to have one."""

    @property
    def is_open(self) -> bool:
        """Whether something is still to be provided: missing, or not yet known."""
        return self.state in _OPEN

    @property
    def words(self) -> tuple[str, ...]:
        """The values as a person reads them: options in their words."""
        return tuple(_in_words(value, self.definition) for value in self.values)


@dataclass(frozen=True, kw_only=True)
class FilingPack:
    """The whole form for one case and one phase."""

    reference: str
    title: str
    exercise: bool
    phase: Phase
    complete: bool
    """Sub-type of the filing (field 4): complete, or incomplete with the rest to follow."""
    authority_id: str
    authority: str
    language: str
    """The language of the values; labels are the template's, in English."""
    zone: str
    made_at: datetime
    fields: tuple[FilledField, ...]
    open_elements: tuple[str, ...]
    """What the record leaves open, in the pack's language: while there is any, the filing is incomplete."""
    warnings: tuple[str, ...]
    template: Template = field(repr=False)
    form: NationalForm | None = None
    ctx: PackContext = field(repr=False)

    @cached_property
    def by_id(self) -> Mapping[int, FilledField]:
        """The fields by their number."""
        return {entry.id: entry for entry in self.fields}

    @property
    def made_locally(self) -> str:
        """When it was made, by the organisation's clocks: ``27 Nov 2026 15:26 CET``."""
        return f"{self.made_at.astimezone(ZoneInfo(self.zone)):%d %b %Y %H:%M %Z}"

    def readable(self, field: FilledField) -> tuple[str, ...]:
        """A field's values as a person reads them; moments in local time, with UTC beside them."""
        if field.definition.kind == "moment":
            return tuple(_local(str(value), self.zone) for value in field.values)
        if field.id in _PLACES:
            return tuple(_place(value, self.ctx.formatter) for value in field.values)
        return field.words


def _place(value: FieldValue, formatter: Formatter) -> str:
    """Name a country, with its number of people where there is one; the JSON edition keeps the codes."""
    if isinstance(value, tuple):
        return formatter.form("labelled", what=formatter.country(value[0]), value=formatter.number(value[1]))
    return formatter.country(str(value))


def _local(at: str, zone: str) -> str:
    """Write a moment as forms ask for it: local day and time, and the same in UTC."""
    in_utc = datetime.fromisoformat(at)
    local = in_utc.astimezone(ZoneInfo(zone))
    return f"{local:%d.%m.%Y %H:%M %Z} ({in_utc:%d.%m.%Y %H:%M} UTC)"


def _in_words(value: FieldValue, definition: FieldDefinition) -> str:
    match value:
        case tuple():
            return f"{value[0]}: {value[1]}"
        case bool():
            return "Yes" if value else "No"
        case str() if value in definition.options:
            return definition.options[value]
    return str(value)
