"""`tocsin authorities`: the list, one place, corrections of our own, and what cannot be answered."""

from __future__ import annotations

import pytest

from flows.error_codes import Exit
from tests.builders.own_authorities import FRANCE


@pytest.fixture
def own(home):
    (home / "home").mkdir()
    return home / "home" / "authorities.yaml"


@pytest.mark.parametrize("command", [("authorities",), ("authorities", "list")])
def test_the_list_shows_each_authority_with_channel_languages_and_state(tocsin, command):
    ran = tocsin(*command)
    line = next(line for line in ran.out.splitlines() if line.startswith("DE-BY-public"))
    assert line.split()[1:5] == ["online_form", "de", "confirmed", "BayLfD"]
    assert "unverified" in next(line for line in ran.out.splitlines() if line.startswith("AT"))
    answer = tocsin(*command, "--json").json
    assert len(answer["authorities"]) == 53
    assert answer["own_file"].endswith("authorities.yaml")


def test_one_place_is_shown_with_its_form_and_what_to_compare(tocsin):
    ran = tocsin("authorities", "show", "IE")
    assert "https://forms.dataprotection.ie/report-a-breach-of-personal-data" in ran.out
    assert "UNVERIFIED; to compare: languages" in ran.out
    assert "unverified: compare languages" in ran.err
    assert tocsin("authorities", "show", "FR").err == ""
    answer = tocsin("authorities", "show", "IE", "--json").json
    assert (answer["authority"]["id"], answer["ambiguous"], answer["authority"]["own"]) == ("IE", False, False)


@pytest.mark.parametrize(
    ("place", "sector", "found"),
    [("DE-BY", "public", "DE-BY-public"), ("DE-BY", "private", "DE-BY"), ("DE-BY-public", "private", "DE-BY-public"),
     ("DE", "federal", "DE"), ("ES-CT", "public", "ES-CT"), ("ES-CT", "private", "ES"), ("EU", "private", "EU")],
)  # fmt: skip
def test_the_sector_settles_which_of_two_it_is(tocsin, place, sector, found):
    answer = tocsin("authorities", "show", place, "--sector", sector, "--json").json
    assert answer["authority"]["id"] == found


def test_germany_alone_names_all_and_chooses_none(tocsin):
    answer = tocsin("authorities", "show", "DE", "--json").json
    assert (answer["authority"], answer["ambiguous"], len(answer["candidates"])) == (None, True, 16)
    assert "say in which region" in " ".join(tocsin("authorities", "show", "DE").out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("US",), Exit.NOT_FOUND, "no authority of US is listed"),
        (("DE-XX",), Exit.NOT_FOUND, "regions that have one: DE-BW"),
        (("DE-BX",), Exit.NOT_FOUND, "Did you mean"),
        (("FR", "--sector", "church"), Exit.USAGE, "'church' is no sector; there are: private"),
    ],
)
def test_what_cannot_be_answered_says_why(tocsin, arguments, code, says):
    ran = tocsin("authorities", "show", *arguments)
    assert (ran.code, says in ran.err) == (code, True)


def test_a_correction_of_ours_is_shown_as_ours(tocsin, own):
    own.write_text(FRANCE, encoding="utf-8")
    said = tocsin("authorities", "show", "FR").out
    assert "https://cnil.example.org/form" in said
    assert "confirmed; from your own file" in said
    assert "confirmed  own  CNIL of our own" in tocsin("authorities").out


def test_a_broken_correction_is_refused_with_its_line(tocsin, own):
    own.write_text(FRANCE.replace("portal:", "form:"), encoding="utf-8")
    ran = tocsin("authorities")
    assert ran.code == Exit.USAGE
    assert "authorities.yaml line 5: unknown key `authorities.0.form`" in ran.err


def test_the_doctor_looks_at_the_directory_and_at_our_corrections(tocsin, own):
    assert "the authority we notify is in the directory (DE-BE" in " ".join(tocsin("doctor").out.split())
    own.write_text(FRANCE.replace("channel: online_portal", "channel: telegraph"), encoding="utf-8")
    ran = tocsin("doctor", "--json")
    broken = [each for each in ran.json if "authorities.yaml line 4" in each["what"]]
    assert [each["ok"] for each in broken] == [False]
