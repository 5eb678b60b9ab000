"""The fields of the EDPB's draft common template: their order, options and conditions, read from data.

They are in templates/authority/edpb_fields.yaml. The draft is consultation text and no authority's form; its notice
and attribution travel with every pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from incidents.kernel.errors import FailedError, TocsinError
from incidents.kernel.yaml_documents import DocumentError, read_yaml

FILE: Final = "authority/edpb_fields.yaml"
Shape = TypeVar("Shape", bound=BaseModel)


class TemplateError(FailedError):
    """The list of fields cannot be used; the message names file, line and key."""


class Obligatoriness(StrEnum):
    """Whether the form insists on an answer."""

    MANDATORY = "mandatory"
    CONDITIONAL = "conditional"
    OPTIONAL = "optional"


class _Read(BaseModel):
    # A misspelt key would otherwise be ignored: a condition under it would hide nothing.
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldDefinition(_Read):
    """One field as the template has it."""

    id: int
    section: str
    label: str
    need: Obligatoriness
    kind: Literal["text", "choice", "choices", "number", "yes_or_no", "date", "moment", "list", "per_country"]
    may_stay_empty: bool = False
    visible: str = ""
    """When it can be seen, in words; empty: always."""
    when: Mapping[int, tuple[str, ...]] = {}
    """All of these fields must have one of their codes."""
    when_any: Mapping[int, tuple[str, ...]] = {}
    """One of these fields must have one of its codes."""
    unless: Mapping[int, tuple[str, ...]] = {}
    """Hidden where one of these fields has one of its codes."""
    only: Literal["late", "in_eea", "outside_eea", "national"] | None = None
    """A condition that no field answers."""
    options: Mapping[str, str] = {}
    only_incomplete: str | None = None
    """The code for "to be determined", which a complete filing may not give."""


class Deviation(_Read):
    """Where the pack leaves the draft or its schema, and why."""

    fields: tuple[int, ...]
    because: str


class _File(_Read):
    version: str
    notice: str
    attribution: str
    minimum: Mapping[str, tuple[int, ...]]
    deviations: tuple[Deviation, ...]
    sections: Mapping[str, str]
    fields: tuple[FieldDefinition, ...]


@dataclass(frozen=True, kw_only=True)
class Template:
    """The whole template, in the order of the form."""

    version: str
    notice: str
    attribution: str
    minimum: Mapping[str, tuple[int, ...]]
    """By phase, the fields that its filing cannot do without (``initial``: Art. 33(3) GDPR)."""
    deviations: tuple[Deviation, ...]
    sections: Mapping[str, str]
    definitions: tuple[FieldDefinition, ...] = field(repr=False)

    @cached_property
    def by_id(self) -> Mapping[int, FieldDefinition]:
        """The definitions by the number of their field."""
        return {definition.id: definition for definition in self.definitions}


def read_template(folder: Path) -> Template:
    """Read the list of fields from the folder of templates.

    Raises:
        TemplateError: not there, not YAML, an unknown key, or a condition on a field or code that does not exist.

    """
    read = read_checked(folder / FILE, _File, TemplateError)
    template = Template(
        version=read.version,
        notice=read.notice,
        attribution=read.attribution,
        minimum=read.minimum,
        deviations=read.deviations,
        sections=read.sections,
        definitions=read.fields,
    )
    _refuse_loose_ends(template)
    return template


def read_checked(path: Path, shape: type[Shape], error: type[TocsinError]) -> Shape:
    """Read a YAML file strictly as *shape*; what is wrong with it is raised as *error*."""
    try:
        document = read_yaml(path.read_text(encoding="utf-8"), path.name)
        return shape.model_validate(document.value)
    except (OSError, UnicodeDecodeError, DocumentError) as problem:
        raise error(str(problem)) from problem
    except ValidationError as problem:
        raise error("; ".join(document.problems(list[Any](problem.errors())))) from problem


def _refuse_loose_ends(template: Template) -> None:
    """A condition looks back only, at a code that exists: a field's visibility is known when its turn comes."""
    seen: dict[int, FieldDefinition] = {}
    for definition in template.definitions:
        for id_, codes in (*definition.when.items(), *definition.when_any.items(), *definition.unless.items()):
            if id_ not in seen or not set(codes) <= set(seen[id_].options):
                message = (
                    f"{FILE}: field {definition.id} asks for {', '.join(codes)} in field {id_}, which it cannot have"
                )
                raise TemplateError(message)
        seen[definition.id] = definition
