"""Counting, the ladder, terms and their explanation, on ordinary days and on the nights when clocks change."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.deadlines.explanation import explain, latest_for
from incidents.deadlines.terms import DueKind, Terms
from incidents.law.model import Citation
from incidents.law.periods import Period, PeriodKind, UnsupportedPeriod, due_at, latest_reg_1182_71
from incidents.law.reminder_ladder import ReminderSchedule, in_readable_words, next_reminder, reminders

BERLIN = ZoneInfo("Europe/Berlin")
INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
HOURS_72 = Period(kind=PeriodKind.HOURS, value=72)
LADDER = ReminderSchedule(
    warn_before=24 * HOUR,
    before=tuple(n * HOUR for n in (48, 24, 12, 6, 3, 1)),
    after=tuple(n * HOUR for n in (1, 6, 12, 24)),
    then_every=24 * HOUR,
)
ART_33 = Citation(
    article="Art. 33(1) GDPR", text="not later than 72 hours", url="https://eur-lex.europa.eu/eli/reg/2016/679/oj"
)
TERMS = Terms(
    regime="eu-gdpr",
    duty="authority-initial",
    title="Notification to the supervisory authority",
    period=HOURS_72,
    due_kind=DueKind.STATUTORY,
    ladder=LADDER,
    citation=ART_33,
    late_needs_reasons=True,
    rule="72 hours after awareness",
)


def at(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


WORKED = [
    pytest.param(
        at("2020-12-22T12:17"), "2020-12-25T11:17:00Z", "2020-12-25T12:00:00Z", id="published-example-holiday"
    ),
    pytest.param(at("2026-09-08T09:00"), "2026-09-11T07:00:00Z", "2026-09-11T08:00:00Z", id="exactly-on-the-hour"),
    pytest.param(at("2026-10-23T15:20"), "2026-10-26T13:20:00Z", "2026-10-26T14:00:00Z", id="autumn-change"),
    pytest.param(at("2026-12-24T11:10"), "2026-12-27T10:10:00Z", "2026-12-27T11:00:00Z", id="christmas-weekend"),
    pytest.param(
        at("2026-10-25T02:30", fold=1), "2026-10-28T01:30:00Z", "2026-10-28T02:00:00Z", id="second-half-past-two"
    ),
    pytest.param(
        at("2026-10-25T02:30", fold=0), "2026-10-28T00:30:00Z", "2026-10-28T01:00:00Z", id="first-half-past-two"
    ),
    pytest.param(at("2026-03-28T18:45"), "2026-03-31T17:45:00Z", "2026-03-31T18:00:00Z", id="spring-change"),
    pytest.param(at("2026-03-29T01:59"), "2026-04-01T00:59:00Z", "2026-04-01T01:00:00Z", id="before-the-missing-hour"),
    pytest.param(at("2026-12-30T23:30"), "2027-01-02T22:30:00Z", "2027-01-02T23:00:00Z", id="change-of-year"),
    pytest.param(at("2028-02-27T10:30"), "2028-03-01T09:30:00Z", "2028-03-01T10:00:00Z", id="leap-day"),
    pytest.param(at("2027-02-27T10:30"), "2027-03-02T09:30:00Z", "2027-03-02T10:00:00Z", id="no-leap-day"),
    pytest.param(
        at("2026-05-04T10:10", "Asia/Kolkata"), "2026-05-07T04:40:00Z", "2026-05-07T05:30:00Z", id="half-hour-offset"
    ),
    pytest.param(
        at("2026-05-04T10:10", "Asia/Kathmandu"), "2026-05-07T04:25:00Z", "2026-05-07T05:15:00Z", id="45-minute-offset"
    ),
    pytest.param(
        at("2026-07-01T10:00", "America/St_Johns"),
        "2026-07-04T12:30:00Z",
        "2026-07-04T13:30:00Z",
        id="minus-two-thirty",
    ),
    pytest.param(
        at("2026-10-31T12:01", "America/New_York"), "2026-11-03T16:01:00Z", "2026-11-03T17:00:00Z", id="new-york-autumn"
    ),
]


@pytest.mark.parametrize(("aware", "due", "latest"), WORKED)
def test_72_hours_are_elapsed_hours_and_the_latest_reading_starts_at_the_next_full_local_hour(aware, due, latest):
    assert due_at(HOURS_72, aware) == datetime.fromisoformat(due)
    assert due_at(HOURS_72, aware).tzinfo is UTC
    assert latest_reg_1182_71(HOURS_72, aware, aware.tzinfo) == datetime.fromisoformat(latest)


@pytest.mark.parametrize(("moved", "ends"), [(-INSTANT, "07:00:00"), (timedelta(), "08:00:00"), (INSTANT, "08:00:00")])
def test_the_hour_of_the_event_is_the_hour_that_begins_with_it(moved, ends):
    aware = at("2026-09-08T09:00").astimezone(UTC) + moved
    assert latest_reg_1182_71(HOURS_72, aware, BERLIN) == datetime.fromisoformat(f"2026-09-11T{ends}Z")


def test_a_change_of_half_an_hour_still_starts_at_a_full_local_hour():
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    one_hour = Period(kind=PeriodKind.HOURS, value=1)
    back = latest_reg_1182_71(one_hour, at("2026-04-05T01:45", "Australia/Lord_Howe"), lord_howe)
    on = latest_reg_1182_71(one_hour, at("2026-10-04T01:45", "Australia/Lord_Howe"), lord_howe)
    assert [found and found.astimezone(lord_howe).time().isoformat() for found in (back, on)] == [
        "03:00:00",
        "04:00:00",
    ]


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "Europe/Lisbon", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"]
).map(ZoneInfo)
TIMES = st.datetimes(datetime(2018, 5, 25), datetime(2037, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
HOURS = st.integers(1, 2000).map(lambda value: Period(kind=PeriodKind.HOURS, value=value))


@given(HOURS, TIMES, ZONES)
def test_the_zone_in_which_a_time_is_written_never_changes_when_hours_end(period, start, zone):
    assert due_at(period, start.astimezone(zone)) == due_at(period, start, zone=zone) == due_at(period, start)
    assert due_at(period, start) - start == period.value * HOUR


@given(HOURS, TIMES, ZONES)
def test_the_latest_reading_is_later_by_at_most_one_hour_and_never_by_none(period, start, zone):
    latest = latest_reg_1182_71(period, start, zone)
    assert latest is not None
    assert timedelta() < latest - due_at(period, start) <= HOUR


DAYS = [
    (PeriodKind.CALENDAR_DAYS, 3, at("2026-10-23T15:20"), "2026-10-26T23:00:00Z"),
    (PeriodKind.CALENDAR_DAYS, 1, at("2026-03-28T00:00"), "2026-03-29T22:00:00Z"),
    (PeriodKind.CALENDAR_DAYS, 1, at("2028-02-28T10:00"), "2028-02-29T23:00:00Z"),
    (PeriodKind.MONTHS, 1, at("2026-01-31T10:00"), "2026-02-28T23:00:00Z"),
    (PeriodKind.MONTHS, 1, at("2028-01-30T10:00"), "2028-02-29T23:00:00Z"),
    (PeriodKind.MONTHS, 1, at("2026-03-15T10:00"), "2026-04-15T22:00:00Z"),
    (PeriodKind.MONTHS, 14, at("2026-11-30T10:00"), "2028-01-30T23:00:00Z"),
]


@pytest.mark.parametrize(("kind", "value", "start", "ends"), DAYS)
def test_days_and_months_leave_out_the_day_of_the_event_and_end_at_midnight_local(kind, value, start, ends):
    assert due_at(Period(kind=kind, value=value), start, zone=BERLIN) == datetime.fromisoformat(ends)


def test_the_day_of_the_event_is_that_of_the_zone():
    day, late_utc = Period(kind=PeriodKind.CALENDAR_DAYS, value=1), datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    assert due_at(day, late_utc, zone=BERLIN) == datetime(2026, 6, 3, 22, tzinfo=UTC)
    assert due_at(day, late_utc, zone=ZoneInfo("UTC")) == datetime(2026, 6, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "says"),
    [
        (Period(kind=PeriodKind.BUSINESS_DAYS, value=3), "public holidays"),
        (Period(kind=PeriodKind.NONE), "internal target"),
        (Period(kind=PeriodKind.MONTHS, value=1), "give the zone"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_what_is_missing(period, says):
    with pytest.raises(UnsupportedPeriod, match=says):
        due_at(period, datetime(2026, 6, 1, tzinfo=UTC))


def test_only_hours_have_a_latest_reading():
    start = datetime(2026, 6, 1, tzinfo=UTC)
    assert latest_reg_1182_71(Period(kind=PeriodKind.NONE), start, BERLIN) is None
    assert latest_reg_1182_71(Period(kind=PeriodKind.MONTHS, value=1), start, BERLIN) is None


def test_a_time_without_zone_starts_no_clock():
    with pytest.raises(ValueError, match="needs an aware time"):
        due_at(HOURS_72, datetime(2026, 6, 1))  # noqa: DTZ001 - what is to be refused


DUE = datetime(2026, 10, 26, 13, 20, tzinfo=UTC)


def test_the_ladder_is_climbed_in_time_order_with_the_times_that_were_missed():
    found = reminders(LADDER, DUE, DUE + 72 * HOUR)
    assert [rung.key for rung in found] == [
        *("before-48h", "before-24h", "before-12h", "before-6h", "before-3h", "before-1h", "due"),
        *("after-1h", "after-6h", "after-12h", "after-24h", "after-48h", "after-72h"),
    ]
    assert [rung.at for rung in found] == sorted(rung.at for rung in found)
    assert (found[1].at, found[1].says) == (DUE - 24 * HOUR, "24 h left")
    assert (found[6].at, found[6].says) == (DUE, "due now")
    assert (found[-1].at, found[-1].says) == (DUE + 72 * HOUR, "overdue by 72 h")


def test_a_long_delay_is_told_in_days_and_keeps_its_key():
    found = {rung.key: rung.says for rung in reminders(LADDER, DUE, DUE + 792 * HOUR)}
    assert found["after-144h"] == "overdue by 144 h"
    assert found["after-168h"] == "overdue by 7 d"
    assert found["after-792h"] == "overdue by 33 d"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(days=1, seconds=2), "24 h"),
        (timedelta(days=7) - INSTANT, "167 h 59 min"),
        (timedelta(days=7), "7 d"),
        (timedelta(days=7, hours=12, minutes=59), "7 d 12 h"),
    ],
)
def test_a_length_of_time_is_told_as_people_tell_it_and_never_longer_than_it_is(length, said):
    assert in_readable_words(length) == said


@pytest.mark.parametrize(("moved", "there"), [(-INSTANT, False), (timedelta(), True), (INSTANT, True)])
def test_the_rung_due_is_there_from_the_due_time_on(moved, there):
    assert ("due" in [rung.key for rung in reminders(LADDER, DUE, DUE + moved)]) is there


def test_rungs_before_the_start_of_the_clock_can_be_left_out():
    found = reminders(LADDER, DUE, DUE, since=DUE - 24 * HOUR)
    assert [rung.key for rung in found][:2] == ["before-24h", "before-12h"]


@pytest.mark.parametrize(
    ("after", "key"),
    [
        (DUE - 1000 * HOUR, "before-48h"),
        (DUE - HOUR - INSTANT, "before-1h"),
        (DUE - HOUR, "due"),
        (DUE - INSTANT, "due"),
        (DUE, "after-1h"),
        (DUE + 24 * HOUR - INSTANT, "after-24h"),
        (DUE + 24 * HOUR, "after-48h"),
        (DUE + 48 * HOUR - INSTANT, "after-48h"),
        (DUE + 48 * HOUR, "after-72h"),
        (DUE + 24 * 365 * HOUR, "after-8784h"),
    ],
)
def test_there_is_always_a_next_rung(after, key):
    assert next_reminder(LADDER, DUE, after).key == key


def test_a_ladder_without_steps_repeats_from_the_due_time():
    bare = ReminderSchedule(warn_before=HOUR, before=(), after=(), then_every=timedelta(minutes=90))
    assert [rung.key for rung in reminders(bare, DUE, DUE + 3 * HOUR)] == ["due", "after-90min", "after-3h"]
    assert next_reminder(bare, DUE, DUE).key == "after-90min"


STEPS = st.integers(1, 400_000).map(lambda seconds: timedelta(seconds=seconds))
LADDERS = st.builds(
    ReminderSchedule,
    warn_before=STEPS,
    before=st.lists(STEPS, unique=True, max_size=6).map(tuple),
    after=st.lists(STEPS, unique=True, max_size=6).map(tuple),
    then_every=st.integers(600, 400_000).map(lambda seconds: timedelta(seconds=seconds)),
)
AROUND = st.integers(-1_000_000, 3_000_000).map(lambda seconds: DUE + timedelta(seconds=seconds))


@given(LADDERS, AROUND)
def test_the_next_rung_is_the_one_that_follows_those_that_were(ladder, moment):
    following = next_reminder(ladder, DUE, moment)
    assert following.at > moment
    assert reminders(ladder, DUE, following.at)[: len(reminders(ladder, DUE, moment))] == reminders(ladder, DUE, moment)
    assert next(r for r in reminders(ladder, DUE, following.at) if r.at > moment) == following
    assert all(rung.at <= moment for rung in reminders(ladder, DUE, following.at - INSTANT))


@given(LADDERS, AROUND)
def test_no_key_of_a_ladder_comes_twice(ladder, until):
    keys = [rung.key for rung in reminders(ladder, DUE, until)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    "wrong",
    [
        {"then_every": timedelta()},
        {"before": (-HOUR,)},
        {"after": (HOUR, HOUR)},
        {"warn_before": timedelta(milliseconds=1500)},
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(wrong):
    right = {"warn_before": HOUR, "before": (HOUR,), "after": (HOUR,), "then_every": HOUR}
    with pytest.raises(ValueError, match="step"):
        ReminderSchedule(**{**right, **wrong})


WORDS = st.text(max_size=40)
PERIODS = st.one_of(
    st.just(Period(kind=PeriodKind.NONE)),
    st.builds(
        Period,
        kind=st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.NONE]),
        value=st.integers(1, 9999),
    ),
)
ANY_TERMS = st.builds(
    Terms,
    regime=WORDS,
    duty=WORDS,
    title=WORDS,
    period=PERIODS,
    due_kind=st.sampled_from(DueKind),
    ladder=LADDERS,
    citation=st.builds(Citation, article=WORDS, text=WORDS, url=WORDS),
    late_needs_reasons=st.booleans(),
    rule=WORDS,
)


@given(ANY_TERMS)
def test_terms_come_back_from_storage_as_they_were(terms):
    assert Terms.from_json(json.loads(json.dumps(terms.to_json()))) == terms


def test_the_explanation_shows_event_rule_law_and_both_ends():
    lines = explain(TERMS, at("2026-10-23T15:20"), BERLIN)
    text = "\n".join(lines)
    assert "Fri 2026-10-23 15:20:00 CEST (Europe/Berlin) = 2026-10-23T13:20:00Z" in text
    assert "rule:   72 hours after awareness (set by law)" in text
    assert "Art. 33(1) GDPR" in text
    assert "<https://eur-lex.europa.eu/eli/reg/2016/679/oj>" in text
    assert "due:    Mon 2026-10-26 14:20:00 CET (Europe/Berlin) = 2026-10-26T13:20:00Z" in text
    assert lines[-1].startswith("latest: Mon 2026-10-26 15:00:00 CET")
    assert lines[-1].endswith("never used as due")


def test_an_internal_target_has_no_latest_end_in_law():
    target = Terms(**{**vars(TERMS), "due_kind": DueKind.INTERNAL})
    assert latest_for(target, at("2026-10-23T15:20"), BERLIN) is None
    lines = explain(target, at("2026-10-23T15:20"), BERLIN)
    assert not any(line.startswith("latest") for line in lines)
    assert any("the law sets no fixed deadline" in line for line in lines)


def test_months_are_explained_as_days_that_end_at_midnight():
    month = Terms(**{**vars(TERMS), "period": Period(kind=PeriodKind.MONTHS, value=1)})
    lines = explain(month, at("2026-01-31T10:00"), BERLIN)
    assert any("1 month after the day of the event, until 24:00 local" in line for line in lines)
