"""Reading a file that a person writes as a strict value: one way for the organisation, the directory, the inventory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from incidents.kernel.errors import TocsinError
from incidents.kernel.yaml_documents import DocumentError, read_yaml

DocumentModel = TypeVar("DocumentModel", bound=BaseModel)


def read_text(path: Path, error: type[TocsinError], asked: str = "") -> str:
    """Give the text of a file; *asked* says in the message who named it.

    Raises:
        error: the file cannot be read, or is not text.

    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        message = f"{path}{asked}: cannot be read: {getattr(problem, 'strerror', None) or 'not UTF-8 text'}"
        raise error(message) from problem


def read_as(
    kind: type[DocumentModel], text: str, name: str, error: type[TocsinError], context: dict[str, Any] | None = None
) -> DocumentModel:
    """Read YAML *text*, called *name* in messages, as a value of *kind*.

    Raises:
        error: not YAML, a key is unknown or missing, or a value is not what it must be; a line for each problem.

    """
    try:
        document = read_yaml(text, name)
    except DocumentError as problem:
        raise error(str(problem)) from problem
    if not isinstance(document.value, dict):
        message = f"{name} line 1: a mapping that begins with `{next(iter(kind.model_fields))}:` is expected"
        raise error(message)
    try:
        return kind.model_validate(document.value, context=context)
    except ValidationError as problem:
        raise error("\n".join(document.problems(list(problem.errors())))) from problem
