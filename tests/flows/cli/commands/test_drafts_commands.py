"""Reading and changing texts by command: the text and nothing else on standard output, and each loud thing said."""

from __future__ import annotations

import pytest

from flows.error_codes import Exit

INITIAL = "authority-initial.de"


@pytest.mark.parametrize("draft", [INITIAL, "people.en"])
def test_a_text_that_is_read_into_a_file_and_given_back_changes_no_byte(tocsin, drafted, people_of_ours, home, draft):
    before = tocsin("preview", drafted, draft, "--json").json
    read = tocsin("preview", drafted, draft)
    assert read.out == f"Subject: {before['subject']}\n\n{before['text']}"
    assert before["sha256"] in read.err
    (home / "t.txt").write_text(read.out, encoding="utf-8")
    done = tocsin("edit", drafted, draft, "--file", "t.txt", token=people_of_ours["dpo"])
    assert "nothing changed" in done.out
    after = tocsin("preview", drafted, draft, "--json").json
    assert (after["version"], after["sha256"]) == (before["version"], before["sha256"])


def test_what_changed_stands_in_drafts_preview_and_show(tocsin, drafted, scope, home, people_of_ours):
    text = (home / "scope.yaml").read_text(encoding="utf-8")
    number = next(line for line in text.splitlines() if line.strip().startswith("people:"))
    (home / "scope.yaml").write_text(text.replace(number, "  people: 91200"), encoding="utf-8")
    assert tocsin("assess", drafted, "--file", scope).code == 0
    notify = ("--authority", "notify", "--people", "notify", "--because", "more people")
    assert tocsin("decide", drafted, *notify, token=people_of_ours["dpo"]).code == 0
    shown = {
        "drafts": tocsin("drafts", drafted).out,
        "preview": tocsin("preview", drafted, INITIAL).err,
        "show": tocsin("show", drafted).out,
    }
    for name, said in shown.items():
        assert "-> 91,200" in " ".join(said.split()), name
    assert tocsin("preview", drafted, INITIAL, "--check").code == Exit.REFUSED
    assert f"Next: tocsin respond {drafted}" in shown["drafts"]


def test_a_placeholder_is_named_with_where_it_is_replaced(tocsin, decided, people_of_ours, people_file, sha256_of):
    assert tocsin("people", "import", decided, people_file).code == 0
    assert tocsin("respond", decided).code == 0
    approve = ("approve", decided, "people.en", "--sha256", sha256_of(decided, "people.en"))
    ran = tocsin(*approve, token=people_of_ours["second"])
    assert ran.code == Exit.REFUSED
    assert "to adapt" in ran.err
    assert "organisation.yaml" in ran.err


def test_an_empty_file_proves_nothing(tocsin, drafted, people_of_ours, home):
    (home / "empty.pdf").write_bytes(b"")
    for command in (
        ("log", drafted, "a call", "--file", "empty.pdf"),
        ("submit", drafted, "--reference", "R", "--at", "now", "--receipt", "/dev/null"),
    ):
        ran = tocsin(*command, token=people_of_ours["dpo"])
        assert ran.code == Exit.USAGE, command
        assert "is empty: it proves nothing" in ran.err
