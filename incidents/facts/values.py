"""The small values of which facts are made: words of open lists, places, and numbers that may be estimates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    GetJsonSchemaHandler,
    NonNegativeInt,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from incidents.kernel.strict_model import StrictModel

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A lower-case word of an open list (``email``, ``order_history``): new words are carried, never dropped."""

COUNTRY_PATTERN: Final = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
Country = Annotated[str, StringConstraints(pattern=COUNTRY_PATTERN)]
"""ISO 3166 code of the place where a person lives: a country (``DE``), or a part of one where its law asks for that
(``US-CA``)."""

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""ISO 639-1 code."""


def _has_a_date_in_utc(value: datetime) -> datetime:
    # The first hours of the year 1 in Asia lie in a year 0 of UTC, and every time is kept and compared in UTC.
    try:
        value.astimezone(UTC)
    except OverflowError:
        message = "this time has no date in UTC: the years are 1 to 9999 there"
        raise ValueError(message) from None
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_has_a_date_in_utc)]
"""A time with its zone."""


class FactsPart(StrictModel):
    """A part of the facts; what stands under a key is its description in the JSON Schema of a scope file."""

    model_config = ConfigDict(use_attribute_docstrings=True)


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


class Count(FactsPart):
    """A number of people or records: exact, an estimate, a range, or unknown.

    Written in a scope file as ``1200``, ``{about: 1200}``, ``{min: 24, max: 60}`` or ``unknown``.
    """

    least: NonNegativeInt | None = None
    """The smallest number that is possible; null where nothing is known."""
    most: NonNegativeInt | None = None
    """The largest number that is possible; null where open-ended or unknown."""
    estimate: bool = False
    """True where the number was estimated rather than counted."""

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, value: Any) -> Any:
        match value:
            # First of all: `True` is an integer in Python and would be one person.
            case bool():
                message = "give a number, {about: N}, {min: N, max: N} or unknown"
                raise ValueError(message)
            case int() if value < 0:
                # Said here, once: checked below it would be said of both ends.
                message = f"a number of people or records is 0 or more, not {value}"
                raise ValueError(message)
            case int():
                return {"least": value, "most": value}
            case None | "unknown":
                return {}
            # The same for the short form: left to the fields, the message would speak of `least` and `most`, which
            # nobody wrote.
            case {"about": int() as number, **rest} if not rest and number < 0:
                message = f"a number of people or records is 0 or more, not {number}"
                raise ValueError(message)
            case {"about": number, **rest} if not rest:
                return {"least": number, "most": number, "estimate": True}
            case {"min": least, "max": most, **rest} if not rest:
                return {"least": least, "most": most, "estimate": True}
            case {"min": least, **rest} if not rest:
                return {"least": least, "estimate": True}
            # `least` and `most` themselves, as stored facts have them; what is neither is refused field by field.
            case _:
                return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least is not None and self.most is not None and self.least > self.most:
            message = f"the smallest number ({self.least}) is above the largest ({self.most})"
            raise ValueError(message)
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Let the schema offer every form that is understood."""
        whole = handler.resolve_ref_schema(handler(core))
        number = {"type": "integer", "minimum": 0}
        # In the order in which a person should think of them: a number, honest ignorance, an estimate, a range.
        forms = (
            number,
            {"const": "unknown"},
            {"type": "null"},
            _object(required=["about"], about=number),
            _object(required=["min"], min=number, max={"anyOf": [number, {"type": "null"}]}),
            {key: whole[key] for key in ("type", "properties", "additionalProperties")},
        )
        return {"title": "Count", "description": whole["description"], "anyOf": list(forms)}

    @property
    def is_known(self) -> bool:
        """Whether any number was stated."""
        return self.least is not None or self.most is not None

    @property
    def at_worst(self) -> int | None:
        """The largest number the facts allow, or ``None`` where they set no upper end."""
        # A lower end alone sets no upper one: "at least 24" may be any number.
        return self.most
