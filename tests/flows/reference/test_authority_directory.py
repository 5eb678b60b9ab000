"""Which authority is competent in a place: settled, ambiguous or not listed, and never guessed."""

from __future__ import annotations

import pytest

from config.authorities import Sector
from config.settings import Settings
from flows.reference.authority_directory import Directory, UnknownAuthorityError


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return Directory.read(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.mark.parametrize(
    ("country", "region", "sector", "found"),
    [
        ("FR", None, "private", "FR"),
        ("FR", None, "public", "FR"),
        ("FR", "75", "private", "FR"),
        ("DE", "BE", "private", "DE-BE"),
        ("DE", "DE-BE", "private", "DE-BE"),
        ("DE-BE", None, "private", "DE-BE"),
        ("de-be", None, "private", "DE-BE"),
        ("DE", "BY", "private", "DE-BY"),
        ("DE", "BY", "public", "DE-BY-public"),
        ("DE", None, "telecommunications", "DE"),
        ("DE", "BE", "post", "DE"),
        ("DE", None, "federal", "DE"),
        ("ES", None, "private", "ES"),
        ("ES", "CT", "private", "ES"),
        ("ES", "CT", "public", "ES-CT"),
        ("ES", "MD", "public", "ES"),
        ("EU", None, "private", "EU"),
        ("EU", None, "eu_institution", "EU"),
        ("UK", None, "private", "GB"),
        ("EL", None, "private", "GR"),
        ("NO", None, "private", "NO"),
    ],
)
def test_place_and_sector_settle_the_authority(directory, country, region, sector, found):
    answer = directory.look_up(country, region, sector)
    assert answer.authority is not None
    assert (answer.authority.id, answer.ambiguous) == (found, False)
    assert answer.candidates == (answer.authority,)
    assert directory.find(country, region, sector) == answer.authority


@pytest.mark.parametrize("sector", ["private", "public"])
def test_germany_without_its_land_is_ambiguous_and_says_so(directory, sector):
    answer = directory.look_up("DE", sector=sector)
    assert (answer.authority, answer.ambiguous, len(answer.candidates)) == (None, True, 16)
    assert directory.find("DE", sector=sector) is None
    assert "DE has 16 authorities" in answer.because
    assert "say in which region" in answer.because


def test_a_public_body_of_spain_may_be_one_of_a_region_and_hears_so(directory):
    answer = directory.look_up("ES", sector="public")
    assert answer.authority is not None
    assert answer.authority.id == "ES"
    assert "unless it is one of a region that has its own: ES-CT, ES-PV, ES-AN" in answer.because
    assert "unless" not in directory.look_up("ES").because


@pytest.mark.parametrize(("country", "region"), [("US", None), ("EG", None), ("DE", "XX"), ("", None)])
def test_what_is_not_listed_is_not_guessed(directory, country, region):
    answer = directory.look_up(country, region)
    assert (answer.authority, answer.candidates, answer.ambiguous) == (None, (), False)
    assert "is listed" in answer.because


def test_a_place_is_read_as_country_and_region_and_several_authorities_are_no_choice(directory):
    answers = [directory.look_up(each) for each in ("FR", "DE-BE", "US", "DE")]
    assert [answer.place for answer in answers] == ["FR", "DE-BE", "US", "DE"]
    assert [answer.authority.id if answer.authority else None for answer in answers] == ["FR", "DE-BE", None, None]
    assert [answer.ambiguous for answer in answers] == [False, False, False, True]


def test_a_sector_that_is_none_is_refused(directory):
    with pytest.raises(ValueError, match="church"):
        directory.look_up("FR", sector="church")


def test_an_id_gives_its_authority_and_a_wrong_one_the_nearest(directory):
    assert directory.by_id("DE-BY-public").sectors == (Sector.PUBLIC,)
    with pytest.raises(UnknownAuthorityError, match="Did you mean .*DE-BE"):
        directory.by_id("de-be")


def test_every_authority_is_found_by_its_place_and_each_of_its_sectors(directory):
    sectors = [(one, sector) for one in directory.authorities for sector in one.sectors]
    assert len(sectors) > 10
    for one, sector in sectors:
        assert directory.find(one.country, one.region, sector) == one


def test_a_correction_of_ours_is_what_is_found(tmp_path):
    (tmp_path / "authorities.yaml").write_text(
        "authorities:\n- {id: EG, name: Center, channel: email_form, portal: 'https://egypt.example.org', "
        "languages: [ar], source: a letter, certainty: high, confirmed: true}\n",
        encoding="utf-8",
    )
    directory = Directory.read(Settings(home=tmp_path))
    found = directory.find("EG")
    assert found is not None
    assert found.name == "Center"
    assert directory.listed.own == {"EG"}
