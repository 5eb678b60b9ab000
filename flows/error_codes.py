"""What is answered to each kind of error: the exit code of a command and the HTTP status of a request, in one table.

Whoever answers looks up the kind and nothing else, so an error that is added later needs no line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from typing import Final

from incidents.kernel.errors import ErrorKind, TocsinError


class Exit(IntEnum):
    """What a command says to the shell that started it."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    """The state of the record does not allow it; the message says which step is missing."""
    PERMISSION = 4
    NOT_FOUND = 5
    CHANGED_MEANWHILE = 6
    # 8 to 10 answer a question (`deadlines --check`, `verify`) and are no failures.
    DUE_SOON = 8
    OVERDUE = 9
    CHAIN_BROKEN = 10
    # What a shell reports for a program that SIGINT ended: 128 + 2.
    INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class Codes:
    """How one kind of error is answered at the shell and over HTTP."""

    exit: Exit
    status: HTTPStatus


CODES: Final[dict[ErrorKind, Codes]] = {
    ErrorKind.USAGE: Codes(exit=Exit.USAGE, status=HTTPStatus.UNPROCESSABLE_ENTITY),
    ErrorKind.NOT_FOUND: Codes(exit=Exit.NOT_FOUND, status=HTTPStatus.NOT_FOUND),
    ErrorKind.REFUSED: Codes(exit=Exit.REFUSED, status=HTTPStatus.CONFLICT),
    # 412 and not 409: what was asked would be right for the version that the person saw (RFC 9110, section 15.5.13).
    ErrorKind.CONFLICT: Codes(exit=Exit.CHANGED_MEANWHILE, status=HTTPStatus.PRECONDITION_FAILED),
    ErrorKind.PERMISSION: Codes(exit=Exit.PERMISSION, status=HTTPStatus.FORBIDDEN),
    # One exit code for both: a script can mend neither, and the message says whether the token or the role is wrong.
    ErrorKind.UNAUTHENTICATED: Codes(exit=Exit.PERMISSION, status=HTTPStatus.UNAUTHORIZED),
    ErrorKind.UNAVAILABLE: Codes(exit=Exit.FAILED, status=HTTPStatus.SERVICE_UNAVAILABLE),
    ErrorKind.FAILED: Codes(exit=Exit.FAILED, status=HTTPStatus.INTERNAL_SERVER_ERROR),
    ErrorKind.DEFECT: Codes(exit=Exit.FAILED, status=HTTPStatus.INTERNAL_SERVER_ERROR),
}


def exit_for(error: BaseException) -> Exit | None:
    """Find the exit code of a failure whose message may be shown; ``None`` for one that nobody expected."""
    # A defect is an error of ours, too, but its text was written for us and may quote what a row held.
    if isinstance(error, TocsinError) and error.kind is not ErrorKind.DEFECT:
        return CODES[error.kind].exit
    return None
