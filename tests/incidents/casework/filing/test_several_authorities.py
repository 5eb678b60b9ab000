"""Several authorities in one case: each with its own clock, filing, withdrawal and list of what it lacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flows.reference.public_holidays import calendar_of
from flows.reference.reminder_ladders import shipped_ladders
from incidents.case.next_step import next_step
from incidents.case.outstanding import ELEMENTS, completing, missing_elements, unanswered
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find
from incidents.casework.case import assess_and_decide
from incidents.casework.case import close as close_case
from incidents.casework.deadlines import reevaluate
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines.events import event_book
from incidents.casework.filing import consequences, submit
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.facts.breach import Facts
from incidents.kernel.errors import RefusedError
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.model import Regime
from incidents.law.reading import read_regime
from incidents.obligations.recipients import Recipient, RecipientKind
from incidents.queries.case_file import case_file
from incidents.storage.tables.case import TimelineEntry
from incidents.storage.tables.obligations import Obligation
from incidents.texts.timeline_texts import timeline_text
from tests.builders.casework import (
    BERLIN,
    BY_TELEPHONE,
    DPO,
    GDPR,
    HOUR,
    INITIAL,
    ORDERS,
    RESPONDER,
    accounts,
    approved,
    assessed,
    aware,
    decided,
    drafted,
    facts,
    filed,
    merchants_listed,
    nothing_written,
    owed,
    rows_of,
    verdict,
    wording,
)

FOLDER = Path(__file__).parents[4] / "config" / "regimes"
UNKNOWN = "eu-gdpr/authority-initial/authorities-not-yet-known"


def law(name: str, **changes: str) -> Regime:
    path = FOLDER / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        text = text.replace(f"{old}: null" if old == "valid_from" else f"{old}: proposed", f"{old}: {new}", 1)
    return read_regime(read_yaml(text, path.name), shipped_ladders())


def directory(place: str) -> Recipient | None:
    """A directory in which Germany has an authority for each region and the others have one."""
    known = {"FR": "CNIL", "AT": "DSB", "DE-NI": "The authority of Lower Saxony"}
    name = known.get(place)
    return Recipient(kind=RecipientKind.AUTHORITY, id=place, name=name) if name else None


@pytest.fixture
def abroad(ctx: UseCaseContext) -> UseCaseContext:
    """Somebody without a main establishment in the EEA."""
    return replace(ctx, profile=replace(ctx.profile, establishment="EG", lead=None, authority_of=directory))


def living_in(*places: str, **changes: object) -> Facts:
    return facts(data_sets=[accounts(countries=dict.fromkeys(places), **changes)])


def found(ctx: UseCaseContext, reference: str) -> dict[str, Obligation]:
    with ctx.store.read() as session:
        return owed(session, reference)


def case_of(ctx: UseCaseContext, reference: str, now):
    with ctx.store.read() as session:
        return case_file(session, find(session, reference), BERLIN, now)


def test_not_knowing_where_people_live_lifts_nothing_that_was_owed_from_awareness(abroad, now):
    reference = assessed(abroad, now, living_in())
    row = found(abroad, reference)[UNKNOWN]
    assert not obligation_rows.is_settled(row), "some of them may live in the EEA"
    assess_and_decide.decide(abroad, DPO, now, reference, verdict())
    assert not obligation_rows.is_settled(found(abroad, reference)[UNKNOWN])
    approved(abroad, now, reference, wording(kind="authority-initial"))
    turn = next_step(case_of(abroad, reference, now))
    assert turn.command == f"tocsin assess {reference} --file scope.yaml"
    assert "in which countries" in turn.what


def test_what_stands_for_authorities_not_known_is_not_filed_but_found_out(abroad, now):
    reference = decided(abroad, now, living_in())
    with nothing_written(abroad), pytest.raises(RefusedError, match="in which countries the people live"):
        filed(abroad, now + HOUR, reference)


def test_people_who_live_elsewhere_end_what_stood_for_unknown_authorities(abroad, now):
    reference = assessed(abroad, now, living_in())
    assess_and_decide.record_facts(abroad, RESPONDER, now + HOUR, reference, living_in("EG"))
    row = found(abroad, reference)[UNKNOWN]
    assert row.waived_because == "the facts name nobody who lives where this law binds"


def test_a_region_in_the_facts_settles_which_of_several_authorities_is_told(abroad, now):
    reference = assessed(abroad, now, living_in("DE", "FR"))
    assert found(abroad, reference)["eu-gdpr/authority-initial/DE"].recipient_name.endswith("(to be chosen)")
    assess_and_decide.record_facts(abroad, RESPONDER, now + HOUR, reference, living_in("DE-NI", "FR"))
    rows = found(abroad, reference)
    assert rows["eu-gdpr/authority-initial/DE-NI"].recipient_name == "The authority of Lower Saxony"
    assert obligation_rows.is_settled(rows["eu-gdpr/authority-initial/DE"])
    assert not obligation_rows.is_settled(rows["eu-gdpr/authority-initial/FR"])


def test_a_filing_with_one_authority_of_a_country_with_several_names_it_from_then_on(abroad, now):
    reference = decided(abroad, now, living_in("DE", "FR"))
    said = Submission(
        despite=BY_TELEPHONE, reference="R", at=now + HOUR, authority="DE-NI", authority_name="Lower Saxony"
    )
    submit.submit(abroad, DPO, now + HOUR, reference, said)
    rows = found(abroad, reference)
    assert rows["eu-gdpr/authority-initial/DE"].met_at == now + HOUR
    assert rows["eu-gdpr/authority-initial/DE"].recipient_name == "Lower Saxony"
    assert rows["eu-gdpr/authority-follow-up/DE"].recipient_name == "Lower Saxony"
    assert rows["eu-gdpr/authority-initial/FR"].met_at is None


def test_the_rest_is_counted_from_the_filing_with_the_same_authority(abroad, now):
    reference = decided(abroad, now, living_in("AT", "FR"))
    later = now + 6 * HOUR
    filed(abroad, now + HOUR, reference, authority="FR")
    filed(abroad, later, reference, authority="AT")
    rows = found(abroad, reference)
    target = abroad.targets.follow_up
    assert rows["eu-gdpr/authority-follow-up/FR"].due_at == now + HOUR + target
    assert rows["eu-gdpr/authority-follow-up/AT"].due_at == later + target


def test_a_case_is_dismissed_only_when_every_authority_that_was_told_was_told_of_the_withdrawal(abroad, now):
    reference = decided(abroad, now, living_in("AT", "FR"))
    for place in ("AT", "FR"):
        filed(abroad, now + HOUR, reference, authority=place)
    filed(abroad, now + 2 * HOUR, reference, authority="FR", phase=FilingPhase.WITHDRAWAL)
    with nothing_written(abroad), pytest.raises(RefusedError, match="--authority AT"):
        close_case.dismiss(abroad, DPO, now + 3 * HOUR, reference, "test data")
    filed(abroad, now + 3 * HOUR, reference, authority="AT", phase=FilingPhase.WITHDRAWAL)
    close_case.dismiss(abroad, DPO, now + 3 * HOUR, reference, "test data")


def test_an_authority_is_asked_for_by_name_among_those_that_were_told_when_more_is_filed(abroad, now):
    reference = decided(abroad, now, living_in("AT", "FR"))
    filed(abroad, now + HOUR, reference, authority="FR")
    filed(abroad, now + HOUR, reference, authority="AT")
    with pytest.raises(LookupError, match="AT, FR"):
        filed(abroad, now + 2 * HOUR, reference, phase=FilingPhase.FOLLOW_UP)


def test_what_a_filing_left_open_is_listed_element_by_element_and_says_what_is_known_by_now(ctx, now):
    reference = decided(ctx, now, living_in("DE", people="unknown", records="unknown"))
    filed(ctx, now + HOUR, reference)
    case = case_of(ctx, reference, now + HOUR)
    row = next(obligation for obligation in case.obligations if obligation.terms.duty == "authority-follow-up")
    owing = filing_list(ctx, reference)
    assert ("people_number", False) in owing
    assess_and_decide.record_facts(
        ctx, RESPONDER, now + 2 * HOUR, reference, living_in("DE", people=12, records="unknown")
    )
    owing = filing_list(ctx, reference)
    assert ("people_number", True) in owing, "it can be told now, and is still owed"
    assert ("records_number", False) in owing
    filed(ctx, now + 3 * HOUR, reference, phase=FilingPhase.FOLLOW_UP, complete=False)
    owing = filing_list(ctx, reference)
    assert "people_number" not in {name for name, _ in owing}, "it was given with the supplement"
    assert ("records_number", False) in owing
    filed(ctx, now + 4 * HOUR, reference, phase=FilingPhase.FOLLOW_UP, complete=True)
    assert filing_list(ctx, reference) == []
    assert row.key == "eu-gdpr/authority-follow-up/DE-BE"


def left_open_lines(ctx: UseCaseContext) -> list[str]:
    return [row.text for row in rows_of(ctx, TimelineEntry) if row.kind == "left_open"]


def filing_list(ctx: UseCaseContext, reference: str) -> list[tuple[str, bool]]:
    with ctx.store.read() as session:
        row = owed(session, reference)["eu-gdpr/authority-follow-up/DE-BE"]
        return [(each.element, each.is_known) for each in consequences.missing_elements(session, row)]


def test_what_a_text_marked_as_to_follow_is_written_down_with_the_filing(ctx, now):
    reference = decided(ctx, now, living_in("DE", people=5, records=5))
    drafted(ctx, now, reference, wording(kind="authority-initial", will_follow=("consequences",)))
    filed(ctx, now + HOUR, reference)
    lines = left_open_lines(ctx)
    assert len(lines) == 1
    assert lines[0].startswith("eu-gdpr/authority-follow-up/DE-BE: ")
    assert "consequences" in lines[0]


def test_a_complete_filing_leaves_no_list(ctx, now):
    reference = decided(ctx, now, living_in("DE", people="unknown"))
    filed(ctx, now + HOUR, reference, complete=True)
    assert left_open_lines(ctx) == []


def test_without_facts_every_element_is_open_and_the_newest_line_of_the_same_duty_counts():
    assert unanswered(None) == ELEMENTS
    left = (("a", ("people_number", "measures")), ("b", ("consequences",)), ("a", ("measures",)))
    lines = [None, *(timeline_text("left_open", key=key, elements=elements).to_json() for key, elements in left)]
    answered = living_in("DE", people=1, records=1, subjects=["merchants"]).model_copy(
        update={"likely_consequences": ("phishing",), "measures_taken": ("access_closed",)}
    )
    assert [(each.element, each.is_known) for each in missing_elements("a", answered, lines)] == [("measures", True)]
    assert missing_elements("c", answered, lines) == ()


@pytest.mark.parametrize(("length", "said"), [(73, "late"), (71, "in time")])
def test_a_filing_under_the_law_is_called_late_only_after_its_time(ctx, now, length, said):
    reference = decided(ctx, now)
    at = now + length * HOUR
    done = submit.submit(
        ctx, DPO, at, reference, Submission(despite=BY_TELEPHONE, reference="R", at=at, late_because="logs")
    )
    assert said in done.changed[0]


def test_our_own_target_makes_no_filing_late(ctx, now):
    where = replace(ctx, regimes=(GDPR, law("ch-fadp")))
    reference = decided(where, now, living_in("DE", "CH"))
    at = now + 30 * HOUR
    done = submit.submit(
        where, DPO, at, reference, Submission(despite=BY_TELEPHONE, reference="R", at=at, authority="CH")
    )
    assert "after our own target; the law sets no figure" in done.changed[0]
    assert "reasons" not in done.changed[0]


def test_a_later_report_is_called_by_its_own_name(ctx, now):
    profile = replace(ctx.profile, sectors=("important_entity",))
    where = replace(ctx, regimes=(GDPR, law("eu-nis2")), profile=profile, calendar_of=calendar_of)
    reference = decided(where, now)
    said = Submission(
        despite=BY_TELEPHONE, reference="N", at=now + HOUR, authority="eu-nis2/authority-intermediate/eu-nis2"
    )
    done = submit.submit(where, DPO, now + HOUR, reference, said)
    assert done.changed[0].startswith("Incident notification to the CSIRT or authority with ")


@pytest.mark.parametrize("name", ["uk-gdpr", "ch-fadp", "sa-pdpl", "tr-kvkk"])
def test_a_law_that_lets_information_follow_in_phases_reminds_of_the_rest(ctx, now, name):
    regime = law(name)
    assert regime.place is not None
    where = replace(ctx, regimes=(GDPR, regime))
    reference = decided(where, now, living_in("DE", regime.place))
    filed(where, now + HOUR, reference, authority=regime.place)
    assert f"{name}/authority-follow-up/{regime.place}" in found(where, reference)


def test_a_filing_under_a_law_that_replaced_a_duty_of_the_gdpr_still_owes_the_rest(ctx, now):
    adopted = law("eu-gdpr-omnibus-proposal", valid_from="2026-01-01", status="in_force")
    where = replace(ctx, regimes=(GDPR, adopted))
    reference = decided(where, now)
    assert INITIAL not in found(where, reference)
    filed(where, now + HOUR, reference)
    rest = found(where, reference)["eu-gdpr/authority-follow-up/DE-BE"]
    assert rest.started_at == now + HOUR
    filed(where, now + 2 * HOUR, reference, phase=FilingPhase.FOLLOW_UP, complete=True)
    assert found(where, reference)["eu-gdpr/authority-follow-up/DE-BE"].met_at == now + 2 * HOUR


def test_a_duty_that_todays_law_does_not_have_stays_owed_and_reevaluating_says_how_it_ends(ctx, now):
    reference = aware(ctx, now)
    adopted = law("eu-gdpr-omnibus-proposal", valid_from="2026-01-01", status="in_force")
    where = replace(ctx, regimes=(GDPR, adopted))
    with nothing_written(where), pytest.raises(RefusedError, match=f"tocsin waive {reference} {INITIAL}"):
        reevaluate.reevaluate(where, DPO, now + HOUR, reference, "the law changed")
    assert not obligation_rows.is_settled(found(where, reference)[INITIAL])


def test_the_events_of_a_case_are_read_once_however_many_merchants_are_owed_a_notice(ctx, now, monkeypatch):
    known = facts(data_sets=[accounts(), ORDERS])
    reference = assessed(ctx, now, known)
    looked_up: list[object] = []

    def counting(*given: Any, **more: Any) -> Any:
        looked_up.append(given)
        return event_book(*given, **more)

    monkeypatch.setattr("incidents.casework.deadlines.bookkeeping.event_book", counting)
    merchants_listed(ctx, now, reference, *(f"m-{number}" for number in range(20)))
    assert len(rows_of(ctx, Obligation)) > 20
    assert len(looked_up) <= 2


@pytest.mark.parametrize(
    ("draft", "missing", "command"),
    [
        ("authority-initial.de", ("people_number", "records_number", "reasons_for_delay"),
         "tocsin edit 1 authority-initial.de --will-follow people_number --will-follow records_number"),
        ("authority-initial.de", ("reasons_for_delay",), 'tocsin late 1 authority-initial --because "..."'),
        ("people.en", ("consequences", "measures"), "tocsin assess 1 --file scope.yaml"),
    ],
)  # fmt: skip
def test_the_next_command_for_a_text_that_lacks_something_is_one_that_is_not_refused(draft, missing, command):
    assert completing("1", draft, missing) == command
