"""A scope file that starts from what we keep: `scope template --data`, `scope inventory`."""

from __future__ import annotations

import yaml


def test_the_inventory_is_listed_to_pick_from(tocsin):
    said = tocsin("scope", "inventory").out
    assert "merchant-accounts (controller): Accounts and contacts of merchants" in said
    assert "customer-orders (processor)" in said
    assert "ENISA context 3" in said


def test_the_inventory_as_json_has_one_entry_for_each_set(tocsin):
    listed = tocsin("scope", "inventory", "--json").json
    keys = {"name", "title", "role", "subjects", "kinds", "context", "because", "where"}
    assert all(set(each) == keys for each in listed)
    assert {"usage", "cookies"} <= {each["name"] for each in listed}


def test_every_set_of_the_inventory_prefills_a_scope_file(tocsin, home):
    listed = tocsin("scope", "inventory", "--json").json
    names = [part for each in listed for part in ("--data", each["name"])]
    written = tocsin("scope", "template", *names).out
    described = written.replace("Describe what happened.", "Exports were open.")
    (home / "mine.yaml").write_text(described, encoding="utf-8")
    sets = yaml.safe_load(written)["data_sets"]
    assert [(data_set["name"], data_set["role"], data_set["kinds"]) for data_set in sets] == [
        (each["name"], each["role"], each["kinds"]) for each in listed
    ]
    answer = tocsin("advise", "--file", "mine.yaml", "--json")
    assert answer.code == 0
    assert answer.json["register"] is True


def test_a_set_named_twice_is_written_once(tocsin):
    written = tocsin("scope", "template", "--data", "usage", "--data", "usage").out
    assert len(yaml.safe_load(written)["data_sets"]) == 1


def test_an_unknown_set_is_not_found_and_the_others_are_named(tocsin):
    ran = tocsin("scope", "template", "--data", "horoscopes")
    assert (ran.code, ran.out) == (5, "")
    assert "cookies" in ran.err


def test_a_broken_inventory_of_ones_own_is_refused_with_its_line(tocsin, home):
    (home / "home").mkdir(exist_ok=True)
    (home / "home" / "data_inventory.yaml").write_text("data:\n  usage:\n    titel: x\n", encoding="utf-8")
    ran = tocsin("scope", "inventory")
    assert ran.code == 2
    assert "line 3: unknown key `data.usage.titel`" in ran.err
