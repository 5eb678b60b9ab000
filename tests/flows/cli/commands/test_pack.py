"""`tocsin pack`: the files it writes, what it says is missing, and how it refuses."""

from __future__ import annotations

import json


def test_pack_writes_its_files_and_says_aside_what_is_missing(tocsin, opened, home):
    ran = tocsin("pack", opened, "-o", "out")
    assert ran.code == 0
    assert ran.out.count("✔ out/") == 3
    assert "Needed now (Art. 33(3) GDPR): " in ran.err
    assert "must not be used for filing" in " ".join(ran.err.split())
    assert len(list((home / "out").iterdir())) == 3


def test_pack_as_json_names_files_and_open_fields(people_of_ours, tocsin, decided, home):
    ran = tocsin("pack", decided, "--format", "json", "--json", token=people_of_ours["dpo"])
    (file,) = ran.json["files"]
    said = json.loads((home / file).read_text(encoding="utf-8"))
    assert ran.json["needed"] == said["needed"]
    assert (said["phase"], said["authority"]["id"]) == ("initial", ran.json["authority"])


def test_a_withdrawal_without_reasons_says_so_and_with_them_does_not(people_of_ours, tocsin, decided):
    withdraw = ("pack", decided, "--phase", "withdrawal", "--format", "md", "--json")
    assert 5 in tocsin(*withdraw, token=people_of_ours["dpo"]).json["needed"]
    assert 5 not in tocsin(*withdraw, "--because", "Reported twice", token=people_of_ours["dpo"]).json["needed"]


def test_a_wrong_format_and_an_unknown_authority_have_their_exit_codes(tocsin, opened):
    assert tocsin("pack", opened, "--format", "pdf").code == 2
    assert tocsin("pack", opened, "--authority", "ZZ").code == 5
    assert tocsin("pack", "INC-1999-0001").code == 5
