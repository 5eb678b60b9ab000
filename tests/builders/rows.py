"""One test for a whole table: every row is tried, and the failure names each row that failed.

A test of its own for each of a thousand files or duties costs more than what it checks. For tables of a few rows
`pytest.mark.parametrize` reads better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Check = Callable[..., None]


def over(rows: Iterable[Any], name: Callable[..., str] | None = None) -> Callable[[Check], Callable[[], None]]:
    """Make a test of a check that takes one row: a tuple is spread over its arguments.

    Args:
        rows: The rows; a test over none at all fails.
        name: What a row is called where it fails; its `repr` unless given. Takes the same arguments as the check.

    """
    table = list(rows)

    def decorate(check: Check) -> Callable[[], None]:
        def test() -> None:
            assert table, "the table has no rows"
            failures = []
            for row in table:
                arguments = row if isinstance(row, tuple) else (row,)
                try:
                    check(*arguments)
                except AssertionError as failure:
                    failures.append(f"{name(*arguments) if name else repr(row)}: {failure}")
            assert not failures, f"{len(failures)} of {len(table)} rows fail\n" + "\n".join(failures)

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        return test

    return decorate
