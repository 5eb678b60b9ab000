"""Builds the schema of the EDPB's draft template, and the corrections it needs before anything can be held to it.

Each correction stands in templates/authority/edpb_fields.yaml under `deviations`; the shipped file stays unchanged.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parents[1] / "law" / "edpb-template-v1.schema.json"
SEVERAL: Final = (55, 65, 70, 75, 79, 81, 83, 85, 94, 125)
LISTS: Final = (40, 115, 116, 121, 118, 123)
PER_COUNTRY: Final = (117, 122)


def shipped() -> dict[str, Any]:
    """Read the schema as it was published."""
    schema: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return schema


def corrected() -> dict[str, Any]:
    """The same with its defects corrected: shapes first, then what is required where."""
    schema = copy.deepcopy(shipped())
    fields = schema["properties"]
    for number in SEVERAL:
        one = {"type": "string", "enum": fields[f"field_{number}"]["enum"]}
        fields[f"field_{number}"] = {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}
    for number in LISTS:
        fields[f"field_{number}"] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    for number in PER_COUNTRY:
        each = {"type": "integer", "minimum": 0}
        fields[f"field_{number}"] = {"type": "object", "additionalProperties": each, "minProperties": 1}
    fields["field_26"] = {"type": "boolean"}
    fields["field_89"]["enum"] = ["a", "b", "c", "d"]
    fields["field_97"]["enum"] = ["a", "b", "b1", "c", "d", "e"]
    del fields["field_95"]["format"]
    _require_only_what_is_visible(schema)
    return schema


def _require_only_what_is_visible(schema: dict[str, Any]) -> None:
    conditional = {29, 30, 31, 39, 40, 41, 73, 113, 120}
    names = {f"field_{number}" for number in conditional}
    schema["required"] = [name for name in schema["required"] if name not in names]
    schema["allOf"] = [
        {"if": {"not": _says(23, "a")}, "then": _requires(29, 30, 31)},
        {"if": _says(38, "a"), "then": _requires(39, 40, 41)},
        {"if": _says(72, "a", "b"), "then": _requires(73)},
        {"oneOf": [_requires(113), _requires(120)]},
    ]


def _says(number: int, *codes: str) -> dict[str, Any]:
    name = f"field_{number}"
    return {"properties": {name: {"enum": list(codes)}}, "required": [name]}


def _requires(*numbers: int) -> dict[str, Any]:
    return {"required": [f"field_{number}" for number in numbers]}
