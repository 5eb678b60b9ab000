"""The filing pack as files, and the command that writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.organisation import OwnAuthority
from flows.bootstrap import App
from flows.workflows import filing_pack
from incidents.casework.deadlines import waive
from incidents.kernel.errors import FailedError, NotFoundError
from notifications.filing_pack.national_forms import UnknownForm
from notifications.filing_pack.pack import Phase
from tests.builders import apps


def ours(app: App) -> OwnAuthority:
    """The authority of the organisation's file."""
    assert app.organisation.authority is not None
    return app.organisation.authority


def test_a_pack_is_written_in_each_format_for_its_owner_only(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).decided()
    pack = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL)
    files = filing_pack.save_pack(pack, ("html", "json", "md"), tmp_path / "pack")
    stem = f"{case.reference}-pack-{pack.authority_id}-initial"
    assert [path.name for path in files] == [f"{stem}.html", f"{stem}.json", f"{stem}.md"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert sorted(path.name for path in (tmp_path / "pack").iterdir()) == sorted(path.name for path in files)


def test_a_pack_holds_no_affected_persons_address(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).decided()
    pack = filing_pack.make_pack(small_app, case.reference, phase=Phase.FOLLOW_UP)
    files = filing_pack.save_pack(pack, ("html", "json", "md"), tmp_path)
    assert not any(mark in path.read_bytes() for path in files for mark in (b"canary-", b"privacy-shop"))


def test_values_are_in_the_language_of_the_own_authority_unless_another_is_asked_for(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    own = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL)
    assert own.language == ours(small_app).language
    french = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL, authority="FR", language="fr")
    assert (french.language, french.authority) == ("fr", "CNIL")
    other = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL, language="xx")
    assert other.language == "en"


@pytest.mark.parametrize(
    ("language", "method"), [("de", "Schweregrad nach ENISA"), ("fr", "Gravité selon"), ("xx", "ENISA severity v1.0")]
)
def test_the_reasons_of_the_assessment_are_in_the_packs_language(small_app: App, language: str, method: str) -> None:
    case = apps.Case(small_app).decided()
    pack = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL, language=language)
    said = str(pack.by_id[90].values[0])
    assert method in said
    assert ("notify the authority" in said) is (language == "xx")


def test_a_pack_is_made_for_whom_something_is_owed_and_not_for_whom_it_was_waived(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess(data_sets=[apps.SWISS])
    own = ours(small_app).id
    assert filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL).authority_id == own
    waive.waive(*case.by(apps.DPO), f"eu-gdpr/authority-initial/{own}", "a risk is unlikely")
    pack = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL)
    assert pack.authority_id == "CH"
    assert pack.warnings[0] == "made for CH, the only authority to which something is owed here"
    named = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL, authority=own)
    assert named.warnings[0] == f"nothing is owed to {own} in this case: the duty was waived"


def test_other_authorities_are_called_as_the_packs_language_calls_them(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess(data_sets=[apps.SWISS]).decide()
    pack = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL, language="de")
    assert "Öffentlichkeitsbeauftragter (EDÖB) (Art. 24 Abs. 1 DSG)" in pack.by_id[110].from_where
    swiss = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL, authority="CH", language="fr")
    assert swiss.authority == "Préposé fédéral à la protection des données et à la transparence (PFPDT)"


def test_an_authority_that_nobody_knows_is_refused_with_those_that_are_known(small_app: App) -> None:
    case = apps.Case(small_app).open()
    with pytest.raises(UnknownForm, match="`ZZ` is owed nothing.*DE-BE, DE-BY.*GB"):
        filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL, authority="ZZ")


def test_a_case_that_is_not_there_has_no_pack(small_app: App) -> None:
    with pytest.raises(NotFoundError):
        filing_pack.make_pack(small_app, "INC-2026-0099", phase=Phase.INITIAL)


def test_a_folder_that_cannot_hold_a_pack_is_named(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).open()
    pack = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL)
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way")
    with pytest.raises(FailedError, match="a-file cannot be written"):
        filing_pack.save_pack(pack, ("md",), blocked)


def test_an_exercise_is_marked_as_one_in_every_format(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).open()
    pack = filing_pack.make_pack(small_app, case.reference, phase=Phase.INITIAL)
    page, text = (path.read_text(encoding="utf-8") for path in filing_pack.save_pack(pack, ("html", "md"), tmp_path))
    assert ("EXERCISE" in page, "EXERCISE" in text) == (pack.exercise, pack.exercise)
