"""Writing the papers: one case's report, and the register of all cases."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from flows.private_files import write_owned
from incidents.access.people import CLOCK, ActingPerson
from incidents.audit import chain
from incidents.casework.base.find import find
from incidents.queries.audit_entries import was_recorded
from incidents.queries.case_file import case_file
from incidents.queries.register import register_cases

if TYPE_CHECKING:
    from flows.bootstrap import App

_WRITTEN = "report.written"


def write_report(
    app: App,
    reference: str,
    formats: Collection[str],
    folder: Path,
    language: str = "en",
    actor: ActingPerson = CLOCK,
) -> tuple[Path, ...]:
    """Write the post-incident report of a case in each format; give the files.

    Raises:
        NotFoundError, UnknownFormat, FailedError: no such case, no such format, or a folder that cannot be used.

    """
    now = app.now()
    with app.store.read() as session:
        case = case_file(session, find(session, reference), app.use_cases.zone, now)
    writer = app.report_writer.report(case, app.who_we_are, formats=formats, language=language, now=now)
    files = tuple(write_owned(folder, f"{case.reference}-report.{name}", content) for name, content in writer.items())
    digest = hashlib.sha256(b"".join(writer[name] for name in sorted(writer))).hexdigest()
    with app.store.write() as session:
        chain.append(
            session,
            kind=_WRITTEN,
            actor=actor.name,
            now=now,
            incident=case.reference,
            payload={"formats": " ".join(sorted(writer)), "sha256": digest},
        )
    return files


def write_closing_report(app: App, reference: str) -> tuple[Path, ...]:
    """Write the report of a case that ended, once for each ending, into the home folder; nothing while it is open."""
    with app.store.read() as session:
        incident = find(session, reference)
        if incident.closed_at is None:
            return ()
        # One that a person asked for lies in a folder of theirs and does not stand for the one that is kept here.
        if was_recorded(session, _WRITTEN, incident.reference, incident.closed_at, by=CLOCK.name):
            return ()
        folder = app.settings.home / "reports" / incident.reference
    return write_report(app, reference, ("html", "md", "json"), folder, app.organisation.languages[0])


def export_register(app: App, style: str, *, exercises: bool = False) -> bytes:
    """Give the register (Art. 33(5) GDPR) of every case, notified or not; exercises only where they are asked for.

    Raises:
        UnknownFormat

    """
    with app.store.read() as session:
        cases = register_cases(session, app.use_cases.zone, app.now(), exercises=exercises or app.exercise)
    return app.report_writer.register(cases, format=style, now=app.now())
