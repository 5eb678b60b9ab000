"""The templates' sandbox: a template can place plain data, branch and loop, and nothing else.

Inside it there are no calls, no attributes of values, no filters, no arithmetic and no globals, so neither Python nor
the environment can be reached, and the data bound what a template costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from incidents.kernel.errors import DefectError

MOST_CONTEXT = 200_000
"""Characters of data that a message may be made from."""

MOST_OUTPUT = 400_000
"""Characters that a message may have; a letter has about five thousand."""

DEEPEST = 12


class WordingError(DefectError):
    """A message could not be worded; the message names the template and what is missing or refused."""


class PlainSandbox(ImmutableSandboxedEnvironment):
    """A Jinja2 environment in which a name reaches only the plain data that was handed in."""

    # All that Jinja can intercept: "x" * 10**9 in a template would fill the memory before its size is measured.
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    intercepted_unops = frozenset({"+", "-"})

    def __init__(self, folder: Path) -> None:
        """Load templates from *folder*; all but those that end in ``.txt.j2`` escape what they place."""
        super().__init__(
            loader=FileSystemLoader(folder, encoding="utf-8"),
            autoescape=lambda name: name is None or not name.endswith(".txt.j2"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=100,
        )
        # Jinja's own globals (`range`, `lipsum`, `cycler`) can be called, and ranges within ranges cost hours; filters
        # such as `map` and `attr` reach attributes.
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look a name up in plain data; of a loop only whether it is at its first or last item."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Look an item up; anything but an item of a plain dict or list is refused."""
        if isinstance(obj, Undefined):
            return self.undefined(obj=obj, name=str(argument))
        # A key named ``items`` is data here: Jinja itself would look for the method first.
        if type(obj) is dict:
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=str(argument))
        if isinstance(obj, LoopContext) and argument in {"first", "last"}:
            return getattr(obj, argument)
        message = f"a template may not reach `{argument}` of a value"
        raise SecurityError(message)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - the base class's signature
        """Refuse every call: a template has nothing to call."""
        return False

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - the base class's signature
        """Refuse arithmetic: numbers come written out."""
        message = f"a template may not compute (`{operator}`)"
        raise SecurityError(message)

    def call_unop(self, context: Any, operator: str, arg: Any) -> Any:  # noqa: ARG002 - the base class's signature
        """Refuse arithmetic: numbers come written out."""
        message = f"a template may not compute (`{operator}`)"
        raise SecurityError(message)

    def write(self, name: str, context: Mapping[str, Any]) -> str:
        """Render the template *name* with plain data.

        Raises:
            WordingError: a name the context does not have, something the sandbox refuses, data that are not plain,
                or more text than a message may have.

        """
        _refuse_what_is_not_plain(context)
        try:
            # Generated and measured piece by piece: a template that writes too much is stopped before it has.
            return _within_size(name, self.get_template(name).generate(dict(context)))
        except TemplateNotFound as error:
            message = f"there is no template `{error}`"
            raise WordingError(message) from error
        except TemplateSyntaxError as error:
            message = f"template `{error.name or name}` line {error.lineno}: {error.message}"
            raise WordingError(message) from error
        except TemplateError as error:
            message = f"template `{name}`: {error.message}"
            raise WordingError(message) from error
        except RecursionError as error:
            message = f"template `{name}` includes itself"
            raise WordingError(message) from error


def _within_size(name: str, pieces: Any) -> str:
    written: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_OUTPUT:
            message = f"template `{name}` writes more than {MOST_OUTPUT:,} characters"
            raise WordingError(message)
        written.append(piece)
    return "".join(written)


def _refuse_what_is_not_plain(context: Mapping[str, Any]) -> None:
    size = sum(_size(value, key, 1) for key, value in context.items())
    if size > MOST_CONTEXT:
        message = f"a message may be made from at most {MOST_CONTEXT:,} characters of data, not {size:,}"
        raise WordingError(message)


def _size(value: Any, where: str, depth: int) -> int:
    """Count the characters of plain data; exact types only, for a subclass may carry behaviour."""
    # `float` is none of them: how many digits it shows would be decided here and not by the language.
    if value is None or type(value) in {bool, int}:
        return 1
    if type(value) is str:
        return len(value)
    if depth < DEEPEST and type(value) is list:
        return 1 + sum(_size(item, f"{where}[]", depth + 1) for item in value)
    if depth < DEEPEST and type(value) is dict and all(type(key) is str for key in value):
        return 1 + sum(_size(item, f"{where}.{key}", depth + 1) for key, item in value.items())
    message = f"`{where}` is no plain data ({type(value).__name__}): give text, whole numbers, lists and dicts"
    raise WordingError(message)
