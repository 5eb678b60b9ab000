"""Writing the filing pack of a case: what an authority's form asks, answered from the record, as files to copy from.

Knows where templates, words and files are; refuses to answer any field (notifications/filing_pack). Nothing is sent to
an authority, and nothing is noted in the audit log: a pack says what the record says.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import templates_folder
from flows.addressees import language_of
from flows.owned_files import write_owned
from incidents.casefile import CaseFile
from incidents.casework.desk import find
from incidents.parties import PLACEHOLDERS
from incidents.picture import case_file
from notifications.filing_pack import FilingPack, Phase, UnknownForm, fill, read_form, read_template, write_pack
from notifications.filing_pack.national import known_forms
from notifications.papers.wording import read_words
from notifications.words import FALLBACK, Catalogue, WordsError, read_catalogue

if TYPE_CHECKING:
    from flows.wiring import House


def make_pack(
    house: House,
    reference: str,
    *,
    phase: Phase,
    authority: str | None = None,
    complete: bool | None = None,
    language: str | None = None,
    withdrawn_because: str | None = None,
) -> FilingPack:
    """Fill the form for a case as it stands now, for one authority (else the organisation's own, where it leads).

    Raises:
        NotFoundError: no such case.
        UnknownForm: an authority that is owed nothing here and whose form is not described, or several are owed
            something, none of them leads, and none is named.
        TemplateError, FormError: the data of the form cannot be used.

    """
    now, folder = house.now(), templates_folder()
    with house.store.read() as session:
        case = case_file(session, find(session, reference), house.desk.zone, now)
    ours = house.organisation.authority
    wanted = authority or _meant(house, case)
    template = read_template(folder)
    form = read_form(folder, wanted, template)
    if form is None and wanted != ours.id:
        _refuse_stranger(case, wanted, (*known_forms(folder), ours.id))
    words = _words(folder, language or language_of(house, wanted))
    return fill(
        case,
        house.who_we_are,
        template,
        words,
        phase=phase,
        now=now,
        complete=complete,
        authority=wanted,
        form=form,
        withdrawn_because=withdrawn_because,
        reasoning=read_words(folder, words.language, house.desk.zone, house.organisation.product),
    )


def _meant(house: House, case: CaseFile) -> str:
    """Our own authority where it leads, or is owed something; else the only one that is (9/2022 para 73)."""
    ours = house.organisation.authority.id
    owed = [row.recipient.id for row in case.obligations if row.terms.duty == "authority-initial"
            and row.is_told_by_draft and row.waived_at is None and row.recipient.id not in PLACEHOLDERS]  # fmt: skip
    if house.standpoint.lead is not None or not owed or ours in owed:
        return ours
    if len(set(owed)) == 1:
        return owed[0]
    message = f"say with --authority whose form; owed in {case.reference}: {', '.join(sorted(set(owed)))}"
    raise UnknownForm(message)


def save_pack(pack: FilingPack, formats: Collection[str], folder: Path) -> tuple[Path, ...]:
    """Write a pack in each format into *folder*; give the files.

    Raises:
        UnknownPackFormat, NotUnderstoodError: no such format, or a folder that cannot be used.

    """
    written = write_pack(pack, templates_folder(), formats)
    stem = f"{pack.reference}-pack-{pack.authority_id}-{pack.phase.value}"
    return tuple(write_owned(folder, f"{stem}.{name}", content) for name, content in written.items())


def _refuse_stranger(case: CaseFile, wanted: str, known: Collection[str]) -> None:
    owed = {each.recipient.id for each in case.obligations}
    if wanted not in owed:
        message = f"`{wanted}` is owed nothing in {case.reference}, and its form is not described; known: "
        raise UnknownForm(message + ", ".join(sorted(set(known))))


def _words(folder: Path, language: str) -> Catalogue:
    """The words of a language, else English ones; the pack names the language it is in."""
    words = read_catalogue(folder, language) or read_catalogue(folder, FALLBACK)
    if words is None:
        message = f"{folder} holds no words/{FALLBACK}.yaml: give the folder `templates`"
        raise WordsError(message)
    return words
