"""Who lives where a law that is off protects people is named: silence would look like an answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.reference import regime_files
from incidents.facts.breach import Facts
from incidents.law.model import Regime
from incidents.obligations.disabled_laws import DisabledLaws, switched_off, uncovered

DAY = date(2026, 11, 27)
LAWS = regime_files.read_all(Path("/nonexistent"))


def facts(countries: Any) -> Facts:
    data_set = {"name": "a", "role": "controller", "kinds": ["name"], "people": 2000, "breach": ["confidentiality"]}
    return Facts.model_validate({"summary": "x", "data_sets": [{**data_set, "countries": countries}]})


def on(*names: str) -> tuple[Regime, ...]:
    return tuple(law for law in LAWS if law.id in names)


def found(countries: Any, *names: str, sectors: tuple[str, ...] = ()) -> DisabledLaws | None:
    return switched_off(LAWS, on("eu-gdpr", *names), facts(countries), sectors, DAY)


def test_people_in_the_united_states_are_counted_and_every_law_there_is_named():
    off = found({"DE": 100, "US": 700, "US-CA": 600})
    assert off is not None
    assert (off.people, off.places) == (1300, ("US", "US-CA"))
    assert {"us-ca", "us-ny", "us-tx", "us-fl", "us-co"} <= set(off.regimes)
    assert off.text.startswith("1,300 people live where a law we have a file of is switched off: ")
    assert "add it to `regimes` in organisation.yaml" in off.text


def test_a_place_that_a_law_of_ours_covers_asks_nothing():
    assert found({"DE": 100, "FR": 20}) is None
    assert found({"DE": 100, "US-CA": 0}) is None, "nobody lives there"
    assert found({"CH": 5}, "ch-fadp") is None
    assert uncovered(on("us-ca"), facts({"US-CA": 5, "US": 5})) == ("US",)


def test_a_law_of_a_sector_that_is_not_ours_is_left_out():
    swiss = found({"CH": 5})
    assert swiss is not None
    assert swiss.regimes == ("ch-fadp",)


@pytest.mark.parametrize(
    ("countries", "said"),
    [(["CH"], "People live where"), ({"CH": 1}, "1 person lives where"), ({"CH": None}, "People live where")],
)
def test_a_number_is_said_only_where_the_facts_give_one(countries, said):
    off = found(countries)
    assert off is not None
    assert off.text.startswith(said)


def test_a_place_of_which_there_is_no_file_is_not_spoken_of():
    assert found({"AQ": 3}) is None
