"""Due times against a second, naive implementation (oracle.py): other dates, zones and laws than any that were tried.

The table of figures is a second transcription of the material, made apart from the files it is compared with.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.reference import regime_files
from flows.reference.public_holidays import calendar_of
from incidents.deadlines.computation import DueDate, asks_calendar, count, needed
from incidents.law.model import Duty, Start
from incidents.law.periods import Counting, Period, PeriodKind, due_at, latest_reg_1182_71
from tests.builders.rows import over
from tests.law import oracle

INSTANT = timedelta(microseconds=1)
REGIMES = {regime.id: regime for regime in regime_files.read_all()}
NONE_OFF = oracle.weekend()

# law, duty, event, figure, unit, what happens on a day off ("eu": Reg. 1182/71, by which hours never move)
FIGURES = """
eu-gdpr authority-initial aware 72 hours eu
eu-gdpr-omnibus-proposal authority-initial aware 96 hours eu
eu-led authority-initial aware 72 hours eu
eu-eudpr authority-initial aware 72 hours eu
eu-nis2 authority-initial aware 24 hours eu
eu-nis2 authority-intermediate aware 72 hours eu
eu-nis2 authority-final intermediate_submitted 1 months eu
eu-dora authority-initial classified 4 hours noon
eu-dora authority-intermediate initial_submitted 72 hours noon
eu-dora authority-final intermediate_submitted 1 months noon
eu-telecom-611 authority-initial detected 24 hours eu
eu-telecom-611 authority-follow-up initial_submitted 3 calendar_days eu
eu-eidas authority-initial aware 24 hours eu
eu-cer authority-initial aware 24 hours eu
eu-cer authority-final initial_submitted 1 months eu
eu-cra authority-initial aware 24 hours eu
eu-cra authority-intermediate aware 72 hours eu
eu-cra authority-final-vulnerability corrective_measure_available 14 calendar_days eu
eu-cra authority-final-incident intermediate_submitted 1 months eu
uk-gdpr authority-initial aware 72 hours -
uk-pecr authority-initial aware 72 hours -
ch-isa authority-initial detected 24 hours -
ch-isa authority-final initial_submitted 14 calendar_days -
tr-kvkk authority-initial aware 72 hours -
eg-pdpl authority-initial aware 72 hours -
eg-pdpl people authority_notified 3 business_days -
sa-pdpl authority-initial aware 72 hours -
ae-adgm authority-initial aware 72 hours -
jo-pdpl people detected 24 hours -
jo-pdpl authority-initial detected 72 hours -
bh-pdpl authority-initial aware 72 hours -
om-pdpl authority-initial aware 72 hours -
om-pdpl people aware 72 hours -
ke-dpa authority-initial aware 72 hours -
ke-dpa controller aware 48 hours -
ng-ndpa authority-initial aware 72 hours -
br-lgpd authority-initial aware 3 business_days -
br-lgpd people aware 3 business_days -
br-lgpd authority-follow-up initial_submitted 20 business_days -
us-hipaa people detected 60 calendar_days -
us-hipaa authority-initial detected 60 calendar_days -
us-hipaa authority-annual end_of_calendar_year_of_discovery 60 calendar_days -
us-hipaa media detected 60 calendar_days -
us-hipaa controller detected 60 calendar_days -
us-sec-8k authority-initial materiality_determined 4 business_days -
us-sec-8k authority-follow-up determined 4 business_days -
us-ftc-safeguards authority-initial detected 30 calendar_days -
us-ftc-hbnr people detected 60 calendar_days -
us-ftc-hbnr authority-initial detected 60 calendar_days -
us-circia authority-initial aware 72 hours -
us-circia ransom-payment payment 24 hours -
us-ca people detected 30 calendar_days -
us-ca authority-initial individuals_notified 15 calendar_days -
us-ny people detected 30 calendar_days -
us-ny authority-initial detected 30 calendar_days -
us-ny-dfs authority-initial determined 72 hours -
us-ny-dfs ransom-payment payment 24 hours -
us-ny-dfs ransom-payment-explanation payment 30 calendar_days -
us-tx people determined 60 calendar_days -
us-tx authority-initial determined 30 calendar_days -
us-co people determined 30 calendar_days -
us-co authority-initial determined 30 calendar_days -
us-fl people determined 30 calendar_days -
us-fl authority-initial determined 30 calendar_days -
us-fl controller determined 10 calendar_days -
au-ndb assessment suspected 30 calendar_days -
au-apra-cps234 authority-initial aware 72 hours -
au-apra-cps234 authority-weakness aware 10 business_days -
au-soci authority-initial aware 12 hours -
au-soci authority-initial-other aware 72 hours -
au-soci ransom-payment payment 72 hours -
sg-pdpa assessment aware 30 calendar_days -
sg-pdpa authority-initial assessed 3 calendar_days -
jp-appi authority-initial aware 5 calendar_days -
jp-appi authority-final aware 30 calendar_days -
jp-appi controller aware 5 calendar_days -
kr-pipa people aware 72 hours -
kr-pipa authority-initial aware 72 hours -
in-dpdp authority-final aware 72 hours -
in-certin authority-initial detected 6 hours -
th-pdpa authority-initial aware 72 hours -
ph-dpa authority-initial aware 72 hours -
ph-dpa people aware 72 hours -
ph-dpa authority-final initial_submitted 5 calendar_days -
my-pdpa authority-initial aware 72 hours -
my-pdpa people authority_notified 7 calendar_days -
my-pdpa authority-follow-up initial_submitted 30 calendar_days -
id-pdp authority-initial occurred 72 hours -
id-pdp people occurred 72 hours -
vn-pdpl authority-initial detected 72 hours -
cn-incident-measures authority-initial aware 4 hours -
cn-incident-measures authority-final incident_handled 30 calendar_days -
"""
ROWS = [line.split() for line in FIGURES.strip().splitlines()]
VARIANTS = [
    ("eu-nis2", "authority-intermediate", "trust_service_provider", "24 hours"),
    ("br-lgpd", "authority-initial", "small_agent", "6 business days"),
    ("br-lgpd", "people", "small_agent", "6 business days"),
    ("br-lgpd", "authority-follow-up", "small_agent", "20 business days"),
    ("cn-incident-measures", "authority-initial", "critical_information_infrastructure", "1 hour"),
    ("cn-incident-measures", "authority-initial", "state_organ", "2 hours"),
]

ZONES = (
    "Europe/Berlin", "Europe/London", "Africa/Cairo", "Asia/Riyadh", "America/Sao_Paulo", "America/New_York",
    "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Apia", "Pacific/Chatham",
    "America/Havana",
)  # fmt: skip
# Both nights of a change in many places, the ambiguous hour twice, leap days, ends of months and years.
WRITTEN = (
    "2026-03-28T17:45:00", "2026-03-29T00:59:59.999999", "2026-03-29T01:00:00", "2026-10-23T13:20:00",
    "2026-10-25T00:30:00", "2026-10-25T01:30:00", "2026-04-23T20:30:00", "2026-04-23T22:00:00", "2026-10-29T20:59:59",
    "2026-10-29T21:00:00", "2026-03-08T06:59:59.999999", "2026-03-08T07:00:00", "2026-11-01T05:30:00",
    "2026-11-01T06:30:00", "2026-04-04T15:00:00", "2026-10-03T15:30:00", "2026-10-03T14:00:00", "2028-02-29T10:00:00",
    "2028-02-28T23:59:59.999999", "2028-01-31T10:00:00", "2027-01-31T10:00:00", "2026-08-31T09:00:00",
    "2026-12-31T22:59:59.999999", "2026-12-31T23:00:00", "2026-12-31T23:59:59.999999", "2027-01-01T00:00:00",
    "2026-12-24T10:10:00", "2026-09-08T07:00:00", "2026-06-30T12:00:00.000001", "2029-12-30T11:11:11.111111",
)  # fmt: skip


MOMENTS = [
    datetime.fromisoformat(written).replace(tzinfo=UTC) + by
    for written in WRITTEN
    for by in (-INSTANT, timedelta(), INSTANT)
]
"""Each of them, a microsecond before it, and one after it."""


def counted(duty: Duty, start: datetime, zone: ZoneInfo, place: str) -> DueDate:
    events = dict.fromkeys(needed(duty), start)
    calendar = calendar_of(place) if asks_calendar(duty, duty.period) else None
    return count(duty, duty.period, events, zone=zone, calendar=calendar)


# ---- the figures


def test_the_files_have_exactly_the_figures_of_the_table():
    shipped = {
        (regime.id, duty.id, duty.start.value, str(duty.period.value), duty.period.kind.value, roll_of(duty))
        for regime in REGIMES.values()
        for duty in regime.duties
        if duty.period.value is not None and (regime.id, duty.id) != ("jp-appi", "authority-final-wrongful-purpose")
    }
    assert shipped == {tuple(row) for row in ROWS}
    assert str(REGIMES["jp-appi"].duty("authority-final-wrongful-purpose").period) == "60 calendar days"


def roll_of(duty: Duty) -> str:
    return {Counting.REG_1182_71: "eu", Counting.NOON_NEXT_WORKING_DAY: "noon"}.get(duty.counting, "-")


@over(VARIANTS)
def test_each_kind_of_entity_has_its_own_figure(regime, duty, entity, period):
    assert str(REGIMES[regime].duty(duty).for_entity(entity).period) == period


@pytest.mark.parametrize("entity", ["credit_institution", "central_counterparty", "trading_venue", "essential_entity",
                                    "important_entity"])  # fmt: skip
def test_five_kinds_are_never_moved_but_for_the_final_report(entity):
    duties = [REGIMES["eu-dora"].duty(f"authority-{each}") for each in ("initial", "intermediate", "final")]
    noon = [duty.for_entity(entity).counting is Counting.NOON_NEXT_WORKING_DAY for duty in duties]
    assert noon == [False, False, True]
    assert all(duty.for_entity("payment_institution").counting is Counting.NOON_NEXT_WORKING_DAY for duty in duties)


# ---- each law at each moment, in each zone


CALENDARS = {"DE": oracle.germany, "US": oracle.united_states, "BR": oracle.brazil}
ELSEWHERE = {
    ("eu-dora", "authority-initial"): "two events",
    ("us-hipaa", "authority-annual"): "no event of its own",
    ("eg-pdpl", "people"): "the calendar of Egypt",
    ("au-apra-cps234", "authority-weakness"): "the calendar of New South Wales",
}
"""What has a test of its own below, and why."""
ALIKE = [tuple(row) for row in ROWS if (row[0], row[1]) not in ELSEWHERE]


@over(ALIKE)
def test_every_duty_is_due_when_the_oracle_says(regime, duty_id, start, figure, unit, roll):
    duty, place = REGIMES[regime].duty(duty_id), REGIMES[regime].place or "DE"
    zone, off = ZoneInfo(REGIMES[regime].zone or "Europe/Berlin"), CALENDARS.get(place, NONE_OFF)
    for at in MOMENTS:
        found = counted(duty, at, zone, place).due_at
        assert found == oracle.due(unit, int(figure), roll, at, zone, off), at.isoformat()


@pytest.mark.parametrize("zone", ZONES)
def test_hours_are_elapsed_and_end_at_the_latest_after_the_next_full_hour(zone):
    place = ZoneInfo(zone)
    for value in (4, 24, 72, 96):
        period = Period(kind=PeriodKind.HOURS, value=value)
        for at in MOMENTS:
            assert due_at(period, at, zone=place, counting=Counting.REG_1182_71) == oracle.hours(value, at)
            assert latest_reg_1182_71(period, at, place) == oracle.latest_of_hours(value, at, place), at.isoformat()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("kind", "value"), [(PeriodKind.CALENDAR_DAYS, 1), (PeriodKind.CALENDAR_DAYS, 14),
                                             (PeriodKind.CALENDAR_DAYS, 60), (PeriodKind.MONTHS, 1),
                                             (PeriodKind.MONTHS, 13)])  # fmt: skip
def test_days_and_months_end_with_their_last_day_wherever_one_is(zone, kind, value):
    place = ZoneInfo(zone)
    for at in MOMENTS:
        found = due_at(Period(kind=kind, value=value), at, zone=place)
        assert found == oracle.due(kind.value, value, "-", at, place, NONE_OFF), at.isoformat()


@settings(max_examples=300)
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.sampled_from(ZONES).map(ZoneInfo),
    st.sampled_from(["hours", "calendar_days", "months", "business_days"]),
    st.integers(1, 80),
    st.sampled_from(["eu", "noon"]),
)
def test_whatever_the_moment_german_calendars_give_the_same(at, zone, unit, value, roll):
    value = value if unit != "months" else 1 + value % 14
    counting = {"eu": Counting.REG_1182_71, "noon": Counting.NOON_NEXT_WORKING_DAY}[roll]
    period = Period(kind=PeriodKind(unit), value=value)
    found = due_at(period, at, zone=zone, counting=counting, calendar=calendar_of("DE"))
    assert found == oracle.due(unit, value, roll, at, zone, oracle.germany)


@settings(max_examples=200)
@given(
    st.datetimes(datetime(2024, 11, 21), datetime(2031, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.sampled_from([("US", "America/New_York", oracle.united_states), ("BR", "America/Sao_Paulo", oracle.brazil)]),
    st.integers(1, 25),
)
def test_whatever_the_moment_american_business_days_are_the_same(at, where, value):
    place, zone, off = where
    period = Period(kind=PeriodKind.BUSINESS_DAYS, value=value)
    found = due_at(period, at, zone=ZoneInfo(zone), calendar=calendar_of(place))
    assert found == oracle.due("business_days", value, "-", at, ZoneInfo(zone), off)


FRIDAY_SATURDAY, SATURDAY_SUNDAY = oracle.weekend(4, 5), oracle.weekend(5, 6)


@settings(max_examples=150)
@given(
    # Weeks without a public holiday in any of these places.
    st.datetimes(datetime(2026, 10, 11), datetime(2026, 11, 8), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.sampled_from([
        ("EG", "Africa/Cairo", FRIDAY_SATURDAY), ("SA", "Asia/Riyadh", FRIDAY_SATURDAY),
        ("JO", "Asia/Amman", FRIDAY_SATURDAY), ("BH", "Asia/Bahrain", FRIDAY_SATURDAY),
        ("OM", "Asia/Muscat", FRIDAY_SATURDAY), ("AE", "Asia/Dubai", SATURDAY_SUNDAY),
        ("GB", "Europe/London", SATURDAY_SUNDAY), ("AU-NSW", "Australia/Sydney", SATURDAY_SUNDAY),
    ]),
    st.integers(1, 10),
)  # fmt: skip
def test_the_weekend_is_that_of_the_place(at, where, value):
    place, zone, off = where
    period = Period(kind=PeriodKind.BUSINESS_DAYS, value=value)
    found = due_at(period, at, zone=ZoneInfo(zone), calendar=calendar_of(place))
    assert found == oracle.due("business_days", value, "-", at, ZoneInfo(zone), off)


@pytest.mark.parametrize(
    ("day", "off"),
    [(date(2021, 12, 31), True), (date(2021, 12, 26), False), (date(2022, 1, 7), False), (date(2022, 1, 9), True)],
)
def test_the_emirates_moved_their_weekend_with_the_year_2022(day, off):
    # 31 Dec 2021 and 7 Jan 2022 are Fridays, 26 Dec 2021 and 9 Jan 2022 Sundays.
    assert (calendar_of("AE").day_off(day) is not None) is off


# ---- the two clocks that are not one figure from one event


@settings(max_examples=300)
@given(
    st.datetimes(datetime(2025, 1, 20), datetime(2031, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.one_of(
        st.integers(0, 40 * 60 * 60 * 1_000_000), st.sampled_from([24 * 3_600_000_000 + by for by in (-1, 0, 1)])
    ),
    st.sampled_from(["investment_firm", "credit_institution"]),
)
def test_dora_counts_from_classification_and_no_longer_than_the_cap(aware, later, entity):
    classified = aware + later * INSTANT
    zone, duty = ZoneInfo("Europe/Berlin"), REGIMES["eu-dora"].duty("authority-initial").for_entity(entity)
    events = {Start.AWARE: aware, Start.CLASSIFIED: classified}
    found = count(duty, duty.period, events, zone=zone, calendar=calendar_of("DE")).due_at

    four, cap = oracle.hours(4, classified), oracle.hours(24, aware)
    plain = four if classified > cap else min(four, cap)
    moves = entity == "investment_firm"
    assert found == (oracle.noon_if_off(plain, zone, oracle.germany) if moves else plain)


@pytest.mark.parametrize("year", range(2024, 2033))
def test_hipaa_counts_sixty_days_from_the_end_of_the_local_year(year):
    zone, duty = ZoneInfo("America/New_York"), REGIMES["us-hipaa"].duty("authority-annual")
    last_instant = oracle.end_of(date(year, 12, 31), zone) - INSTANT
    for detected in (datetime(year, 1, 1, 5, tzinfo=UTC), datetime(year, 7, 4, tzinfo=UTC), last_instant):
        found = counted(duty, detected, zone, "US").due_at
        assert found == oracle.due("calendar_days", 60, "-", last_instant, zone, NONE_OFF)
    assert counted(duty, last_instant + INSTANT, zone, "US").due_at > found
