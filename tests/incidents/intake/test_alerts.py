"""Alerts of other systems: read as they come, kept without what may be personal, refused in one line."""

import json

import pytest

from incidents.intake.alerts import AlertRefusedError, parse_alert, read_alert
from tests.builders.casework import utc

ALERT = {
    "status": "firing",
    "fingerprint": "c0ffee",
    "startsAt": "2026-11-18T03:13:00.5+01:00",
    "labels": {"alertname": "BucketPublic", "severity": "critical", "service": "orders", "user": "canary@example.org"},
    "annotations": {"summary": "A bucket is public", "owner": "canary@example.org"},
    "generatorURL": "https://example.org/canary",
}
WEBHOOK = {"version": "4", "receiver": "tocsin", "truncatedAlerts": 0, "alerts": [ALERT], "externalURL": "canary"}


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
    assert report.notes == (
        "First signal: A bucket is public, severity critical (id c0ffee@2026-11-18T03:13:00.5+01:00)",
    )


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
    alert = parse_alert(webhook(alerts=[resolved, ALERT, earlier], truncatedAlerts=3))
    assert alert.first_signal_at == utc(2026, 11, 18, 1, 0)
    assert len(alert.kept["alerts"]) == 2
    assert "the sender left out 3 more" in read_alert(webhook(truncatedAlerts=3)).notes[0]


def test_what_all_alerts_share_fills_in_for_each():
    bare = {**ALERT, "labels": {}, "annotations": {}}
    shared = {"commonLabels": {"alertname": "BucketPublic", "job": "storage"}, "commonAnnotations": {}}
    alert = parse_alert(webhook(alerts=[bare], **shared))
    assert (alert.title, alert.system, alert.severity) == ("BucketPublic", "storage", None)


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
        (b"[]", "must be a JSON object"),
        (b"{}", "no `title`"),
        (b'{"title": 5}', "no `title`"),
        (b'{"title": "x"}', "`detected_at` of the alert is not a time"),
        (b'{"title": "x", "detected_at": "9999-12-31T23:59:59-23:59"}', "is not a time"),
        (b'{"title": "x", "detected_at": "2026-11-18T02:13:00"}', "has no time zone"),
        (webhook(alerts=[]), "only resolved"),
        (webhook(alerts=[{**ALERT, "status": "resolved"}]), "only resolved"),
        (webhook(alerts=["x", None]), "only resolved"),
        (webhook(alerts=[{**ALERT, "startsAt": "0001-01-01T00:00:00Z"}]), "give --detected"),
        (webhook(alerts=[{**ALERT, "startsAt": "soon"}]), "give --detected"),
        (webhook(alerts=[{**ALERT, "labels": {}, "annotations": {}}]), "give a TITLE"),
        (webhook(alerts=[{**ALERT, "labels": None, "annotations": []}]), "give a TITLE"),
        (webhook(commonLabels=None, alerts=[{**ALERT, "labels": "x", "annotations": 5}]), "give a TITLE"),
    ],
)
def test_what_is_no_alert_is_refused_in_one_line(content, why):
    with pytest.raises(AlertRefusedError, match=why) as refused:
        read_alert(content)
    assert "\n" not in str(refused.value)


def test_odd_shapes_beside_a_good_alert_do_no_harm():
    assert read_alert(webhook(commonLabels=None, commonAnnotations=["x"], receiver=None)).title == "A bucket is public"


@pytest.mark.parametrize("given", ["abc", None, [], {}, 1.5, -1])
def test_a_number_of_left_out_alerts_that_is_none_counts_as_none(given):
    assert parse_alert(webhook(truncatedAlerts=given)).truncated == 0
