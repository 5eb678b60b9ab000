"""A store that lets a change through only while a case is at the version somebody looked at.

Knows how to compare inside the transaction of the change, so that nothing can come between; refuses to know the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from incidents.casework.base.find import find
from incidents.kernel.errors import ConflictError
from incidents.storage.database import Store


class AtVersion(Store):
    """The same database; its changes are refused once the case has moved on."""

    def __init__(self, store: Store, reference: str, version: int) -> None:
        super().__init__(store.url)
        self._reference = reference
        self._version = version

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that writes, unless somebody changed the case first.

        Raises:
            ConflictError: the case is at another version.

        """
        with super().write() as session:
            incident = find(session, self._reference)
            if incident.version != self._version:
                message = (
                    f"{incident.reference} has changed since you looked (version {incident.version}, you saw "
                    f"{self._version}); nothing was written. Look again: tocsin show {incident.reference}"
                )
                raise ConflictError(message)
            yield session
