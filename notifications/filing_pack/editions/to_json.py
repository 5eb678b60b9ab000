"""The pack as JSON: the answers under the template's own keys, and every field with its state beside them.

Where the draft's schema is defective, the shape is the corrected one that `deviations` names. A field without an
answer has no key: nothing is made up to satisfy a schema.
"""

from __future__ import annotations

from typing import Any, Final

from incidents.kernel.timestamps import rfc3339
from notifications.filing_pack.answers import FieldValue
from notifications.filing_pack.gaps import completeness
from notifications.filing_pack.national_forms import own_questions
from notifications.filing_pack.pack import FilingPack, FilledField

SCHEMA: Final = "tocsin-filing-pack/1"
_SEVERAL: Final = frozenset({"choices", "list"})


def to_schema_json(pack: FilingPack) -> dict[str, Any]:
    """Give the answers under the keys of the template's JSON Schema, in the order of the form."""
    return {f"field_{field.id}": _value(field) for field in pack.fields if field.values}


def to_json(pack: FilingPack) -> dict[str, Any]:
    """Give the whole pack: notice and attribution, answers, states, what is lacking, deviations from the draft."""
    lacks = completeness(pack)
    return {
        "schema": SCHEMA,
        "notice": pack.template.notice,
        "attribution": pack.template.attribution,
        "exercise": pack.exercise,
        "reference": pack.reference,
        "phase": pack.phase.value,
        "complete": pack.complete,
        "authority": {"id": pack.authority_id, "name": pack.authority},
        "language": pack.language,
        "made_at": rfc3339(pack.made_at),
        "open_elements": list(pack.open_elements),
        "needed": [field.id for field in lacks.needed],
        "may_follow": [field.id for field in lacks.may_follow],
        "by_hand": [field.id for field in lacks.by_hand],
        "faults": list(lacks.faults),
        "warnings": list(pack.warnings),
        "template": to_schema_json(pack),
        "fields": [_field(field) for field in pack.fields],
        "form": _form(pack),
        "deviations": [deviation.model_dump(mode="json") for deviation in pack.template.deviations],
    }


def _value(field: FilledField) -> Any:
    kind = field.definition.kind
    # Three shapes, as the corrected schema has them (`deviations` in edpb_fields.yaml): an object, a list, one value.
    if kind == "per_country":
        return dict(value for value in field.values if isinstance(value, tuple))
    if kind in _SEVERAL:
        return list(field.values)
    return field.values[0]


def _field(field: FilledField) -> dict[str, Any]:
    return {
        "id": field.id,
        "section": field.section,
        "label": field.label,
        "mandatory": field.mandatory,
        "visible": field.visible,
        "state": field.state.value,
        "values": [_plain(value) for value in field.values],
        "words": list(field.words),
        "from_where": field.from_where,
    }


def _plain(value: FieldValue) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _form(pack: FilingPack) -> dict[str, Any] | None:
    """What the authority's own form asks, in its order."""
    if pack.form is None:
        return None
    return {
        **pack.form.model_dump(mode="json", include={"id", "name", "form", "notes"}),
        "asks": [ask.model_dump(mode="json", include={"asks", "fields", "certainty"}) for ask in pack.form.asks],
        "own_questions": [
            {
                "asks": question.asks,
                "certainty": question.certainty,
                "state": question.answer.state.value,
                "values": [_plain(value) for value in question.answer.values],
                "from_where": question.answer.source,
            }
            for question in own_questions(pack.form, pack.ctx)
        ],
    }
