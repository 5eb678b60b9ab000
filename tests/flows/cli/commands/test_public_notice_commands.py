"""The commands for a public communication in place of letters, and one filing that tells of several cases."""

from __future__ import annotations


def test_a_public_communication_is_owed_by_decision_and_recorded_with_a_copy(tocsin, decided, people_of_ours, home):
    dpo = people_of_ours["dpo"]
    ground = ("--people", "not-required", "--exception", "34-3-c", "--because", "no addresses are known")
    said = tocsin("decide", decided, "--authority", "notify", *ground, "--json", token=dpo).json
    assert "now owed: eu-gdpr/public-communication/public" in said["changed"]
    copy = home / "page.html"
    copy.write_text("<p>What happened</p>", encoding="utf-8")
    notice = ("published", decided, "--where", "A banner in the shop", "--at", "now")
    assert tocsin(*notice, token=dpo).code == 2
    done = tocsin(*notice, "--file", str(copy), "--json", token=dpo)
    assert done.code == 0
    assert done.json["changed"] == ["eu-gdpr/public-communication/public: met"]
    assert "published nothing itself" in " ".join(done.json["warnings"])
    assert tocsin(*notice, "--file", str(copy), token=dpo).code == 3


def test_without_a_decision_on_it_no_public_communication_is_recorded(tocsin, decided, people_of_ours, home):
    copy = home / "page.html"
    copy.write_text("<p>What happened</p>", encoding="utf-8")
    notice = ("published", decided, "--where", "A banner", "--at", "now", "--file", str(copy))
    ran = tocsin(*notice, token=people_of_ours["dpo"])
    assert ran.code == 5
    assert "decide --exception 34-3-c" in ran.err


def test_one_filing_may_tell_of_several_similar_cases(tocsin, decided, people_of_ours):
    dpo = people_of_ours["dpo"]
    other = tocsin("open", "The same export once more", "--detected", "2 h ago", "--json").json["ref"]
    assert tocsin("aware", other, "--at", "1 h ago", "--basis", "the same logs").code == 0
    filing = ("submit", decided, "--reference", "A-1", "--at", "now", "--bundle", other, "--despite", "by telephone")
    assert tocsin(*filing, token=dpo).code == 2
    told = tocsin(*filing, "--bundle-because", "the same export, twice in an hour", "--json", token=dpo)
    assert told.code == 0
    assert {line.partition(":")[0] for line in told.json["changed"]} == {decided, other}
