"""Any value of a case as plain JSON values: stable keys, RFC 3339 in UTC, durations in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from incidents.kernel.timestamps import rfc3339


def plain(value: Any) -> Any:  # noqa: C901, PLR0911 - one answer for each shape
    """Turn a value into what JSON can carry.

    Raises:
        TypeError: a kind of value that a report cannot carry.

    """
    match value:
        case None | bool() | int() | float():
            return value
        # Before str: a StrEnum is a str, too, and has to become its plain value.
        case Enum():
            return plain(value.value)
        case str():
            return value
        # Scores have two decimals at most; a float shows them unchanged, and readers of JSON expect a number.
        case Decimal():
            return float(value)
        # Before date, which a datetime is as well.
        case datetime():
            return rfc3339(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    message = f"a {type(value).__name__} has no plain form: give the report text, numbers or times"
    raise TypeError(message)
