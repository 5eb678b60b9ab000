"""Drafts and approval: bound to bytes, by a second person, void with any change; in code and by the database."""

import pytest
from sqlalchemy.exc import IntegrityError

from incidents.access.people import CLOCK
from incidents.case.lifecycle import PersonRole
from incidents.casework.base.find import find
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.communication import approval, drafts
from incidents.kernel.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.storage.tables.case import TimelineEntry
from incidents.storage.tables.communication import Approval, Draft
from tests.builders.casework import (
    DPO,
    HOUR,
    LEAD,
    RESPONDER,
    SECOND,
    approved,
    assessed,
    decided,
    drafted,
    holding,
    nothing_written,
    rows_of,
    wording,
)

CHANGES = [
    {"subject": "Your data."},
    {"text": "What happened!"},
    {"html": "<p>What happened!</p>"},
    {"html": None},
    {"recipients_sha256": "2" * 64},
]


def approve(ctx, now, reference, sha256, *, actor=SECOND, name="people.en", override=None):
    return approval.approve(ctx, actor, now, reference, name, sha256, override=override)


def is_approved(ctx, draft):
    with ctx.store.read() as session:
        return approval.approval_of(session, draft) is not None


def test_a_second_person_approves_exactly_these_bytes(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    approve(ctx, now + HOUR, reference, draft.sha256)
    (row,) = rows_of(ctx, Approval)
    assert (row.author, row.approver, row.sha256, row.override_because) == ("dpo", "approver", draft.sha256, None)
    assert is_approved(ctx, draft)


@pytest.mark.parametrize("change", CHANGES)
def test_any_changed_byte_makes_a_new_version_and_voids_the_approval(ctx, now, change):
    reference = decided(ctx, now)
    before = approved(ctx, now, reference, wording())
    after = drafted(ctx, now, reference, wording(**change))
    assert after.version == 2
    assert not is_approved(ctx, after)
    said = "you read version 1, now it is version 2"
    with nothing_written(ctx), pytest.raises(ConflictError, match=said) as refused:
        approve(ctx, now, reference, before.sha256)
    assert after.sha256[:12] not in str(refused.value), "whoever copies it from the refusal has read nothing"
    assert [row.version for row in rows_of(ctx, Draft)] == [1, 2]


@pytest.mark.parametrize("change", [*CHANGES, {"kind": "controllers"}, {"language": "de"}])
def test_the_hash_covers_everything_a_reader_gets(change):
    assert wording(**change).sha256 != wording().sha256


def test_writing_the_same_again_adds_no_version_and_keeps_the_approval(ctx, now):
    reference = decided(ctx, now)
    draft = approved(ctx, now, reference, wording())
    assert drafted(ctx, now + HOUR, reference, wording()) == draft
    assert [row.version for row in rows_of(ctx, Draft)] == [1]
    assert is_approved(ctx, draft)


def test_marking_what_will_follow_is_a_new_version_too(ctx, now):
    reference = decided(ctx, now)
    approved(ctx, now, reference, wording())
    assert not is_approved(ctx, drafted(ctx, now, reference, wording(will_follow=("people_number",))))


def test_the_order_in_which_a_list_was_read_does_not_matter_but_who_is_on_it_does():
    assert drafts.list_sha256(["a", "b"]) == drafts.list_sha256(iter(["b", "a"]))
    assert drafts.list_sha256(["a", "b"]) != drafts.list_sha256(["a"])
    assert drafts.list_sha256(["a", "b"]) != drafts.list_sha256(["ab"])


def test_nobody_approves_their_own_draft(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="a second person must approve it"):
        approve(ctx, now, reference, draft.sha256, actor=DPO)


def test_the_database_itself_holds_to_four_eyes(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    own = {"incident_id": draft.incident_id, "draft_id": draft.id, "sha256": draft.sha256, "approved_at": now}
    with nothing_written(ctx), pytest.raises(IntegrityError, match="four_eyes"), ctx.store.write() as session:
        session.add(Approval(**own, author="dpo", approver="dpo"))


def test_the_database_takes_one_approval_for_each_version(ctx, now):
    reference = decided(ctx, now)
    draft = approved(ctx, now, reference, wording())
    again = {"incident_id": draft.incident_id, "draft_id": draft.id, "sha256": draft.sha256, "approved_at": now}
    with nothing_written(ctx), pytest.raises(IntegrityError), ctx.store.write() as session:
        session.add(Approval(**again, author="dpo", approver="lead"))


def test_an_emergency_override_is_possible_loud_and_on_record(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    approve(ctx, now, reference, draft.sha256, actor=DPO, override="nobody else can be reached")
    assert rows_of(ctx, Approval)[0].override_because == "nobody else can be reached"
    assert "WITHOUT A SECOND PERSON: nobody else can be reached" in rows_of(ctx, TimelineEntry)[-1].text


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_override_without_a_reason_is_none(ctx, now, reason):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="a second person"):
        approve(ctx, now, reference, draft.sha256, actor=DPO, override=reason)


def test_an_override_needs_a_lead_or_dpo(ctx, now):
    reference = decided(ctx, now)
    both = holding("both", PersonRole.RESPONDER, PersonRole.APPROVER)
    draft = drafted(ctx, now, reference, wording(), author=both.name)
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="only a lead or DPO may override"):
        approve(ctx, now, reference, draft.sha256, actor=both, override="in a hurry")


def test_who_needs_no_override_leaves_none_on_record(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    approve(ctx, now, reference, draft.sha256, actor=LEAD, override="in a hurry")
    assert rows_of(ctx, Approval)[0].override_because is None


def test_what_the_law_asks_must_be_there_before_approval(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording(missing=("measures",)))
    with nothing_written(ctx), pytest.raises(RefusedError, match=r"lacks.*measures.*tocsin assess [^ ]+ --file \S+$"):
        approve(ctx, now, reference, draft.sha256)


def test_what_may_follow_in_a_text_to_an_authority_may_be_marked_so(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording(kind="authority-initial", missing=("measures",)))
    with nothing_written(ctx), pytest.raises(RefusedError, match=r"lacks.*measures.*--will-follow measures"):
        approval.approve(ctx, SECOND, now, reference, drafts.name_of(draft), draft.sha256)


def test_twelve_characters_of_the_hash_are_enough_and_eleven_are_not(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="at least 12 characters"):
        approve(ctx, now, reference, draft.sha256[:11])
    with nothing_written(ctx), pytest.raises(RefusedError, match="that is no hash of people.en version 1"):
        approve(ctx, now, reference, "f" * 12 if draft.sha256[:12] != "f" * 12 else "e" * 12)
    approve(ctx, now, reference, f" {draft.sha256[:12].upper()} ")
    assert is_approved(ctx, draft)


def test_approving_twice_changes_nothing_of_the_first(ctx, now):
    reference = decided(ctx, now)
    draft = approved(ctx, now, reference, wording())
    assert approve(ctx, now, reference, draft.sha256, actor=LEAD).changed == ("people.en is approved already",)
    assert [row.approver for row in rows_of(ctx, Approval)] == ["approver"]


@pytest.mark.parametrize("name", ["people.fr", "controllers", "people"])
def test_an_unknown_or_ambiguous_draft_names_those_there_are(ctx, now, name):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    drafted(ctx, now, reference, wording(language="de"))
    with nothing_written(ctx), pytest.raises(NotFoundError, match=r"there are: people\.en, people\.de"):
        approve(ctx, now, reference, draft.sha256, name=name)


def test_a_draft_in_one_language_may_be_named_by_its_kind(ctx, now):
    reference = decided(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    approve(ctx, now, reference, draft.sha256, name="people")
    assert is_approved(ctx, draft)


def test_nothing_is_approved_before_the_decision_or_without_the_role(ctx, now):
    reference = assessed(ctx, now)
    draft = drafted(ctx, now, reference, wording())
    with nothing_written(ctx), pytest.raises(RefusedError, match="first decide"):
        approve(ctx, now, reference, draft.sha256)
    later = decided(ctx, now)
    draft = drafted(ctx, now, later, wording())
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="lead, dpo, approver"):
        approve(ctx, now, later, draft.sha256, actor=RESPONDER)


def test_where_nothing_is_drafted_the_refusal_says_how_it_comes_about(ctx, now):
    reference = decided(ctx, now)
    with nothing_written(ctx), pytest.raises(NotFoundError, match=f"tocsin drafts {reference}"):
        approve(ctx, now, reference, "0" * 12)


def test_writing_in_a_case_that_vanished_is_nobodys_step(ctx, now):
    with nothing_written(ctx), ctx.store.write() as session, pytest.raises(NotFoundError):
        UnitOfWork(session=session, incident=find(session, "INC-2026-0404"), actor=CLOCK, now=now)


def test_a_draft_of_which_only_what_is_missing_changed_becomes_a_new_version(ctx, now):
    reference = decided(ctx, now)
    first = drafted(ctx, now, reference, wording())
    second = drafted(ctx, now, reference, wording(missing=("reasons_for_delay",)))
    assert (second.version, second.missing, second.sha256) == (2, ["reasons_for_delay"], first.sha256)
    assert drafted(ctx, now, reference, wording(missing=("reasons_for_delay",))).version == 2
    with pytest.raises(RefusedError, match="reasons_for_delay"):
        approval.approve(ctx, SECOND, now, reference, "people.en", second.sha256)
