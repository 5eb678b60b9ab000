"""The picture of a case: well-formed, honest about time, and readable: no two labels touch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.reports.chart.axis import LEFT, RIGHT, WIDTH, Scale, Span, Tick, scale_for, ticks
from notifications.reports.chart.events import LANES, ChartEvent, marks
from notifications.reports.chart.geometry import TimelineChart, draw
from notifications.reports.words import ReportWords, read_words
from notifications.reports.writer import ReportWriter
from tests.builders.case_files import BERLIN, ORGANISATION, all_cases, exposed_bucket, filed_late, utc

TEMPLATES = Path(__file__).parents[4] / "templates"
SVG = "{http://www.w3.org/2000/svg}"
WORDS = {language: read_words(TEMPLATES, language, BERLIN, "Rabta") for language in ("en", "de", "fr")}
START = utc("2026-11-22 01:47")
CLOCK = Span(start=START, due=START + timedelta(hours=72), filed=None)


def picture_of(found: list[ChartEvent], clock: Span | None = CLOCK, words: ReportWords = WORDS["en"]) -> TimelineChart:
    return draw(found, clock, words, title="Picture", description="What happened")


def svg_of(case, language: str = "en") -> ET.Element:
    page = ReportWriter(TEMPLATES).report(case, ORGANISATION, formats=("html",), language=language, now=case.as_of)[
        "html"
    ]
    text = page.decode()
    return ET.fromstring(text[text.index("<svg") : text.index("</svg>") + len("</svg>")])  # noqa: S314 - our own


def assert_readable(picture: TimelineChart) -> None:
    labelled = [mark for mark in picture.marks if mark.label]
    assert not [(a.label, b.label) for a, b in combinations(labelled, 2) if a.box.overlaps(b.box)]
    for each in labelled:
        assert each.box.left >= LEFT - 12, each
        assert each.box.right <= WIDTH + 5, each
    for lane in picture.lanes:
        inside = [mark for mark in picture.marks if mark.lane == lane.id]
        assert all(lane.top <= each.box.top and each.box.bottom <= lane.top + lane.height for each in inside)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("name", all_cases())
def test_no_two_labels_touch(name, language):
    case, words = all_cases()[name], WORDS[language]
    assert_readable(picture_of(list(marks(case, words)), words=words))


@given(
    st.lists(
        st.builds(
            ChartEvent,
            lane=st.sampled_from(LANES),
            at=st.integers(-200, 400).map(lambda hours: START + timedelta(minutes=37 * hours)),
            label=st.text("abcdefghi ", max_size=200),
        ),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([CLOCK, None]),
)
def test_no_two_labels_touch_however_much_happens(found, clock):
    assert_readable(picture_of(sorted(found, key=lambda each: each.at), clock))


def test_what_finds_no_room_keeps_its_mark_and_its_words():
    crowd = [ChartEvent(lane="alerts", at=START, label=f"Alert {number}") for number in range(30)]
    picture = picture_of(crowd)
    assert len(picture.marks) == 30
    assert {mark.full for mark in picture.marks} == {f"Sun 22 Nov 02:47 Alert {number}" for number in range(30)}
    assert sum(1 for mark in picture.marks if not mark.label) == 23


@pytest.mark.parametrize("name", all_cases())
def test_the_svg_is_well_formed_and_names_itself(name):
    svg = svg_of(all_cases()[name])
    assert svg.get("role") == "img"
    named = {each.get("id"): each.text for each in svg if each.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert set(named) == set((svg.get("aria-labelledby") or "").split())
    assert all(named.values())


def test_every_mark_of_the_case_is_drawn():
    case = exposed_bucket()
    drawn = [each for each in svg_of(case).iter(f"{SVG}g") if (each.get("class") or "").startswith("mark")]
    assert len(drawn) == len(marks(case, WORDS["en"]))


def test_lanes_are_told_apart_by_shape_and_not_by_colour_alone():
    svg = svg_of(exposed_bucket())
    shapes: dict[str, set[str]] = {}
    for group in svg.iter(f"{SVG}g"):
        lane = (group.get("class") or "").removeprefix("mark ")
        for shape in group:
            if lane in LANES and shape.tag.removeprefix(SVG) in {"circle", "rect", "path"}:
                shapes.setdefault(lane, set()).add(f"{shape.tag}{'l6 11' in (shape.get('d') or '')}")
    assert len(shapes) == 4
    assert len({str(shape) for shape in shapes.values()}) == 4


def test_a_filing_in_time_fills_a_part_of_the_bar_and_a_late_one_runs_over():
    in_time = picture_of([ChartEvent(lane="case", at=START, label="Aware")], replace(CLOCK, filed=CLOCK.due)).clock
    assert in_time is not None
    assert (in_time.used, in_time.overrun) == (round(in_time.due - in_time.start, 1), 0.0)
    late = picture_of(
        [
            ChartEvent(lane="case", at=START, label="Aware"),
            ChartEvent(lane="notified", at=CLOCK.due + timedelta(hours=29), label="Filed"),
        ],
        replace(CLOCK, filed=CLOCK.due + timedelta(hours=29)),
    ).clock
    assert late is not None
    assert late.overrun > 0


def test_what_happened_long_before_stands_at_the_edge_with_an_arrow_and_its_day():
    began = ChartEvent(lane="case", at=START - timedelta(days=19), label="Began")
    picture = picture_of([began, ChartEvent(lane="case", at=START, label="Aware")])
    assert picture.marks[0].label == "\u2190 Tue 3 Nov 02:47 Began"
    assert picture.marks[0].x == LEFT


def test_the_clock_keeps_most_of_the_picture_whatever_lies_beyond():
    scale = scale_for([START - timedelta(days=400), START, START + timedelta(days=90)], CLOCK)
    assert (scale.x(CLOCK.due) - scale.x(CLOCK.start)) > (RIGHT - LEFT) * 0.9


def test_due_lies_on_the_paper_also_when_nothing_happened_since():
    scale = scale_for([START], CLOCK)
    assert scale.holds(CLOCK.due)


def test_the_axis_counts_local_hours_and_shows_the_change_of_the_clock():
    scale = Scale(start=utc("2026-10-24 20:00"), end=utc("2026-10-26 20:00"))
    hour = (RIGHT - LEFT) / 48
    midnights = [tick.x for tick in ticks(scale, WORDS["en"]) if tick.label == "00:00"]
    assert midnights[1] - midnights[0] == pytest.approx(25 * hour, abs=0.3), "that Sunday has 25 hours"


def test_the_picture_names_both_zones_where_the_clock_changes():
    case = filed_late()
    text = "".join(svg_of(case).itertext())
    assert "Europe/Berlin (CEST, CET)" in text


def axis(days: int) -> tuple[Tick, ...]:
    return ticks(Scale(start=START, end=START + timedelta(days=days)), WORDS["de"])


@pytest.mark.parametrize("days", [1, 3, 6, 7, 10, 40, 200, 1000])
def test_the_names_of_days_keep_their_distance_however_long_the_story(days):
    named = [tick.x for tick in axis(days) if tick.day]
    assert min(later - earlier for earlier, later in pairwise(named)) > 60


@pytest.mark.parametrize("days", [10, 40, 200, 1000])
def test_the_axis_of_a_long_story_names_several_days(days):
    assert len([tick for tick in axis(days) if tick.day]) >= 4


@pytest.mark.parametrize("days", [1, 3, 6])
def test_hours_keep_their_distance(days):
    hours = [tick.x for tick in axis(days) if tick.label]
    assert min(later - earlier for earlier, later in pairwise(hours)) > 40


@pytest.mark.parametrize("days", [7, 10, 40, 200, 1000])
def test_the_axis_of_a_story_of_a_week_or_more_has_no_hours(days):
    assert {tick.label for tick in axis(days)} == {""}


@given(st.lists(st.integers(-40, 90), min_size=1, max_size=40))
def test_the_due_line_leaves_out_every_label_that_lies_on_it(hours):
    found = [
        ChartEvent(lane=LANES[hour % 4], at=START + timedelta(hours=hour), label="a label of some length")
        for hour in sorted(hours)
    ]
    picture = picture_of(found)
    assert picture.clock is not None
    crossed = [mark.box for mark in picture.marks if mark.box.left < picture.clock.due < mark.box.right]
    for begin, end in picture.clock.due_line:
        assert begin < end
        assert not [box for box in crossed if box.top < end and begin < box.bottom]
    gaps = sum(box.bottom - box.top for box in crossed)
    drawn = sum(end - begin for begin, end in picture.clock.due_line)
    # Beyond the labels nothing is left out of it; boxes of one row may overlap where marks are bare.
    assert drawn >= picture.bottom - 18 - gaps - 0.01


@pytest.mark.parametrize("language", WORDS)
def test_a_picture_of_several_years_names_them_and_one_of_a_year_does_not(language):
    found = [
        ChartEvent(lane="case", at=utc("2024-03-01 10:00"), label="Began"),
        ChartEvent(lane="case", at=utc("2026-11-20 10:00"), label="Detected"),
    ]
    words = WORDS[language]
    picture = picture_of(found, None, words)
    days = [tick.day for tick in picture.ticks if tick.day]
    assert {"2024", "2025", "2026"} == {day[-4:] for day in days}
    assert [mark.label.split()[-2] for mark in picture.marks] == ["2024", "2026"]
    assert "2024" in picture.marks[0].full
    one_year = picture_of(found[1:], None, words)
    assert not [tick.day for tick in one_year.ticks if "2026" in tick.day]
