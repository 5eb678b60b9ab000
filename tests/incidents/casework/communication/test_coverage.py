"""Letters fulfil the duty to tell people when they went to everybody a law means, not when some of them went out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.reference.regime_files import read as law
from incidents.casework.base.find import find, number
from incidents.casework.case import assess_and_decide
from incidents.casework.communication import send, settle
from incidents.casework.communication.drafts import list_sha256
from incidents.casework.communication.recipient_lists import import_people
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.storage.tables.case import TimelineEntry
from incidents.storage.tables.obligations import Obligation
from tests.builders.casework import (
    DPO,
    HOUR,
    RESPONDER,
    accounts,
    accounts_of,
    approved,
    decided,
    delivered,
    facts,
    nothing_written,
    ordered,
    rows_of,
    verdict,
    wording,
)


def under(ctx, *names):
    return replace(ctx, regimes=(*ctx.regimes, *(law(name) for name in names)))


def written_to(ctx, now, reference, *countries):
    """List one person for each country (none where it is empty), approve, send, and let every letter go out."""
    rows = "\n".join(f"p{place}@example.org,en,{country}" for place, country in enumerate(countries))
    import_people(ctx, RESPONDER, now, reference, f"email,language,country\n{rows}\n".encode())
    with ctx.store.read() as session:
        count = sum(send.to_be_sent(session, number(find(session, reference).id), "people").values())
    approved(
        ctx, now, reference, wording(recipients=count, recipients_sha256=list_sha256([*countries, now.isoformat()]))
    )
    ordered(ctx, now, reference)
    delivered(ctx, now + HOUR, reference)


def met(ctx, duty="people"):
    return {row.regime: row.met_at for row in rows_of(ctx, Obligation, duty=duty) if row.waived_at is None}


def close(ctx, now, reference, because="The estimate counted closed accounts twice"):
    return settle.fulfil_from_coverage(ctx, DPO, now, reference, because)


def test_two_letters_do_not_tell_four_people(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[accounts_of(4)]))
    written_to(ctx, now, reference, "DE", "DE")
    assert met(ctx) == {"eu-gdpr": None}
    written_to(ctx, now + HOUR, reference, "DE", "DE", "DE", "DE")
    assert met(ctx) == {"eu-gdpr": now + 2 * HOUR}


def test_an_estimate_that_was_too_high_is_closed_by_a_person_with_reasons(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[accounts(people={"about": 1200}, countries=["DE"])]))
    written_to(ctx, now, reference, "DE", "DE")
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="--because"):
        close(ctx, now + HOUR, reference, " ")
    done = close(ctx, now + 2 * HOUR, reference)
    assert "fulfilled: eu-gdpr/people/affected-people" in done.changed
    assert met(ctx) == {"eu-gdpr": now + HOUR}, "the list was whole, so they were told with the last letter"
    (noted,) = [line for line in rows_of(ctx, TimelineEntry) if line.kind == "list_complete"]
    assert (noted.author, noted.said["values"]["listed"]) == (DPO.name, 2)
    assert "The estimate counted closed accounts twice" in noted.text


def test_a_gap_is_closed_only_once_letters_went_out_and_only_where_there_is_one(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[accounts_of(2)]))
    with nothing_written(ctx), pytest.raises(RefusedError, match="must have gone out"):
        close(ctx, now, reference)
    written_to(ctx, now, reference, "DE", "DE")
    with nothing_written(ctx), pytest.raises(RefusedError, match="as many people as the facts name"):
        close(ctx, now + HOUR, reference)


def test_facts_that_name_more_people_outdate_the_word_that_the_list_is_whole(ctx, now):
    ctx = under(ctx, "ch-fadp")
    reference = decided(ctx, now, facts(data_sets=[accounts(people=4, countries={"DE": 2, "CH": 2})]))
    written_to(ctx, now, reference, "DE", "DE")
    close(ctx, now + HOUR, reference)
    assert met(ctx) == {"eu-gdpr": now + HOUR, "ch-fadp": None}
    more = facts(data_sets=[accounts(people=40, countries={"DE": 2, "CH": 38})])
    assess_and_decide.record_facts(ctx, RESPONDER, now + HOUR, reference, more)
    assess_and_decide.decide(ctx, DPO, now + HOUR, reference, verdict())
    written_to(ctx, now + HOUR, reference, "DE", "DE", "CH")
    assert met(ctx)["ch-fadp"] is None


def test_letters_tell_under_a_law_only_the_people_it_protects(ctx, now):
    ctx = under(ctx, "ch-fadp", "sa-pdpl", "uk-gdpr")
    people = {"DE": 2, "CH": 1, "SA": 1, "GB": 2}
    reference = decided(ctx, now, facts(data_sets=[accounts(people=6, countries=people)]))
    written_to(ctx, now, reference, "DE", "DE", "CH", "GB")
    at = now + HOUR
    assert met(ctx) == {"eu-gdpr": None, "ch-fadp": at, "sa-pdpl": None, "uk-gdpr": None}
    done = close(ctx, at, reference, "No address is known of the other UK account")
    assert met(ctx) == {"eu-gdpr": at, "ch-fadp": at, "sa-pdpl": None, "uk-gdpr": at}
    assert [warning for warning in done.warnings if warning.startswith("sa-pdpl: nobody on the list lives where")]


def test_where_the_list_does_not_say_where_people_live_each_may_live_anywhere(ctx, now):
    ctx = under(ctx, "ch-fadp")
    reference = decided(ctx, now, facts(data_sets=[accounts(people=3, countries={"DE": 2, "CH": 1})]))
    written_to(ctx, now, reference, "", "", "")
    assert met(ctx) == {"eu-gdpr": now + HOUR, "ch-fadp": now + HOUR}


def test_sending_says_whom_the_list_lacks_and_how_that_is_mended(ctx, now):
    ctx = under(ctx, "sa-pdpl")
    reference = decided(ctx, now, facts(data_sets=[accounts(people=4, countries={"DE": 3, "SA": 1})]))
    import_people(ctx, RESPONDER, now, reference, b"email,language,country\na@example.org,en,DE\n")
    approved(ctx, now, reference, wording())
    gdpr, saudi = send.order(ctx, DPO, now, reference, "people", f"{reference}:1").warnings
    assert gdpr.startswith("eu-gdpr: the facts say at least 4 people, the list has 1;")
    assert f"tocsin send {reference} people --list-complete" in gdpr
    assert f"tocsin waive {reference} sa-pdpl/people/affected-people" in saudi


def test_someone_listed_later_and_not_written_to_yet_holds_the_duty_open(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[accounts_of(3)]))
    written_to(ctx, now, reference, "DE", "DE")
    import_people(ctx, RESPONDER, now, reference, b"email,language,country\nlate@example.org,en,DE\n")
    delivered(ctx, now + 2 * HOUR, reference)
    assert met(ctx) == {"eu-gdpr": None}
