"""The scenario "exposed bucket": a bucket with exports was readable by anybody.

1,200 affected people in three languages and six countries, twelve merchants with their own figures, a filing within
72 hours, a follow-up, a closed case.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from config.settings import drills_folder
from flows.exercises.stage import DrillEnvironment
from incidents.access.people import ActingPerson
from incidents.case import draft_kinds
from incidents.case.case_file import CaseFile
from incidents.case.draft_kinds import duty_of
from incidents.case.message_machine import WENT_OUT
from incidents.case.spoken_of import changed_since
from incidents.casework.base import decision
from incidents.casework.base.find import find, number
from incidents.casework.case import assess_and_decide, awareness, timeline
from incidents.casework.case import close as close_case
from incidents.casework.case import open as open_case
from incidents.casework.communication import approval, letter_kinds, recipient_lists, send
from incidents.casework.communication import drafts as communication_drafts
from incidents.casework.filing import submit
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.facts import breach
from incidents.intake import alerts
from incidents.kernel.yaml_documents import Document, read_yaml
from incidents.queries.case_file import case_file
from incidents.queries.rows.communication import ledger_counts

HOUR = timedelta(hours=1)
# An hour more than the last scene, for what it makes due.
LASTS = 77 * HOUR
# Language, country, number: 1,200 in all, as scope.yaml says. Austria and Belgium make languages and countries differ.
PEOPLE_SHARES: Final = (("de", "DE", 500), ("de", "AT", 100), ("fr", "FR", 350), ("fr", "BE", 50), ("en", "IE", 120),
                        ("en", "NL", 80))  # fmt: skip
# One for each merchant: twelve, in three languages, so that three drafts of the notice are approved.
MERCHANT_LANGUAGES: Final = ("de", "de", "de", "de", "de", "fr", "fr", "fr", "fr", "en", "en", "en")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One thing a person does, at a time counted from the opening of the case."""

    after: timedelta
    act: Callable[[Scenario], None]


@dataclass
class Scenario:
    """The scenario under way."""

    stage: DrillEnvironment
    begins: datetime
    reference: str = ""

    @property
    def use_cases(self) -> Any:
        """What the use cases work with."""
        return self.stage.app.use_cases

    def by(self, part: str) -> tuple[Any, ActingPerson, datetime, str]:
        """What every use case takes first: the context, who, when, which case."""
        return self.use_cases, self.stage.cast[part], self.stage.now, self.reference

    def case(self) -> CaseFile:
        """The case as it stands."""
        with self.stage.app.store.read() as session:
            return case_file(session, find(session, self.reference), self.use_cases.zone, self.stage.now)


def scenes() -> Iterator[Scene]:
    """The plot, in order."""
    yield Scene(after=0 * HOUR, act=_open)
    yield Scene(after=HOUR / 2, act=_answer_the_page)
    yield Scene(after=1.5 * HOUR, act=_become_aware)
    yield Scene(after=2 * HOUR, act=_contain)
    yield Scene(after=4 * HOUR, act=_assess)
    yield Scene(after=6 * HOUR, act=_list_recipients)
    yield Scene(after=8 * HOUR, act=_decide)
    yield Scene(after=10 * HOUR, act=_tell_merchants)
    yield Scene(after=18 * HOUR, act=_tell_people)
    # Just after the reminders: awareness at 1.2 h makes 73.2 h due, so 48 h and 24 h are left at 25.2 h and 49.2 h.
    yield Scene(after=26 * HOUR, act=_acknowledge)
    yield Scene(after=50 * HOUR, act=_acknowledge)
    yield Scene(after=62 * HOUR, act=_file)
    yield Scene(after=63 * HOUR, act=_learn)
    yield Scene(after=74 * HOUR, act=_follow_up)
    yield Scene(after=76 * HOUR, act=_close)


def _open(play: Scenario) -> None:
    alert = json.loads((drills_folder() / "exposed-bucket" / "alertmanager.json").read_text(encoding="utf-8"))
    # The time in the file is fixed, and the provisional clock counts from it: the exercise's own takes its place.
    alert["alerts"][0]["startsAt"] = (play.begins - timedelta(minutes=20)).isoformat()
    report = alerts.read_alert(json.dumps(alert).encode(), play.stage.now)
    exercise = open_case.IncidentReport(**{**report.__dict__, "exercise": True})
    play.reference = open_case.open_incident(
        play.use_cases, play.stage.cast["responder"], play.stage.now, exercise
    ).reference


def _answer_the_page(play: Scenario) -> None:
    """The first page goes unanswered until it has gone on to the next person."""

    def went_on() -> bool:
        return any(alert.rung == "opened" and alert.level >= 1 for alert in play.case().alerts)

    play.stage.wait_for("the page goes on to the next person", went_on)
    timeline.acknowledge(*play.by("lead"), None)
    timeline.hand_over(*play.by("lead"), to=play.stage.cast["lead"].name)


def _become_aware(play: Scenario) -> None:
    awareness.state_awareness(
        *play.by("responder"),
        awareness.AwarenessStatement(
            # Eighteen minutes before it is stated: the legal clock counts from when we were aware, not from when it was
            # typed.
            at=play.begins + 1.2 * HOUR,
            basis="The access log shows that addresses which are not ours downloaded export files with personal data",
        ),
    )


def _contain(play: Scenario) -> None:
    timeline.contain(
        *play.by("responder"),
        at=play.stage.now - HOUR / 4,
        measure="Public access to the bucket blocked, credentials of the export job replaced",
    )


def _assess(play: Scenario) -> None:
    assess_and_decide.record_facts(*play.by("responder"), breach.read_facts(_scope(play)))


def _scope(play: Scenario) -> Document:
    path = drills_folder() / "exposed-bucket" / "scope.yaml"
    document = read_yaml(path.read_text(encoding="utf-8"), path.name)
    facts = {
        **document.value,
        "occurred_from": (play.begins - 25 * HOUR).isoformat(),
        "occurred_to": (play.begins + 1.75 * HOUR).isoformat(),
    }
    return Document(name=document.name, value=facts, lines=document.lines)


def _decide(play: Scenario) -> None:
    assess_and_decide.decide(
        *play.by("dpo"),
        decision.RiskDecision(
            notify_authority=True,
            notify_people=True,
            because="Contact and billing data of 1,200 people were downloaded by unknown persons; phishing is likely",
        ),
    )


def _list_recipients(play: Scenario) -> None:
    recipient_lists.import_people(*play.by("responder"), people_csv())
    recipient_lists.import_merchants(*play.by("responder"), merchants_csv())


def people_csv() -> bytes:
    """1,200 affected people that do not exist, at addresses that nobody can have (RFC 2606)."""
    lines = ["email,language,country"]
    for language, country, count in PEOPLE_SHARES:
        lines += [f"affected-{country.lower()}-{n:04d}@example.org,{language},{country}" for n in range(1, count + 1)]
    return "\n".join(lines).encode()


def merchants_csv() -> bytes:
    """Twelve merchants that do not exist, each with its own figures; every third has a contract with hours."""
    lines = ["merchant_id,name,email,language,people,records,kinds,contract_hours"]
    for place, language in enumerate(MERCHANT_LANGUAGES, start=1):
        hours = "48" if place % 3 == 0 else ""
        people = 150 + place * 84
        lines.append(
            f"shop-{place:02d},Exercise shop {place:02d},privacy-{place:02d}@example.net,{language},"
            f"{people},{people + 40 * place},name address email purchase_history,{hours}"
        )
    return "\n".join(lines).encode()


def _approve_all(play: Scenario, kind: str) -> None:
    """The flow drafts; a second person reads and approves each language."""

    def drafts() -> list[Any]:
        return [draft for draft in play.case().drafts if draft.kind == kind]

    def are_current() -> bool:
        case = play.case()
        return bool(drafts()) and not any(changed_since(case, draft) for draft in case.drafts if draft.kind == kind)

    # Of the record as it is now: a text that letters made untrue meanwhile is composed anew before anybody reads it.
    play.stage.wait_for_machine(f"the drafts {kind} are ready", lambda: are_current() and _for_everybody(play, kind))
    for draft in drafts():
        # A later version may void an approval: only what is not approved now is approved again.
        if draft.approved_at is None:
            approval.approve(*play.by("approver"), draft.id, draft.sha256)


def _for_everybody(play: Scenario, kind: str) -> bool:
    """Whether the newest drafts cover the whole list."""
    with play.stage.app.store.read() as session:
        incident = find(session, play.reference)
        # Texts for an authority have no list: they are filed by a person.
        if kind not in letter_kinds.SENDABLE:
            return True
        listed = sum(send.to_be_sent(session, incident.id or 0, kind).values())
        newest = communication_drafts.newest(session, incident.id or 0).values()
        return sum(draft.recipients for draft in newest if draft.kind == kind) == listed


def _send(play: Scenario, kind: str) -> None:
    _approve_all(play, kind)
    with play.stage.app.store.read() as session:
        count = sum(send.to_be_sent(session, find(session, play.reference).id or 0, kind).values())
    send.order(*play.by("dpo"), kind, f"{play.reference}:{count}")
    # In real time: how fast this machine sends must not decide whether the exercise keeps its deadlines.
    play.stage.wait_for_machine(f"all letters {kind} went out", lambda: _went_out(play, kind) == count)
    play.stage.wait_for_machine(f"what was owed to {kind} is met", lambda: _is_met(play, kind))


def _went_out(play: Scenario, kind: str) -> int:
    with play.stage.app.store.read() as session:
        key = number(find(session, play.reference).id)
        counts = ledger_counts(session, [key]).get(key, ())
    of_kind = [count.states for count in counts if count.kind == kind]
    return sum(states.get(state, 0) for states in of_kind for state in WENT_OUT)


def _is_met(play: Scenario, kind: str) -> bool:
    duties = (row for row in play.case().obligations if row.terms.duty == duty_of(kind))
    return all(row.met_at or row.waived_at for row in duties)


def _tell_merchants(play: Scenario) -> None:
    _send(play, "controllers")


def _tell_people(play: Scenario) -> None:
    _send(play, draft_kinds.PEOPLE)


def _acknowledge(play: Scenario) -> None:
    timeline.acknowledge(*play.by("dpo"), None)


def _file(play: Scenario) -> None:
    _approve_all(play, draft_kinds.AUTHORITY_INITIAL)
    # The inquiry goes on in this exercise, so that the rest is owed and a follow-up is practised.
    submit.submit(*play.by("dpo"), Submission(reference="EXERCISE-0001", at=play.stage.now, complete=False))


def _learn(play: Scenario) -> None:
    for kind, text in (
        ("well", "The alert fired within minutes of the first anonymous read that it could see"),
        ("badly", "The policy change was not reviewed by a second person"),
        ("lucky", "Passwords in the exports were salted and hashed"),
        ("cause", "The migration replaced the bucket's policy by a template that allowed anonymous reads"),
        ("action", "Storage policies are checked in continuous integration (owner: platform, within 14 days)"),
    ):
        timeline.log(*play.by("lead"), text, kind=kind)


def _follow_up(play: Scenario) -> None:
    _approve_all(play, draft_kinds.AUTHORITY_FOLLOW_UP)
    submit.submit(
        *play.by("dpo"),
        Submission(
            reference="EXERCISE-0001/2",
            at=play.stage.now,
            phase=FilingPhase.FOLLOW_UP,
        ),
    )


def _close(play: Scenario) -> None:
    close_case.close(*play.by("dpo"))
