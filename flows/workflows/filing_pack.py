"""Writing the filing pack of a case: what an authority's form asks, answered from the record, as files to copy from.

Nothing is sent to an authority, and nothing is noted in the audit log: a pack says what the record says.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import templates_folder
from flows.private_files import write_owned
from flows.workflows.addressees import language_of, name_in, named_in
from incidents.case.case_file import CaseFile
from incidents.casework.base.find import find
from incidents.law.duty_ids import AUTHORITY_INITIAL
from incidents.obligations.recipients import PLACEHOLDERS
from incidents.queries.case_file import case_file
from notifications.filing_pack.editions.write import write_pack
from notifications.filing_pack.fill import fill
from notifications.filing_pack.form_template import read_template
from notifications.filing_pack.national_forms import UnknownForm, known_forms, read_form
from notifications.filing_pack.pack import FilingPack, Phase
from notifications.language.catalogue import FALLBACK, Catalogue, WordsError, read_catalogue
from notifications.reports.words import read_words

if TYPE_CHECKING:
    from flows.bootstrap import App


def make_pack(
    app: App,
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
    now, folder = app.now(), templates_folder()
    with app.store.read() as session:
        case = case_file(session, find(session, reference), app.use_cases.zone, now)
    ours = app.organisation.authority
    # The form depends on whom it is for, the language on the form's authority, and names on the language: in this
    # order.
    required = authority or _meant(app, case)
    template = read_template(folder)
    form = read_form(folder, required, template)
    own = ours.id if ours else None
    # Without a form of its own an authority gets the EDPB's template; for one that nobody heard of it is a typing
    # error.
    if form is None and required != own:
        _refuse_stranger(case, required, (*known_forms(folder), *((own,) if own else ())))
    words = _words(folder, language or language_of(app, required))
    case = replace(case, obligations=tuple(named_in(app, row, words.language) for row in case.obligations))
    return fill(
        case,
        app.who_we_are,
        template,
        words,
        phase=phase,
        now=now,
        complete=complete,
        authority=required,
        authority_name=None if required == own else name_in(app, required, words.language),
        form=form,
        withdrawn_because=withdrawn_because,
        notes=_notes(case, required, is_ours=required == own, was_named=authority is not None),
        reasoning=read_words(folder, words.language, app.use_cases.zone, app.organisation.product),
    )


def _meant(app: App, case: CaseFile) -> str:
    """Whose form is meant where nobody says, in steps.

    1. Our own authority, where it is owed something or was told.
    2. Else the only one that is: the duty of the GDPR may be waived, and that of another law not.
    3. Else ours, while it leads and nothing is owed to anybody yet (9/2022 para 73).
    """
    ours = app.organisation.authority.id if app.organisation.authority else None
    # Placeholders are nobody's form: "the authority of the main establishment, to be chosen" has none.
    firsts = [row for row in case.obligations if row.terms.duty == AUTHORITY_INITIAL and row.is_told_by_draft
              and row.recipient.id not in PLACEHOLDERS]  # fmt: skip
    # A filed duty counts although it may be waived by now: a withdrawal goes to whoever was told.
    authorities = sorted({row.recipient.id for row in firsts if row.waived_at is None or row.filings})
    if ours and (ours in authorities or (not authorities and (app.profile.lead is not None or not firsts))):
        return ours
    if len(authorities) == 1:
        return authorities[0]
    message = (
        f"say with --authority whose form; owed in {case.reference}: {', '.join(authorities) or 'nothing any more'}"
    )
    raise UnknownForm(message)


def _notes(case: CaseFile, required: str, *, is_ours: bool, was_named: bool) -> tuple[str, ...]:
    """Say which authority was chosen and why, and where nothing is owed to the one that was."""
    rows = [row for row in case.obligations if row.recipient.id == required and row.terms.duty == AUTHORITY_INITIAL]
    # Said and not refused: a person may tell an authority of their own accord.
    if rows and all(row.waived_at is not None and not row.filings for row in rows):
        return (f"nothing is owed to {required} in this case: the duty was waived",)
    return () if is_ours or was_named else (f"made for {required}, the only authority to which something is owed here",)


def save_pack(pack: FilingPack, formats: Collection[str], folder: Path) -> tuple[Path, ...]:
    """Write a pack in each format into *folder*; give the files.

    Raises:
        UnknownPackFormat, FailedError: no such format, or a folder that cannot be used.

    """
    written = write_pack(pack, templates_folder(), formats)
    # Authority and phase are in the name: the packs of one case for several authorities lie in one folder.
    stem = f"{pack.reference}-pack-{pack.authority_id}-{pack.phase.value}"
    return tuple(write_owned(folder, f"{stem}.{name}", content) for name, content in written.items())


def _refuse_stranger(case: CaseFile, required: str, known: Collection[str]) -> None:
    authorities = {obligation.recipient.id for obligation in case.obligations}
    if required not in authorities:
        message = f"`{required}` is owed nothing in {case.reference}, and its form is not described; known: "
        raise UnknownForm(message + ", ".join(sorted(set(known))))


def _words(folder: Path, language: str) -> Catalogue:
    """The words of a language, else English ones; the pack names the language it is in."""
    words = read_catalogue(folder, language) or read_catalogue(folder, FALLBACK)
    if words is None:
        message = f"{folder} holds no words/{FALLBACK}.yaml: give the folder `templates`"
        raise WordsError(message)
    return words
