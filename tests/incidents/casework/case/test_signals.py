"""The same alert again belongs to the case it opened: counted, said when it doubles, and no second case."""

from dataclasses import replace

from incidents.casework.case import close
from incidents.casework.case import open as open_case
from incidents.casework.case.open import IncidentReport
from incidents.casework.case.signals import Signal, attach_repeated
from incidents.evidence.files import EvidenceFile
from incidents.storage.tables.case import Evidence, Incident, SignalRow, TimelineEntry
from incidents.texts.timeline_texts import timeline_text
from tests.builders.casework import DPO, HOUR, RESPONDER, nothing_written, rows_of

SIGNAL = Signal(source="alertmanager", fingerprint="a" * 64)
FILE = EvidenceFile(name="alert.json", content=b"{}")
KEPT = timeline_text("kept_of_alert", name="alert.json", size=2, sha256="ab")


def opened(ctx, now, **changes):
    report = IncidentReport(
        title="A bucket is public", detected_at=now, source="alert", evidence_file=FILE, kept_line=KEPT, signal=SIGNAL
    )
    return open_case.open_incident(ctx, RESPONDER, now, replace(report, **changes)).reference


def again(ctx, now, signal=SIGNAL, *, exercise=False):
    return attach_repeated(ctx, RESPONDER, now, signal, exercise=exercise, evidence_file=FILE, kept_line=KEPT)


def lines(ctx, about):
    return [row for row in rows_of(ctx, TimelineEntry) if row.said and row.said["about"] == about]


def test_a_storm_is_one_case_with_its_count_and_a_line_each_time_it_doubles(ctx, now):
    reference = opened(ctx, now)
    for place in range(1, 20):
        attached = again(ctx, now + place * HOUR)
        assert attached is not None
        assert (attached.reference, f"{place + 1} so far" in attached.changed[0]) == (reference, True)
    assert len(rows_of(ctx, Incident)) == 1
    (row,) = rows_of(ctx, SignalRow)
    assert (row.alerts, row.first_at, row.last_at) == (20, now, now + 19 * HOUR)
    assert [line.said["values"]["alerts"] for line in lines(ctx, "signal_again")] == [2, 4, 8, 16]
    assert len(rows_of(ctx, Evidence)) == 5


def test_alerts_within_one_message_count_singly(ctx, now):
    opened(ctx, now, signal=replace(SIGNAL, count=3))
    again(ctx, now, replace(SIGNAL, count=4))
    assert [row.alerts for row in rows_of(ctx, SignalRow)] == [7]
    assert [line.said["values"]["alerts"] for line in lines(ctx, "signal_again")] == [7]


def test_another_alert_and_an_exercise_are_not_attached(ctx, now):
    with nothing_written(ctx):
        assert again(ctx, now) is None
    opened(ctx, now)
    with nothing_written(ctx):
        assert again(ctx, now, replace(SIGNAL, fingerprint="b" * 64)) is None
        assert again(ctx, now, exercise=True) is None


def test_what_is_over_opens_a_case_of_its_own_that_names_the_one_before(ctx, now):
    before = opened(ctx, now)
    close.dismiss(ctx, DPO, now, before, "A test bucket")
    with nothing_written(ctx):
        assert again(ctx, now) is None
    after = opened(ctx, now)
    (line,) = lines(ctx, "signal_before")
    assert line.said["values"] == {"others": before}
    assert again(ctx, now).reference == after


def test_the_file_says_that_it_is_not_what_was_received(ctx, now):
    opened(ctx, now)
    assert [line.text for line in lines(ctx, "kept_of_alert")] == [str(KEPT)]
    assert lines(ctx, "kept") == []
