"""The inventory of data: what is shipped is right, and a wrong key or value is refused with file and line."""

from __future__ import annotations

import pytest

from config.inventory import InventoryError, UnknownDataError, find_inventory, read_inventory
from config.settings import example_inventory, read_settings
from incidents.assessment.enisa_score import data_processing_context
from incidents.facts.data_kinds import kind_of
from incidents.facts.data_set import DataSet

SHIPPED = example_inventory().read_text(encoding="utf-8")
KEPT = read_inventory(SHIPPED, "data_inventory.yaml").data


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


@pytest.mark.parametrize("name", KEPT)
def test_every_kind_in_the_inventory_is_known(name):
    assert {kind_of(kind).known for kind in KEPT[name].kinds} == {True}


@pytest.mark.parametrize("name", KEPT)
def test_the_context_it_names_is_the_one_the_score_will_use(name):
    kept = KEPT[name]
    data_set = DataSet.model_validate(
        {"name": name, "role": kept.role, "subjects": kept.subjects, "kinds": kept.kinds, "breach": ["confidentiality"]}
    )
    assert data_processing_context(data_set)[0] == kept.context


def test_what_is_held_for_merchants_is_held_as_processor():
    assert {name for name, kept in KEPT.items() if kept.role == "processor"} == {
        name for name, kept in KEPT.items() if "end_customers" in kept.subjects
    }


def test_everything_the_privacy_policy_speaks_of_is_there():
    assert {
        "merchant-accounts", "merchant-business", "merchant-billing", "credentials", "usage", "technical", "cookies",
        "support", "customer-contacts", "customer-orders", "customer-deliveries", "customer-payments",
    } <= set(KEPT)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    title: Ways into accounts", "    titel: Ways into accounts", "unknown key `data.credentials.titel`"),
        ("    title: Usage of the platform\n", "", "`data.usage.title` is missing"),
        ("    role: controller\n    subjects: [visitors]", "    role: owner\n    subjects: [visitors]", "role"),
        ("    context: 1\n    because: identifiers", "    context: 5\n    because: identifiers", "context"),
        ("kinds: [cookies, ip_address]", "kinds: [Cookies]", "kinds"),
        ("kinds: [cookies, ip_address]", "kinds: []", "kinds"),
    ],
)
def test_a_wrong_key_or_value_is_refused_with_its_line(old, new, says):
    assert SHIPPED.count(old) == 1
    with pytest.raises(InventoryError) as refused:
        read_inventory(SHIPPED.replace(old, new), "data_inventory.yaml")
    assert says in str(refused.value)
    assert "data_inventory.yaml line " in str(refused.value)


def test_the_line_is_the_right_one():
    wrong = SHIPPED.replace("    title: Ways into accounts", "    titel: Ways into accounts")
    with pytest.raises(InventoryError, match=rf"line {line_of(wrong, '    titel')}:"):
        read_inventory(wrong, "data_inventory.yaml")


@pytest.mark.parametrize("text", ["", "data: {}", "- a", "data: [", "data: {a: 1}\ndata: {b: 2}"])
def test_what_is_no_inventory_is_refused(text):
    with pytest.raises(InventoryError):
        read_inventory(text, "data_inventory.yaml")


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(UnknownDataError, match="merchant-accounts, merchant-business"):
        read_inventory(SHIPPED, "x").pick("merchants")


def test_a_file_of_ones_own_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    assert set(find_inventory(read_settings()).data) == set(KEPT)
    own = "data:\n  letters:\n    title: Letters\n    role: controller\n    subjects: [clients]\n"
    own += "    kinds: [name]\n    context: 1\n    because: few\n"
    (tmp_path / "data_inventory.yaml").write_text(own, encoding="utf-8")
    assert list(find_inventory(read_settings()).data) == ["letters"]
    (tmp_path / "data_inventory.yaml").write_bytes(b"\xff")
    with pytest.raises(InventoryError, match="cannot be read"):
        find_inventory(read_settings())
