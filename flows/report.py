"""Writing the papers: one case's report, and the register of all cases.

Knows where files go and that a report is noted in the audit log; refuses to word or lay out anything (papers/).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import col, select

from incidents import audit
from incidents.casefile import CaseFile
from incidents.casework.desk import NotUnderstoodError, find
from incidents.people import CLOCK, Actor
from incidents.picture import case_file
from incidents.tables import Incident

if TYPE_CHECKING:
    from flows.wiring import House


def write_report(
    house: House,
    reference: str,
    formats: Collection[str],
    folder: Path,
    language: str = "en",
    actor: Actor = CLOCK,
) -> tuple[Path, ...]:
    """Write the post-incident report of a case in each format; give the files.

    Raises:
        NotFoundError, UnknownFormat, NotUnderstoodError: no such case, no such format, or a folder that cannot be used.

    """
    now = house.now()
    with house.store.read() as session:
        case = case_file(session, find(session, reference), house.desk.zone, now)
    papers = house.papers.report(case, house.who_we_are, formats=formats, language=language, now=now)
    files = tuple(_write(folder, f"{case.reference}-report.{name}", content) for name, content in papers.items())
    digest = hashlib.sha256(b"".join(papers[name] for name in sorted(papers))).hexdigest()
    with house.store.write() as session:
        audit.append(
            session,
            kind="report.written",
            actor=actor.name,
            now=now,
            incident=case.reference,
            payload={"formats": " ".join(sorted(papers)), "sha256": digest},
        )
    return files


def export_register(house: House, style: str) -> bytes:
    """Give the register (Art. 33(5) GDPR) of every case, notified or not.

    Raises:
        UnknownFormat

    """
    return house.papers.register(every_case(house), format=style, now=house.now())


def every_case(house: House) -> tuple[CaseFile, ...]:
    """Picture every case, in order of reference."""
    with house.store.read() as session:
        incidents = session.exec(select(Incident).order_by(col(Incident.reference))).all()
        return tuple(case_file(session, incident, house.desk.zone, house.now()) for incident in incidents)


def _write(folder: Path, name: str, content: bytes) -> Path:
    """Write whole or not at all; a report names people's decisions, so only its owner reads it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{name}.{os.getpid()}"
        aside.write_bytes(content)
        aside.chmod(0o600)
        return aside.replace(folder / name)
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}"
        raise NotUnderstoodError(message) from error
