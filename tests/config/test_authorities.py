"""The directory of authorities: the shipped file is whole, corrections replace or add, a wrong key names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.authorities import (
    EVERYBODY,
    AuthoritiesError,
    Certainty,
    Channel,
    Sector,
    find_authorities,
    read_authorities,
)
from config.settings import authorities_file, read_settings
from tests.builders.own_authorities import FRANCE

TEXT = authorities_file().read_text(encoding="utf-8")
SHIPPED = {one.id: one for one in read_authorities(TEXT, "authorities.yaml")}
EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
LAENDER = "BW BY BE BB HB HH HE MV NI NW RP SL SN ST SH TH".split()  # noqa: SIM905 - a list of codes reads best as words

OWN = (
    FRANCE
    + """\
  - id: EG
    name: Personal Data Protection Center
    channel: email_form
    portal: https://egypt.example.org
    languages: [ar, en]
    source: the authority's own site
    certainty: medium
    confirmed: false
    verify: [channel, portal]
"""
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    return tmp_path


def test_every_country_and_every_land_is_there():
    assert {one.country for one in SHIPPED.values()} == {*EEA, "EU", "GB", "CH"}
    assert {one.region for one in SHIPPED.values() if one.country == "DE"} == {None, *LAENDER}
    assert {one.region for one in SHIPPED.values() if one.country == "ES"} == {None, "CT", "PV", "AN"}
    assert len(SHIPPED) == 53


@pytest.mark.parametrize("one", SHIPPED.values(), ids=list(SHIPPED))
def test_each_authority_is_whole(one):
    assert one.portal.startswith("https://")
    assert one.site != one.portal
    assert one.languages
    assert one.confirmed != bool(one.verify)
    assert one.certainty is not Certainty.LOW or not one.confirmed


def test_what_is_confirmed_is_what_was_read():
    assert {one.id for one in SHIPPED.values() if one.confirmed} == {
        "BE", "FR", "DE-BY", "DE-BY-public", "DE-NI", "DE-RP", "MT", "GB",
    }  # fmt: skip


def test_bavaria_has_two_authorities_for_one_place():
    private, public = SHIPPED["DE-BY"], SHIPPED["DE-BY-public"]
    assert (private.place, public.place, private.region, public.region) == ("DE-BY", "DE-BY", "BY", "BY")
    assert (private.sectors, public.sectors) == ((Sector.PRIVATE,), (Sector.PUBLIC,))


def test_who_names_no_sector_is_for_everybody_but_the_institutions():
    assert SHIPPED["FR"].sectors == EVERYBODY
    assert Sector.EU_INSTITUTION not in EVERYBODY
    assert SHIPPED["EU"].sectors == (Sector.EU_INSTITUTION,)


def test_channel_portal_languages_phone_and_note_are_those_of_the_material():
    denmark, ireland, britain = SHIPPED["DK"], SHIPPED["IE"], SHIPPED["GB"]
    assert (denmark.channel, denmark.portal, denmark.note) == (
        Channel.STATE_PORTAL, "https://virk.dk", "joint incident report",
    )  # fmt: skip
    assert (ireland.languages, ireland.verify) == (("en", "ga"), ("languages",))
    assert britain.phone == "+44 303 123 1113"
    assert "e-mailed forms are NOT processed" in (SHIPPED["BE"].note or "")


def test_without_a_file_of_our_own_the_shipped_directory_stands(home):
    listed = find_authorities(read_settings())
    assert {one.id: one for one in listed.authorities} == SHIPPED
    assert (listed.own, listed.own_file) == (frozenset(), home / "authorities.yaml")


def test_our_own_entries_replace_by_id_and_add(home):
    (home / "authorities.yaml").write_text(OWN, encoding="utf-8")
    listed = find_authorities(read_settings())
    by_id = {one.id: one for one in listed.authorities}
    assert (by_id["FR"].portal, by_id["FR"].note) == ("https://cnil.example.org/form", None)
    assert by_id["EG"].languages == ("ar", "en")
    assert by_id["DE-BE"] == SHIPPED["DE-BE"]
    assert [one.id for one in listed.authorities] == [*SHIPPED, "EG"]
    assert listed.own == {"FR", "EG"}


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("channel: online_portal", "chanel: online_portal", "line 4: unknown key `authorities.0.chanel`"),
        ("channel: online_portal", "channel: telegraph", "line 4: `authorities.0.channel`"),
        ("https://cnil.example.org/form", "http://cnil.example.org/form", "line 5: `authorities.0.portal`"),
        ("languages: [fr]", "languages: []", "line 6: `authorities.0.languages`"),
        ("languages: [fr]", "languages: [french]", "line 6: `authorities.0.languages.0`"),
        ("confirmed: true", "confirmed: false", "`confirmed: false` goes with the fields to compare"),
        ("verify: [channel, portal]", "verify: [fax]", "`fax`, which is no key of an authority"),
        ("id: EG", "id: Egypt", "line 10: `authorities.1.id`"),
        ("id: EG", "id: FR", "two authorities are called `FR`"),
        ("certainty: high", "certainty: sure", "line 8: `authorities.0.certainty`"),
        ("    source: a call of 3 November 2026\n", "", "`authorities.0.source` is missing"),
        ("authorities:\n", "- ", "own.yaml"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused_with_file_and_line(right, wrong, says):
    assert right in OWN
    with pytest.raises(AuthoritiesError) as refused:
        read_authorities(OWN.replace(right, wrong, 1), "own.yaml")
    assert says in str(refused.value)
    assert "own.yaml" in str(refused.value)


@pytest.mark.parametrize("text", ["", "- a list", "just words"])
def test_what_is_no_directory_says_what_is_expected(text):
    with pytest.raises(AuthoritiesError, match="a mapping that begins with `authorities:` is expected"):
        read_authorities(text, "own.yaml")


def test_a_file_that_cannot_be_read_is_named(home):
    (home / "authorities.yaml").mkdir()
    with pytest.raises(AuthoritiesError, match="authorities.yaml: cannot be read"):
        find_authorities(read_settings())
