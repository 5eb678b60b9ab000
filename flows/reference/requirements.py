"""What the law asks, requirement by requirement, with what proves that it is done: reading `docs/requirements.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from incidents.kernel.errors import DefectError
from incidents.kernel.yaml_documents import read_yaml

REQUIREMENTS = Path(__file__).resolve().parents[2] / "docs" / "requirements.yaml"


class RequirementsError(DefectError):
    """The table cannot be read; the message names each line and requirement."""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One thing the law asks."""

    id: str
    """Of the checklist of breach duties: ``R10``, ``A2``, ``C6``."""
    asks: str
    tests: tuple[str, ...]
    """The pytest node ids of what proves it."""
    not_software: str | None
    """What of it remains a person's, and why."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    asks: str
    tests: tuple[str, ...] = ()
    not_software: str | None = None


# Built once: pydantic makes the whole validator here.
_TABLE = TypeAdapter(dict[str, _Written])


def requirements_of(text: str) -> tuple[Requirement, ...]:
    """Read the table, in its order.

    Raises:
        RequirementsError: no mapping of requirements, or one with unknown or missing keys; each is named.

    """
    document = read_yaml(text, REQUIREMENTS.name)
    if not isinstance(document.value, dict):
        message = f"{document.name}: a mapping from requirement to `asks`, `tests`, `not_software` is expected"
        raise RequirementsError(message)
    try:
        table = _TABLE.validate_python(document.value)
    except ValidationError as error:
        # All problems at once, each with its line: the table has fifty entries.
        raise RequirementsError("; ".join(document.problems(list(error.errors())))) from error
    return tuple(
        Requirement(id=name, asks=entry.asks, tests=entry.tests, not_software=entry.not_software)
        for name, entry in table.items()
    )
