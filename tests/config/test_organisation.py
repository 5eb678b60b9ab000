"""The organisation's file: the example is whole, and a wrong key or value is refused with file and line."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
import yaml
from pydantic import ValidationError

from config.organisation import OrganisationError, find_organisation, read_organisation, to_adapt
from config.settings import authorities_file, example_organisation, read_settings

EXAMPLE = example_organisation().read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    """The example with one piece of text put in another's place."""
    assert EXAMPLE.count(old) == 1, f"{old!r} must stand in the example once"
    return EXAMPLE.replace(old, new)


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


def test_the_example_is_a_whole_organisation():
    organisation = read_organisation(EXAMPLE, "organisation.example.yaml")
    assert organisation.name == "Rabta"
    assert organisation.time_zone == ZoneInfo("Europe/Berlin")
    assert organisation.languages == ("en", "de", "fr")
    assert organisation.main_establishment is not None
    assert organisation.main_establishment.country == "DE"
    assert organisation.authority is not None
    assert organisation.authority.id == "DE-BE"
    assert [one.name for one in organisation.on_call] == [
        "On-call engineer",
        "Security lead",
        "Data Protection Officer on duty",
    ]
    assert set(organisation.channels.values()) == {"files"}
    assert (organisation.escalate_after_minutes, organisation.repeat_after_minutes) == (15, 30)
    assert organisation.targets.people_hours == 72


def test_the_example_authority_is_one_of_the_listed():
    organisation = read_organisation(EXAMPLE, "organisation.example.yaml")
    listed = {one["id"]: one for one in yaml.safe_load(authorities_file().read_text(encoding="utf-8"))["authorities"]}
    assert organisation.authority is not None
    assert organisation.authority.portal == listed[organisation.authority.id]["portal"]
    assert organisation.authority.language in listed[organisation.authority.id]["languages"]


def test_an_organisation_cannot_be_changed():
    organisation = read_organisation(EXAMPLE, "organisation.example.yaml")
    with pytest.raises(ValidationError, match="frozen"):
        organisation.name = "Another"  # type: ignore[misc]  # the refusal is the point


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("product: Rabta", "produkt: Rabta", "unknown key `produkt`"),
        ("zone: Europe/Berlin ", "zone: Europe/Bonn ", "`zone`: 'Europe/Bonn' is no time zone"),
        ("zone: Europe/Berlin ", "zone: ../../etc/passwd ", "`zone`: '../../etc/passwd' is no time zone"),
        ("country: DE\nlanguages", "country: de\nlanguages", "`country`"),
        ("[en, de, fr]", "[en, DE, fr]", "`languages.1`"),
        ("[en, de, fr]", "[en, de, en]", "`languages`: `en` is there twice"),
        ("[en, de, fr]", "[]", "`languages`"),
        ("dpo@rabta.example.org", "dpo at rabta.example.org", "`dpo.email`: is not an e-mail address"),
        ("dpo@rabta.example.org", '"dpo@rabta.example.org\\r\\nBcc: x@example.org"', "`dpo.email`"),
        ("https://rabta.example.org/privacy", "rabta.example.org/privacy", "`contact_point.url`: must start with"),
        ("email: security-lead@", "email: on-call@", "`on_call`: `on-call@rabta.example.org` is there twice"),
        ("name: Security lead", "name: On-Call Engineer", "`on_call`: `on-call engineer` is there twice"),
        ("channels: [pager]", "channels: [pagre]", "`pagre`, which is not among `channels`"),
        ("  pager: files", "  pager: pagerduty", "`channels.pager`: must be `files` or an Apprise address"),
        ("escalate_after_minutes: 15", "escalate_after_minutes: 0", "`escalate_after_minutes`"),
        ("people_hours: 72 ", "people_hours: soon ", "`targets.people_hours`"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(old, new, says):
    with pytest.raises(OrganisationError) as refused:
        read_organisation(changed(old, new), "mine.yaml")
    assert says in str(refused.value)
    assert str(refused.value).startswith("mine.yaml line ")


def test_a_refusal_names_the_line():
    text = changed("people_hours: 72 ", "people_hours: soon ")
    with pytest.raises(OrganisationError, match=f"^mine.yaml line {line_of(text, 'people_hours')}: "):
        read_organisation(text, "mine.yaml")


def test_a_missing_key_is_refused():
    with pytest.raises(OrganisationError, match="`legal_name` is missing"):
        read_organisation(changed("legal_name: Trego Tech (to adapt)", "#"), "mine.yaml")


def test_what_is_not_yaml_is_refused_with_its_line():
    with pytest.raises(OrganisationError, match="^mine.yaml line 2"):
        read_organisation("name: Rabta\n  wrong: [", "mine.yaml")


def test_an_empty_file_is_refused():
    with pytest.raises(OrganisationError, match="^mine.yaml line 1"):
        read_organisation("", "mine.yaml")


def test_a_channels_address_does_not_show_in_errors_or_when_printed():
    with_secret = changed("  pager: files", "  pager: pagerduty://canary@canary")
    assert "canary" not in repr(read_organisation(with_secret, "mine.yaml"))
    with pytest.raises(OrganisationError) as refused:
        read_organisation(changed("  pager: files", "  pager: canary:/secret"), "mine.yaml")
    assert "canary" not in str(refused.value)


def test_without_a_file_the_example_speaks_and_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    found = find_organisation(read_settings())
    assert found.is_example
    assert found.notice is not None
    assert str(tmp_path / "organisation.yaml") in found.notice


def test_the_file_in_the_home_folder_comes_before_the_example(monkeypatch, tmp_path):
    (tmp_path / "organisation.yaml").write_text(changed("product: Rabta", "product: Ours"), encoding="utf-8")
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    found = find_organisation(read_settings())
    assert found.organisation.product == "Ours"
    assert found.path == tmp_path / "organisation.yaml"
    assert found.notice is None


def test_the_file_that_was_named_comes_before_all(monkeypatch, tmp_path):
    (tmp_path / "organisation.yaml").write_text("broken: [", encoding="utf-8")
    (tmp_path / "named.yaml").write_text(changed("product: Rabta", "product: Named"), encoding="utf-8")
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    monkeypatch.setenv("TOCSIN_ORGANISATION", str(tmp_path / "named.yaml"))
    assert find_organisation(read_settings()).organisation.product == "Named"


def test_a_named_file_that_is_not_there_is_refused_not_replaced(monkeypatch, tmp_path):
    monkeypatch.setenv("TOCSIN_ORGANISATION", str(tmp_path / "absent.yaml"))
    with pytest.raises(OrganisationError, match="TOCSIN_ORGANISATION.*No such file"):
        find_organisation(read_settings())


def test_a_named_file_without_end_is_refused(monkeypatch):
    monkeypatch.setenv("TOCSIN_ORGANISATION", "/dev/zero")
    with pytest.raises(OrganisationError, match="/dev/zero .named by TOCSIN_ORGANISATION.: is larger than 4 MiB"):
        find_organisation(read_settings())


def test_what_is_still_the_examples_is_listed():
    keys = to_adapt(read_organisation(EXAMPLE, "organisation.example.yaml"))
    assert {"legal_name", "address", "dpo.email", "dpo.phone", "contact_point.url", "on_call.0.email"} <= set(keys)
    assert not {"name", "zone", "authority.id", "channels.pager"} & set(keys)


def test_an_adapted_organisation_has_nothing_left_to_adapt():
    text = EXAMPLE.replace("example.org", "shop.test").replace(" (to adapt)", "")
    assert to_adapt(read_organisation(text, "mine.yaml")) == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [("payment_institution", ("payment_institution",)), ("[a_bank, a_broker]", ("a_bank", "a_broker")), ("", ())],
)
def test_one_kind_of_entity_or_several_can_be_named(written, read):
    assert read_organisation(f"{EXAMPLE}\nentity: {written}\n", "ours.yaml").entity == read


def without(key: str, text: str = EXAMPLE) -> str:
    """The example without one of its parts."""
    whole = yaml.safe_load(text)
    del whole[key]
    return yaml.safe_dump(whole, allow_unicode=True)


def test_without_a_main_establishment_no_authority_of_our_own_is_demanded():
    read = read_organisation(without("authority", without("main_establishment")), "organisation.yaml")
    assert (read.main_establishment, read.authority) == (None, None)
    with pytest.raises(OrganisationError, match="settles a lead authority"):
        read_organisation(without("authority"), "organisation.yaml")


def test_the_representative_in_the_example_is_one_that_can_be_used():
    lines = [line.removeprefix("# ") for line in EXAMPLE.splitlines() if line.startswith(("# representative:", "#   "))]
    start = next(index for index, line in enumerate(lines) if line.startswith("representative:"))
    part = [line.replace("#  ", "  ") for line in lines[start : start + 5]]
    read = read_organisation(EXAMPLE + "\n" + "\n".join(part) + "\n", "organisation.yaml")
    assert read.representative is not None
    assert read.representative.email == "representative@rabta.example.org"
