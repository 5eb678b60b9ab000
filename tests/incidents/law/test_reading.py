"""The law as data: the regulation's file says what the regulation says, and a broken file names its line."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.reference.reminder_ladders import shipped_ladders
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.ladder_choice import LadderSource
from incidents.law.model import DutyHolder, DutyRecipient, Start, Status, Threshold, UnknownDuty
from incidents.law.periods import Period, PeriodKind
from incidents.law.reading import RegimeError, in_force, read_regime

GDPR_TEXT = (Path(__file__).parents[3] / "config" / "regimes" / "eu-gdpr.yaml").read_text(encoding="utf-8")
GDPR = read_regime(read_yaml(GDPR_TEXT, "eu-gdpr.yaml"), shipped_ladders())
NO_FIGURE = Period(kind=PeriodKind.NONE)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_the_gdpr_has_four_clocks_of_a_breach_one_of_an_exception_and_one_of_what_its_authority_asks():
    breach, asked = {"authority-initial", "authority-follow-up", "people", "controller"}, {"authority-question"}
    instead = {duty.id for duty in GDPR.duties if duty.threshold is Threshold.DISPROPORTIONATE_EFFORT}
    assert instead == {"public-communication"}
    assert {duty.id for duty in GDPR.duties} == breach | asked | instead
    assert {duty.id for duty in GDPR.duties if duty.start is Start.ASKED} == asked
    assert (GDPR.id, GDPR.valid_from, GDPR.valid_to) == ("eu-gdpr", date(2018, 5, 25), None)


def test_the_authority_is_notified_72_hours_after_awareness_unless_a_risk_is_unlikely():
    duty = GDPR.duty("authority-initial")
    assert duty.period == Period(kind=PeriodKind.HOURS, value=72)
    assert (duty.who, duty.to, duty.start) == (DutyHolder.CONTROLLER, DutyRecipient.AUTHORITY, Start.AWARE)
    assert duty.threshold is Threshold.UNLESS_UNLIKELY
    assert duty.late_needs_reasons


def test_further_information_starts_with_the_first_filing_and_has_no_figure():
    duty = GDPR.duty("authority-follow-up")
    assert (duty.period, duty.soft) == (NO_FIGURE, "without undue further delay")
    assert (duty.start, duty.threshold) == (Start.INITIAL_SUBMITTED, Threshold.INFORMATION_OUTSTANDING)


def test_people_are_told_when_the_risk_is_high_and_the_law_sets_no_figure():
    duty = GDPR.duty("people")
    assert (duty.period, duty.soft) == (NO_FIGURE, "without undue delay")
    assert (duty.to, duty.threshold) == (DutyRecipient.PEOPLE, Threshold.HIGH_RISK)


def test_a_processor_tells_the_controller_of_any_breach():
    duty = GDPR.duty("controller")
    assert (duty.who, duty.to, duty.threshold) == (DutyHolder.PROCESSOR, DutyRecipient.CONTROLLER, Threshold.ANY_BREACH)
    assert duty.period == NO_FIGURE


@pytest.mark.parametrize("duty", GDPR.duties, ids=lambda duty: duty.id)
def test_every_duty_cites_its_article_at_the_official_address(duty):
    assert "GDPR" in duty.citation.article
    assert duty.citation.url == "https://eur-lex.europa.eu/eli/reg/2016/679/oj"
    assert len(duty.citation.text) > 40


def test_the_first_filing_asks_for_four_numbers_and_categories_that_may_follow():
    content = {element.id: element for element in GDPR.duty("authority-initial").content}
    four = {"people_categories", "people_number", "records_categories", "records_number"}
    assert all(content[each].may_follow and content[each].article == "Art. 33(3)(a) GDPR" for each in four)
    assert not content["contact"].may_follow
    assert not content["nature"].may_follow
    assert set(content) == four | {"nature", "contact", "consequences", "measures", "reasons_for_delay"}


def test_reasons_for_delay_are_asked_only_of_a_late_filing():
    conditional = [e.id for duty in GDPR.duties for e in duty.content if e.only_if_late]
    assert conditional == ["reasons_for_delay"]


def test_a_letter_to_people_has_the_content_of_article_34_and_recommendations():
    content = GDPR.duty("people").content
    assert [element.id for element in content] == ["nature", "contact", "consequences", "measures", "recommendations"]
    assert not any(element.may_follow for element in content)


def test_the_ladder_warns_from_48_hours_before_and_never_ends():
    ladder = GDPR.duty("authority-initial").ladder
    assert ladder.warn_before == timedelta(hours=24)
    assert [step // timedelta(hours=1) for step in ladder.before] == [48, 24, 12, 6, 3, 1]
    assert [step // timedelta(hours=1) for step in ladder.after] == [1, 6, 12, 24]
    assert ladder.then_every == timedelta(hours=24)


def test_a_duty_may_have_a_ladder_of_its_own():
    own = "{warn_before: 72, before: [72], after: [24], then_every: 48}"
    text = GDPR_TEXT.replace(
        "soft: without undue further delay\n", f"soft: without undue further delay\n    ladder_hours: {own}\n"
    )
    regime = read_regime(read_yaml(text, "own.yaml"), shipped_ladders())
    assert regime.duty("authority-follow-up").ladder.warn_before == timedelta(hours=72)
    assert regime.duty("people").ladder.warn_before == timedelta(hours=24)
    assert regime.duty("authority-follow-up").ladder_source is LadderSource.LAW_FILE
    assert regime.duty("people").ladder_source is LadderSource.DEFAULT


def test_a_duty_does_not_have_a_ladder_by_name_and_one_of_its_own():
    both = "    ladder: long\n    ladder_hours: {warn_before: 72, before: [72], after: [24], then_every: 48}\n"
    text = GDPR_TEXT.replace("soft: without undue further delay\n", f"soft: without undue further delay\n{both}")
    with pytest.raises(RegimeError, match="either `ladder`"):
        read_regime(read_yaml(text, "both.yaml"), shipped_ladders())


def test_an_unknown_duty_is_refused_with_those_there_are():
    with pytest.raises(UnknownDuty, match=r"no duty `media`: it has authority-initial"):
        GDPR.duty("media")


FIRST_DAY = datetime(2018, 5, 25, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def test_the_law_applies_from_its_first_instant():
    assert in_force([GDPR], FIRST_DAY - INSTANT) == ()
    assert in_force([GDPR], FIRST_DAY) == (GDPR,)
    assert in_force([GDPR], FIRST_DAY + INSTANT) == (GDPR,)


def test_the_law_applies_through_its_last_day():
    text = GDPR_TEXT.replace("valid_to: null", "valid_to: 2027-06-30")
    ending = read_regime(read_yaml(text, "ending.yaml"), shipped_ladders())
    midnight = datetime(2027, 7, 1, tzinfo=UTC)
    assert in_force([ending], midnight - INSTANT) == (ending,)
    assert in_force([ending], midnight) == ()


def test_a_proposal_is_never_in_force():
    proposal = read_regime(
        read_yaml(GDPR_TEXT.replace("status: in_force", "status: proposed"), "proposal.yaml"), shipped_ladders()
    )
    assert proposal.status is Status.PROPOSED
    assert in_force([proposal], datetime(2026, 11, 22, tzinfo=UTC)) == ()


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        in_force([GDPR], datetime(2026, 11, 22))  # noqa: DTZ001 - what is to be refused


NO_LADDER = "\nduties:\n"
OWN_LADDER = "\nladder_hours:\n  warn_before: 24\n  after: [1]\n  then_every: 24\n"
BROKEN = [
    ("late_needs_reasons: true", "late_need_reasons: true", "unknown key `duties.0.late_need_reasons`"),
    ("period: {kind: hours, value: 72}", "period: {kind: hours}", "needs a whole number above zero"),
    ("period: {kind: hours, value: 72}", "period: {kind: none, value: 72}", "has no figure"),
    ("period: {kind: hours, value: 72}", "period: {kind: hours, value: 0}", "needs a whole number above zero"),
    ("period: {kind: hours, value: 72}", "period: {kind: fortnights, value: 1}", "`duties.0.period.kind`"),
    ("valid_from: 2018-05-25", "valid_from: soon", "`valid_from`"),
    ("url: https://eur-lex", "url: http://eur-lex", "`url`"),
    ("start: initial_submitted", "start: someday", "`duties.1.start`"),
    ("soft: without undue further delay", "# nothing said", "a duty without a figure needs `soft`"),
    (NO_LADDER, f"{OWN_LADDER}  before: [1, 48]\nduties:\n", "`before` falling"),
    (NO_LADDER, f"{OWN_LADDER}  before: [48, 48]\nduties:\n", "stands twice in `before`"),
    (NO_LADDER, f"{OWN_LADDER}  before: [0]\nduties:\n", "`ladder_hours.before.0`"),
    (NO_LADDER, f"{OWN_LADDER}  before: [48]\nduties:\n".replace("every: 24", "every: 0"), "`ladder_hours.then_every`"),
    (NO_LADDER, f"{OWN_LADDER}duties:\n", "`ladder_hours.before` is missing"),
    ("soft: without undue delay\n", "soft: without undue delay\n    ladder: endless\n", "'standard' or 'long'"),
    ("id: authority-follow-up", "id: authority-initial", "two duties are called `authority-initial`"),
    ("id: people_number", "id: people_categories", "two content elements are called `people_categories`"),
    ("valid_to: null", "valid_to: 2017-01-01", "valid_to is before valid_from"),
    ("certainty: high", "certainty: sure", "`certainty`"),
    ("one_stop_shop: true", "zone: Europe/Bonn", "`zone`: 'Europe/Bonn' is no time zone"),
    ("one_stop_shop: true", "zone: Europe", "`zone`: 'Europe' is no time zone"),
    ("one_stop_shop: true", "zone: ../../etc/passwd", "`zone`: '../../etc/passwd' is no time zone"),
]


@pytest.mark.parametrize(("right", "wrong", "says"), BROKEN)
def test_a_broken_file_is_refused_with_what_is_wrong(right, wrong, says):
    with pytest.raises(RegimeError) as refused:
        read_regime(read_yaml(GDPR_TEXT.replace(right, wrong, 1), "broken.yaml"), shipped_ladders())
    assert says in str(refused.value)
    assert "broken.yaml line " in str(refused.value)


def test_the_message_names_the_very_line():
    text = GDPR_TEXT.replace("threshold: high_risk", "threshold: some_risk")
    with pytest.raises(RegimeError, match=f"line {line_of(text, 'some_risk')}: `duties.2.threshold`"):
        read_regime(read_yaml(text, "broken.yaml"), shipped_ladders())


def test_every_problem_is_told_at_once():
    text = GDPR_TEXT.replace("certainty: high", "certainty: sure").replace("status: in_force", "state: in_force")
    with pytest.raises(RegimeError) as refused:
        read_regime(read_yaml(text, "broken.yaml"), shipped_ladders())
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("text", ["", "- a list", "72"])
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(RegimeError, match="a mapping with `id`"):
        read_regime(read_yaml(text, "odd.yaml"), shipped_ladders())
