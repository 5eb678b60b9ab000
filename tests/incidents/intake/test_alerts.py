"""Alerts of other systems: read as they come, kept without what may be personal, refused in one line."""

import hashlib
import json

import pytest

from incidents.intake.alerts import AlertRefusedError
from incidents.intake.alerts import read_alert as read
from incidents.intake.private_words import without_people
from tests.builders.casework import INSTANT, utc

ALERT = {
    "status": "firing",
    "fingerprint": "c0ffee",
    "startsAt": "2026-11-18T03:13:00.5+01:00",
    "labels": {"alertname": "BucketPublic", "severity": "critical", "service": "orders", "user": "canary@example.org"},
    "annotations": {"summary": "A bucket is public", "owner": "canary@example.org"},
    "generatorURL": "https://example.org/canary",
}
WEBHOOK = {"version": "4", "receiver": "tocsin", "truncatedAlerts": 0, "alerts": [ALERT], "externalURL": "canary"}


NOW = utc(2026, 11, 18, 9)


def read_alert(content, **said):
    return read(content, NOW, **said)


def body(given):
    return json.dumps(given).encode()


def kept_of(report):
    return report.evidence_file.content


def webhook(**changes):
    return body({**WEBHOOK, **changes})


def test_an_alertmanager_webhook_opens_a_case():
    report = read_alert(webhook())
    assert (report.title, report.system, report.source) == ("A bucket is public", "orders", "alert")
    assert report.detected_at == report.first_signal_at == utc(2026, 11, 18, 2, 13, 0, 500_000)
    assert report.notes == ("First signal: A bucket is public, severity critical (id c0ffee)",)


def test_only_named_fields_are_kept():
    kept = kept_of(read_alert(webhook()))
    assert b"canary" not in kept
    assert json.loads(kept)["alerts"][0]["labels"] == {
        "alertname": "BucketPublic",
        "service": "orders",
        "severity": "critical",
    }


def test_the_first_of_several_alerts_counts_and_resolved_ones_do_not():
    earlier = {**ALERT, "startsAt": "2026-11-18T01:00:00Z"}
    resolved = {**ALERT, "status": "resolved", "startsAt": "2026-11-17T01:00:00Z"}
    alert = read_alert(webhook(alerts=[resolved, ALERT, earlier], truncatedAlerts=3))
    assert alert.first_signal_at == utc(2026, 11, 18, 1, 0)
    assert len(json.loads(kept_of(alert))["alerts"]) == 2
    assert "2 alerts in one message; the sender left out 3 more" in alert.notes[0]
    assert alert.signal.count == 5


def test_what_all_alerts_share_fills_in_for_each():
    bare = {**ALERT, "labels": {}, "annotations": {}}
    shared = {"commonLabels": {"alertname": "BucketPublic", "job": "storage"}, "commonAnnotations": {}}
    alert = read_alert(webhook(alerts=[bare], **shared))
    assert (alert.title, alert.system) == ("BucketPublic", "storage")
    assert "severity" not in alert.notes[0]


def test_a_plain_alert_opens_a_case_too():
    given = {"title": "Odd log-ins", "detected_at": "2026-11-18T02:13:00Z", "source": "siem", "ip": "canary"}
    report = read_alert(body(given))
    assert (report.title, report.system) == ("Odd log-ins", "siem")
    assert b"canary" not in kept_of(report)


def test_no_mapping_under_a_kept_key_carries_a_person_along():
    nested = {"user": "canary@example.org"}
    plain = {"title": "Odd log-ins", "detected_at": "2026-11-18T02:13:00Z", "source": nested, "severity": nested}
    for report in (
        read_alert(body({**plain, "external_id": [nested]})),
        read_alert(webhook(receiver=nested, alerts=[{**ALERT, "fingerprint": nested}])),
    ):
        assert b"canary" not in kept_of(report)
        assert "canary" not in f"{report.system} {report.notes}"


def test_half_a_surrogate_pair_is_kept_as_the_escape_it_came_as():
    content = b'{"title": "Odd \\ud83d log-ins \xc3\xa9", "detected_at": "2026-11-18T02:13:00Z"}'
    kept = kept_of(read_alert(content))
    assert b'"Odd \\ud83d log-ins \xc3\xa9"' in kept
    assert json.loads(kept)["title"] == json.loads(content)["title"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"title": ' + b"1" * 5_000 + b"}", "not JSON"),
        (b"5", "must be a JSON object"),
        (b"[]", "only resolved"),
        (b"{}", "nothing in the alert says what was noticed"),
        (b'{"title": 5}', 'say what was noticed: tocsin open "TITLE" --from-alert FILE'),
        (b'{"title": "  "}', "nothing in the alert says"),
        (b'{"title": "x", "status": "resolved"}', "only resolved"),
        (b'{"event_action": "resolve", "payload": {"summary": "x"}}', "only resolved"),
        (b'{"ruleName": "x", "state": "ok"}', "only resolved"),
        (webhook(alerts=[]), "only resolved"),
        (webhook(alerts=[{**ALERT, "status": "resolved"}]), "only resolved"),
        (webhook(alerts=["x", None]), "only resolved"),
        (webhook(alerts=[{**ALERT, "labels": {}, "annotations": {}}]), "TITLE"),
        (webhook(commonLabels=None, alerts=[{**ALERT, "labels": "x", "annotations": 5}]), "TITLE"),
    ],
)
def test_what_is_no_alert_is_refused_in_one_line(content, why):
    with pytest.raises(AlertRefusedError, match=why) as refused:
        read_alert(content)
    assert "\n" not in str(refused.value)


def test_what_the_refusal_advises_works():
    for content in (b"{}", b'{"title": 5}', webhook(alerts=[{**ALERT, "labels": {}, "annotations": {}}])):
        with pytest.raises(AlertRefusedError, match="TITLE"):
            read_alert(content)
        assert read_alert(content, title="A bucket is public").title == "A bucket is public"


def test_what_a_person_says_goes_before_the_alert():
    at = utc(2026, 11, 18, 1)
    report = read_alert(webhook(), title="Ours", detected_at=at)
    assert (report.title, report.detected_at) == ("Ours", at)
    assert report.first_signal_at == utc(2026, 11, 18, 2, 13, 0, 500_000)
    assert "A bucket is public" in report.notes[0]


TIMES = [
    # as written, read as, remark
    ("2026-11-18T02:13:00.746609046Z", utc(2026, 11, 18, 2, 13, 0, 746_609), None),
    ("2026-11-18T03:13:00.16095407+01:00", utc(2026, 11, 18, 2, 13, 0, 160_954), None),
    ("2026-11-18T02:13:00.000+0000", utc(2026, 11, 18, 2, 13), None),
    ("2026-11-18 02:13", utc(2026, 11, 18, 2, 13), "no zone; it was read as UTC"),
    (1_794_967_980, utc(2026, 11, 18, 2, 13), None),
    (1_794_967_980.5, utc(2026, 11, 18, 2, 13, 0, 500_000), None),
    (1_794_967_980_000, utc(2026, 11, 18, 2, 13), None),
    (1_794_967_980_000_000, utc(2026, 11, 18, 2, 13), None),
    (1_794_967_980_000_000_000, utc(2026, 11, 18, 2, 13), None),
    ("1794967980", utc(2026, 11, 18, 2, 13), None),
    ("1794967980000", utc(2026, 11, 18, 2, 13), None),
    ("20261118T021300Z", utc(2026, 11, 18, 2, 13), None),
    (NOW.isoformat(), NOW, None),
    ((NOW + INSTANT).isoformat(), NOW, "lies ahead of our clock"),
    ("9999-12-31T23:59:59-23:59", NOW, "says no time"),
    ("0001-01-01T00:00:00Z", NOW, "says no time"),
    (0, NOW, "says no time"),
    (True, NOW, "says no time"),
    (10**30, NOW, "says no time"),
    ("soon", NOW, "says no time"),
    ("", NOW, "says no time"),
    (None, NOW, "says no time"),
    ({"a": 1}, NOW, "says no time"),
]


@pytest.mark.parametrize(("written", "at", "remark"), TIMES)
def test_a_time_is_read_as_systems_write_it_and_an_odd_one_opens_a_case_all_the_same(written, at, remark):
    for report in (
        read_alert(body({"title": "x", "detected_at": written})),
        read_alert(webhook(alerts=[{**ALERT, "startsAt": written}])),
    ):
        assert report.detected_at == report.first_signal_at == at
        assert [remark in note for note in report.notes[1:]] == ([True] if remark else [])


def test_a_group_counts_from_its_earliest_alert_that_has_a_time():
    alerts = [{**ALERT, "startsAt": None}, ALERT, {**ALERT, "startsAt": "0001-01-01T00:00:00Z"}]
    assert read_alert(webhook(alerts=alerts)).detected_at == utc(2026, 11, 18, 2, 13, 0, 500_000)


def test_a_summary_of_any_length_opens_a_case():
    for summary, title in (("  ", "BucketPublic"), ("x" * 300, "x" * 300), ("x" * 301, "x" * 299 + "…")):
        report = read_alert(webhook(alerts=[{**ALERT, "annotations": {"summary": summary}}]))
        assert report.title == title
        assert len(report.title) <= 300
    assert len(read_alert(body({"title": "x", "source": "y" * 500})).system or "") == 200


PERSON = "canary-person@example.org"
SHAPES = {
    "sentry": (
        {"action": "triggered", "data": {"event": {"title": f"TypeError for {PERSON}", "issue_id": "7",
         "level": "error", "datetime": "2026-11-18T02:13:00Z",
         "user": {"email": PERSON, "ip_address": "203.0.113.7"}}}},
        "TypeError for [address]",
    ),
    "sentry-issue": (
        {"action": "created", "data": {"issue": {"title": "Leak", "id": "7", "firstSeen": "2026-11-18T02:13:00Z"}}},
        "Leak",
    ),
    "aws.guardduty": (
        {"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "time": "2026-11-18T08:00:00Z", "detail": {
         "title": "Unusual reads", "id": "4951", "severity": 8, "service": {"eventFirstSeen": "2026-11-18T02:13:00Z"},
         "resource": {"accessKeyDetails": {"userName": PERSON}}}},
        "Unusual reads",
    ),
    "aws.securityhub": (
        {"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported", "detail": {"findings": [
         {"Title": "Public bucket", "Id": "arn:7", "CreatedAt": "2026-11-18T02:13:00Z", "Severity": {"Label": "HIGH"}},
        ]}},
        "Public bucket",
    ),
    "falco": (
        {"rule": "Read sensitive file", "priority": "Warning", "hostname": "node-1", "time": "2026-11-18T02:13:00.7Z",
         "output": f"user={PERSON}", "output_fields": {"user.name": PERSON}},
        "Read sensitive file",
    ),
    "wazuh": (
        {"timestamp": "2026-11-18T02:13:00.000+0000", "rule": {"id": "5710", "level": 5, "description": "Odd log-in"},
         "agent": {"id": "001", "name": "web-1"}, "full_log": f"invalid user {PERSON}"},
        "Odd log-in",
    ),
    "cloudevents": (
        {"specversion": "1.0", "type": "com.example.leak", "source": "/scanner", "id": "A1",
         "time": "2026-11-18T02:13:00Z", "data": {"title": "Leaked key", "owner": PERSON}},
        "Leaked key",
    ),
    "pagerduty": (
        {"routing_key": "canary-key", "event_action": "trigger", "dedup_key": "d1",
         "payload": {"summary": "Egress", "source": "db-7", "severity": "critical", "timestamp": "2026-11-18T02:13:00Z",
                     "custom_details": {"who": PERSON}}},
        "Egress",
    ),
    "ocsf": (
        {"class_name": "Detection Finding", "time": 1794967980000, "actor": {"user": {"email_addr": PERSON}},
         "finding_info": {"title": "Bulk export", "uid": "f-7"}},
        "Bulk export",
    ),
    "grafana": (
        {"ruleName": "Egress alert", "ruleId": 1, "state": "alerting", "title": "[Alerting] Egress alert"},
        "Egress alert",
    ),
    "sns": (
        {"Type": "Notification", "Message": json.dumps({"title": "From a topic", "time": "2026-11-18T02:13:00Z"})},
        "From a topic",
    ),
    "sns-words": ({"Type": "Notification", "Subject": "ALARM", "Message": f"not JSON, {PERSON}"}, "ALARM"),
    "list": ([ALERT], "A bucket is public"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_an_alert_opens_a_case_in_the_shape_it_comes_in(name):
    given, title = SHAPES[name]
    report = read_alert(body(given))
    assert report.title == title
    assert report.detected_at.replace(microsecond=0) in {utc(2026, 11, 18, 2, 13), NOW}
    assert "canary" not in str(report)
    assert b"canary" not in kept_of(report)
    assert b"203.0.113.7" not in kept_of(report)


def test_what_is_kept_says_what_was_received():
    content = webhook()
    report = read_alert(content)
    digest = hashlib.sha256(content).hexdigest()
    assert json.loads(kept_of(report))["received"] == {"bytes": len(content), "sha256": digest}
    assert "without what may name people" in report.kept_line
    assert digest in report.kept_line
    assert "as received" not in report.evidence_file.name


def test_the_same_thing_is_known_again_and_another_is_not():
    def known(content):
        return read_alert(content).signal.fingerprint

    again = {**ALERT, "startsAt": "2026-11-18T08:00:00Z"}
    assert known(webhook()) == known(webhook(alerts=[again, ALERT], receiver="other"))
    others = [
        webhook(alerts=[{**ALERT, "fingerprint": "c"}]),
        body({"title": "A bucket is public"}),
        body({"title": "x"}),
    ]
    assert len({known(content) for content in (webhook(), *others)}) == 4


def test_words_lose_addresses_of_any_kind_and_keep_what_is_none():
    given = "a.b@x.example wrote from 203.0.113.7, (2001:db8::7) at 12:30:00 to v1.2.3 user=x@y.example"
    assert without_people(given) == "[address] wrote from [ip], ([ip]) at 12:30:00 to v1.2.3 user=[address]"


def test_odd_shapes_beside_a_good_alert_do_no_harm():
    assert read_alert(webhook(commonLabels=None, commonAnnotations=["x"], receiver=None)).title == "A bucket is public"


@pytest.mark.parametrize("given", ["abc", None, [], {}, 1.5, -1, True])
def test_a_number_of_left_out_alerts_that_is_none_counts_as_none(given):
    assert read_alert(webhook(truncatedAlerts=given)).signal.count == 1
