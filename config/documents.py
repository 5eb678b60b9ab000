"""Reading a file that a person writes as a strict value: one way for the organisation, the directory, the inventory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from incidents.kernel.bounded_read import read_at_most
from incidents.kernel.errors import TocsinError
from incidents.kernel.yaml_documents import DocumentError, read_yaml

DocumentModel = TypeVar("DocumentModel", bound=BaseModel)
LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a file of choices; the directory of authorities, the longest of ours, has a few dozen thousand."""


def read_text(path: Path, error: type[TocsinError], asked: str = "") -> str:
    """Give the text of a file; *asked* says in the message who named it.

    Raises:
        error: the file cannot be read, is not text, or is larger than 4 MiB.

    """
    try:
        with path.open("rb") as file:
            content = read_at_most(file, LARGEST)
        if content is not None:
            return content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        message = f"{path}{asked}: cannot be read: {getattr(problem, 'strerror', None) or 'not UTF-8 text'}"
        raise error(message) from problem
    message = f"{path}{asked}: is larger than {LARGEST // 1024 // 1024} MiB, so it is not such a file"
    raise error(message)


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
    # An empty file is `None` here; the message says how it must begin.
    if not isinstance(document.value, dict):
        message = f"{name} line 1: a mapping that begins with `{next(iter(kind.model_fields))}:` is expected"
        raise error(message)
    try:
        return kind.model_validate(document.value, context=context)
    except ValidationError as problem:
        raise error("\n".join(document.problems(list(problem.errors())))) from problem
