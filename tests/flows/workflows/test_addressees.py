"""Texts to several authorities: to whom, in which language, under which law, and what voids an approval."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.bootstrap import App
from flows.workflows import draft_texts, heartbeat
from flows.workflows.addressees import language_of
from flows.workflows.filing_pack import make_pack
from incidents.casework.communication import approval
from incidents.casework.filing import submit
from incidents.casework.filing.submission import Submission
from notifications.filing_pack.national_forms import UnknownForm
from notifications.filing_pack.pack import Phase
from tests.builders import apps
from tests.builders.apps import HOUR, SettableClock
from tests.builders.casework import BY_TELEPHONE


def accounts(*places: str, **changes: object) -> list[dict[str, object]]:
    plain = {"name": "merchant accounts", "role": "controller", "subjects": ["merchants"], "people": 20,
             "records": 20, "kinds": ["name", "email", "password"], "breach": ["confidentiality"],
             "exfiltration": "confirmed", "countries": list(places)}  # fmt: skip
    return [{**plain, **changes}]


@pytest.fixture
def abroad(tmp_path: Path, sqlite_url: str, clock: SettableClock):
    """An organisation without a main establishment in the EEA."""
    app = apps.app_on(tmp_path / "home", sqlite_url, clock, main_establishment=None, country="EG")
    yield app
    apps.close_all()


def texts(case: apps.Case, kind: str = "authority-initial") -> dict[str, str]:
    case.respond()
    return {draft.language: draft.text for draft in case.drafts(kind)}


def file_with(case: apps.Case, app: App, authority: str) -> None:
    ctx, dpo, now, ref = case.by(apps.DPO)
    submit.submit(
        ctx, dpo, now, ref, Submission(reference=f"R-{authority}", at=now, authority=authority, despite=BY_TELEPHONE)
    )


def test_each_authority_is_written_to_in_its_own_language_and_by_its_own_name(abroad: App) -> None:
    case = apps.Case(abroad).open().aware().assess(data_sets=accounts("FR", "AT", "IE")).decide()
    found = texts(case)
    assert set(found) == {"de", "en", "fr"}
    assert "Destinataire : CNIL\n" in found["fr"].replace("\u00a0", " ")
    assert "An: Österreichische Datenschutzbehörde" in found["de"]
    assert "To: Data Protection Commission (DPC)\n" in found["en"]
    assert all("Berliner Beauftragte" not in text for text in found.values()), "nothing is owed to Berlin"


def test_without_a_main_establishment_no_text_claims_a_lead_authority(abroad: App) -> None:
    case = apps.Case(abroad).open().aware()
    case.assess(data_sets=accounts("FR", "AT", "IE"), cross_border="yes").decide()
    found = texts(case)
    assert "there is no lead supervisory authority" in found["en"]
    assert "eine federführende Aufsichtsbehörde gibt es daher nicht" in found["de"]
    assert "pas d'autorité de contrôle chef de file" in found["fr"].replace("’", "'")


def test_an_authority_of_another_law_is_named_with_that_law_and_the_gdpr_is_not_claimed_for_it(
    small_app: App,
) -> None:
    case = apps.Case(small_app).open().aware().assess(data_sets=accounts("DE", "GB")).decide()
    found = texts(case)
    assert "(Art. 33(1) UK GDPR)" in found["en"]
    assert "under Art. 33 GDPR" not in case.draft("authority-initial.en").subject
    assert "nach Art. 33 DSGVO" in case.draft("authority-initial.de").subject
    assert "An: Berliner Beauftragte" in found["de"]


def test_filing_with_the_first_of_several_does_not_void_what_was_approved_for_all(
    small_app: App, clock: SettableClock
) -> None:
    case = apps.Case(small_app).open().aware().assess(data_sets=accounts("GB", "SA")).decide()
    case.respond()
    before = case.approve("authority-initial").draft("authority-initial.en")
    clock.forward(HOUR / 2)
    file_with(case, small_app, "GB")
    clock.forward(HOUR / 2)
    case.respond()
    assert case.draft("authority-initial.en").version == before.version
    with small_app.store.read() as session:
        assert approval.approval_of(session, case.draft("authority-initial.en")) is not None


def test_a_missed_target_of_our_own_gives_no_authority_reasons_for_a_delay(
    small_app: App, clock: SettableClock
) -> None:
    case = apps.Case(small_app).open().aware().assess(data_sets=accounts("DE", "CH")).decide()
    clock.forward(30 * HOUR)
    found = texts(case)
    assert "Gründe für die Verzögerung" not in found["de"]
    clock.forward(50 * HOUR)
    assert "Gründe für die Verzögerung" in texts(case)["de"]


def test_a_supplement_gives_each_authority_its_own_reference(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess(data_sets=accounts("GB", "SA", people="unknown")).decide()
    case.respond()
    for place in ("GB", "SA"):
        file_with(case, small_app, place)
    text = texts(case, "authority-follow-up")["en"]
    assert "(Art. 33(4) UK GDPR), your reference R-GB\n" in text
    assert "your reference R-SA\n" in text


def test_a_law_whose_file_lists_no_content_is_asked_what_the_gdpr_asks(abroad: App) -> None:
    case = apps.Case(abroad).open().aware()
    case.assess(data_sets=accounts("GB", people="unknown")).decide()
    case.respond()
    asked = {each.id for each in draft_texts.content_of(abroad, case.file(), "authority-initial")}
    assert {"nature", "people_number", "contact"} <= asked
    assert "people_number" in case.draft("authority-initial.en").missing


@pytest.mark.parametrize(
    ("authority", "language"),
    [("DE-BE", "de"), ("FR", "fr"), ("CH", "de"), ("DE", "de"), ("BG", "en"), ("EG", "en"),
     ("authorities-not-yet-known", "en")],
)  # fmt: skip
def test_the_language_is_the_first_that_the_authority_takes_and_we_have_words_in(small_app, authority, language):
    assert language_of(small_app, authority) == language


def test_a_pack_without_a_lead_authority_names_the_only_one_or_asks_which(abroad: App) -> None:
    case = apps.Case(abroad).open().aware().assess(data_sets=accounts("FR", "AT")).decide()
    ref = case.file().reference
    with pytest.raises(UnknownForm, match="--authority whose form; owed in .*: AT, EG, FR"):
        make_pack(abroad, ref, phase=Phase("initial"))
    assert make_pack(abroad, ref, phase=Phase("initial"), authority="FR").authority_id == "FR"


def test_the_reminder_of_the_rest_names_what_the_authority_was_not_given_yet(
    small_app: App, clock: SettableClock
) -> None:
    case = apps.Case(small_app).open().aware()
    case.assess(data_sets=accounts("DE", people="unknown")).decide(people=False)
    file_with(case, small_app, "DE-BE")
    clock.forward(small_app.targets.follow_up - HOUR)
    heartbeat.run_heartbeat(small_app)
    reminders = [text for message in apps.messages(small_app) if "Not given yet:" in (text := message.text or "")]
    assert reminders
    assert all("number of people concerned" in text for text in reminders)


def test_an_authority_and_its_law_are_called_as_the_text_s_language_calls_them(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess(data_sets=accounts("DE", "CH", "GB")).decide()
    found = texts(case)
    assert (
        "An: Eidgenössischer Datenschutz- und Öffentlichkeitsbeauftragter (EDÖB) (Art. 24 Abs. 1 DSG)\n" in found["de"]
    )
    assert "To: Information Commissioner's Office (ICO) (Art. 33(1) UK GDPR)\n" in found["en"]
    assert "becoming" not in found["en"]


def test_an_authority_that_is_still_to_be_chosen_is_missing_until_it_is_named(abroad: App) -> None:
    case = apps.Case(abroad).open().aware().assess(data_sets=accounts("DE")).decide()
    assert "An: zuständige Aufsichtsbehörde, Deutschland (noch zu wählen)\n" in texts(case)["de"]
    assert "addressee" in case.draft("authority-initial.de").missing
    case.assess(data_sets=accounts("DE-NI")).decide()
    assert "An: Landesbeauftragter für den Datenschutz Niedersachsen\n" in texts(case)["de"]
    assert "addressee" not in case.draft("authority-initial.de").missing


def test_a_part_of_a_country_is_called_by_its_name(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess(data_sets=accounts("US-CA", "DE")).decide()
    assert "Vereinigte Staaten (Kalifornien)" in texts(case)["de"]
