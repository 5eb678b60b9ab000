"""The one base of our errors, and the kinds by which a command or a page answers them.

An error's class says what went wrong and stands beside the function that raises it; its kind says what that means for
whoever asked. Exit codes and HTTP statuses follow from the kind alone (flows/error_codes.py).
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class ErrorKind(StrEnum):
    """What a failure means for whoever asked."""

    USAGE = "usage"
    """What was given cannot be taken as it is."""
    NOT_FOUND = "not_found"
    """There is no such thing."""
    REFUSED = "refused"
    """The state of the record does not allow it; the message says which step is missing."""
    CONFLICT = "conflict"
    """Somebody changed it meanwhile."""
    PERMISSION = "permission"
    """This person may not do this."""
    UNAUTHENTICATED = "unauthenticated"
    """Nobody is known by what was shown."""
    UNAVAILABLE = "unavailable"
    """Something that this needs does not answer or is not usable: database, key, provider, address."""
    FAILED = "failed"
    """It was tried and did not come about, or a file of the installation is broken."""
    DEFECT = "defect"
    """A mistake of ours. Its message may quote what was worked on, so it is never shown."""


class TocsinError(Exception):
    """Something that Tocsin expects may go wrong; the message is written for the person who reads it."""

    kind: ClassVar[ErrorKind] = ErrorKind.FAILED


# Each base is also the built-in error that fits: pydantic's validators, for one, answer only a ValueError.


class InvalidInputError(TocsinError, ValueError):
    """What was given cannot be taken as it is; the message says what would be."""

    kind = ErrorKind.USAGE


class NotFoundError(TocsinError, LookupError):
    """There is no such incident, draft, obligation, law or person; the message says where to look."""

    kind = ErrorKind.NOT_FOUND


class RefusedError(TocsinError, RuntimeError):
    """The record does not allow this now; the message says which step is missing."""

    kind = ErrorKind.REFUSED


class ConflictError(TocsinError, RuntimeError):
    """Somebody else changed the row since it was read; nothing was written. Look again, then decide again."""

    kind = ErrorKind.CONFLICT


class PermissionDeniedError(TocsinError):
    """This person may not do this; the message names the roles that may."""

    kind = ErrorKind.PERMISSION


class UnavailableError(TocsinError, RuntimeError):
    """Something that this needs does not answer or cannot be used."""

    kind = ErrorKind.UNAVAILABLE


class FailedError(TocsinError, RuntimeError):
    """It was tried and did not come about, or a file of the installation is broken."""


class DefectError(TocsinError, RuntimeError):
    """A mistake of ours; the details are for the log of whoever set TOCSIN_DEBUG."""

    kind = ErrorKind.DEFECT
