"""Which place's public holidays count: that of an authority, of our supervision, or of our establishment."""

from __future__ import annotations

import pytest

from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import Recipient, RecipientKind


def authority(place: str, name: str = "The authority") -> Recipient:
    return Recipient(kind=RecipientKind.AUTHORITY, id=place, name=name)


LED = ControllerProfile(establishment="DE-BE", lead=authority("DE-BE"))


@pytest.mark.parametrize(
    ("told", "place"),
    [
        (None, "DE"),
        (authority("eu-dora"), "DE"),
        (authority("DE-BE"), "DE-BE"),
        (authority("DE-BE", "its name when the duty arose"), "DE-BE"),
        (Recipient(kind=RecipientKind.PEOPLE, id="affected-people", name="The people"), "DE"),
    ],
)
def test_holidays_of_a_region_count_only_for_what_is_owed_to_its_authority(told, place):
    assert LED.days_off_in(told) == place


@pytest.mark.parametrize(
    ("profile", "place"),
    [
        (ControllerProfile(establishment="US", lead=None, supervised_in="DE-BE"), "DE"),
        (ControllerProfile(establishment="FR", lead=None), "FR"),
        (ControllerProfile(establishment=None, lead=None), None),
    ],
)
def test_without_a_lead_authority_it_is_the_country_that_supervises_us_or_else_where_we_are(profile, place):
    assert profile.days_off_in(authority("eu-nis2")) == place


def test_an_authority_for_public_bodies_has_the_holidays_of_its_place():
    assert ControllerProfile(establishment="DE-BY", lead=authority("DE-BY-public")).home == "DE-BY"
