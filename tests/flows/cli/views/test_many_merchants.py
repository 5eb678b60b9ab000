"""A case with many merchants at the command line: one line for what is alike, and nothing else hidden behind it."""

from __future__ import annotations

import pytest

SCOPE = """\
summary: Orders and accounts were copied.
data_sets:
- {name: orders, role: processor, subjects: [customers], kinds: [email, name], people: 400, records: 900,
   countries: [DE], breach: [confidentiality], exfiltration: confirmed}
- {name: accounts, role: controller, subjects: [merchants], kinds: [email, name, password], people: 5, records: 5,
   countries: [DE], breach: [confidentiality], exfiltration: confirmed}
likely_consequences: [phishing]
measures_taken: [access_closed]
"""


@pytest.fixture
def with_merchants(tocsin, home, people_of_ours):
    """Lay a decided case with that many merchants, of whom some have 8 hours by contract; all others 24."""

    def lay(count, *, hurried=0):
        ref = tocsin("open", "Orders", "--detected", "2 h ago", "--json").json["ref"]
        tocsin("aware", ref, "--at", "1 h ago", "--basis", "the log")
        (home / "scope.yaml").write_text(SCOPE, encoding="utf-8")
        tocsin("assess", ref, "--file", str(home / "scope.yaml"))
        because = ("--authority", "notify", "--people", "notify", "--because", "copied")
        tocsin("decide", ref, *because, token=people_of_ours["dpo"])
        rows = ["merchant_id,name,email,language,people,records,kinds,contract_hours"]
        rows += [f"M-{n:03},Shop {n},m{n}@example.org,en,4,9,name,{8 if n < hurried else ''}" for n in range(count)]
        (home / "merchants.csv").write_text("\n".join(rows), encoding="utf-8")
        tocsin("merchants", "import", ref, str(home / "merchants.csv"), token=people_of_ours["dpo"])
        tocsin("respond", ref)
        return ref

    return lay


def said(ran):
    return " ".join(ran.out.split())


def test_many_merchants_do_not_hide_the_authority(tocsin, with_merchants):
    ref = with_merchants(13)
    shown = said(tocsin("show", ref))
    assert "→ Shop 0, Shop 1, Shop 2 and 10 more" in shown
    assert "Notification to the supervisory authority → " in shown
    assert "Communication to the affected people → " in shown


def test_deadlines_that_are_alike_are_one_block_and_the_json_has_each(tocsin, with_merchants):
    ref = with_merchants(13)
    owed = said(tocsin("deadlines", ref))
    assert owed.count("Notice from the processor to the controller → Shop") == 1
    assert "eu-gdpr/controller/M-000 and 12 more of this kind: --json lists each" in owed
    listed = {each["recipient"] for each in tocsin("deadlines", ref, "--json").json}
    assert {f"M-{n:03}" for n in range(13)} <= listed


def test_a_dozen_are_named_one_by_one(tocsin, with_merchants):
    owed = said(tocsin("deadlines", with_merchants(12)))
    assert all(f"eu-gdpr/controller/M-{n:03} " in f"{owed} " for n in range(12))


def test_those_with_a_shorter_contract_stand_apart_and_first(tocsin, with_merchants):
    ref = with_merchants(15, hurried=2)
    owed = said(tocsin("deadlines", ref))
    assert owed.index("→ Shop 0 ") < owed.index("→ Shop 1 ") < owed.index("→ Shop 2, Shop 3, Shop 4 and 10 more")
    shown = said(tocsin("show", ref))
    assert "(the first of them)" in shown
    assert "Shop 0, Shop 1, Shop 2 and 12 more" in shown


def test_a_refusal_names_a_dozen_and_counts_the_others(tocsin, with_merchants, people_of_ours):
    ref = with_merchants(40)
    refused = tocsin("close", ref, token=people_of_ours["dpo"])
    assert "eu-gdpr/controller/M-000 (running" in refused.err
    assert f"and 30 more (tocsin deadlines {ref})" in refused.err
    assert "not contained: tocsin contain" in refused.err
    unknown = tocsin("ack", ref, "nobody")
    assert f"more (tocsin deadlines {ref})" in unknown.err


def test_after_a_correction_the_next_step_is_that_of_the_case(tocsin, with_merchants):
    ref = with_merchants(1)
    corrected = tocsin("aware", ref, "--at", "80 min ago", "--basis", "the log", "--reason", "read again")
    assert f"Next: tocsin show {ref}" in corrected.out + corrected.err
