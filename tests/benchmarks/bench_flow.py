"""How long after a decision its drafts are ready in the running service: dispatcher, Prefect's server, real flow."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from pathlib import Path

from config.organisation import find_organisation
from config.settings import Settings, drills_folder
from flows.bootstrap import App
from flows.runtime.dispatcher import Dispatcher
from incidents.access.people import ActingPerson
from incidents.case.lifecycle import PersonRole
from incidents.casework.base import decision
from incidents.casework.base.find import find
from incidents.casework.case import assess_and_decide, awareness
from incidents.casework.case import open as open_case
from incidents.casework.communication.drafts import newest
from incidents.facts.breach import read_facts
from incidents.kernel import clock
from incidents.kernel.yaml_documents import read_yaml
from tests.builders import apps

ROUNDS = 5
LETTERS = 20_000
GIVEN_UP = 180.0
"""Seconds after which a decision is no longer waited for: the figure would then say nothing more."""
DPO = ActingPerson(name="dpo", roles=frozenset({PersonRole.DPO}), proven_by="token")


def assessed_case(app: App, name: str) -> str:
    """Bring a case to the point where a person decides."""
    now = app.now()
    report = open_case.IncidentReport(title=name, detected_at=now - timedelta(hours=2))
    reference = open_case.open_incident(app.use_cases, DPO, now, report).reference
    awareness.state_awareness(
        app.use_cases, DPO, now, reference, awareness.AwarenessStatement(at=now, basis="access log")
    )
    scope = drills_folder() / "exposed-bucket" / "scope.yaml"
    facts = read_facts(read_yaml(scope.read_text(encoding="utf-8"), scope.name))
    assess_and_decide.record_facts(app.use_cases, DPO, now, reference, facts)
    return reference


def drafted(app: App, reference: str) -> int:
    """Count the drafts of a case that are there."""
    with app.store.read() as session:
        return len(newest(session, find(session, reference).id or 0))


def decided_and_drafted(app: App, reference: str) -> float:
    """Decide, wait for the five texts, and give the seconds between."""
    begun = time.perf_counter()
    verdict = decision.RiskDecision(notify_authority=True, notify_people=True, because="benchmark")
    assess_and_decide.decide(app.use_cases, DPO, app.now(), reference, verdict)
    while drafted(app, reference) < 5 and time.perf_counter() - begun < GIVEN_UP:
        time.sleep(0.01)
    return time.perf_counter() - begun


def test_from_decision_to_drafts_while_the_letters_of_another_case_go_out(tmp_path: Path) -> None:
    """Print how long decisions wait for their texts while 20,000 letters of another case go out, and how many did."""
    app = apps.app_on(tmp_path, f"sqlite:///{tmp_path / 'bench.sqlite3'}", clock.now)
    dispatcher = Dispatcher(app)
    dispatcher.start()
    try:
        assert dispatcher.ready.wait(120)
        references = [assessed_case(app, f"Benchmark {turn}") for turn in range(ROUNDS)]
        while any(drafted(app, reference) < 1 for reference in references):
            time.sleep(0.05)
        bulk = apps.letters_waiting(app, ["de"] * LETTERS)
        time.sleep(3)
        begun = time.perf_counter()
        taken = [decided_and_drafted(app, reference) for reference in references]
        went = sum(message.state == "accepted" for message in bulk.letters())
        seconds = time.perf_counter() - begun
    finally:
        dispatcher.end()
        app.store.close()
    print(f"\ndecision -> drafts beside {LETTERS} letters: median {statistics.median(taken):.2f} s,", end=" ")
    print(f"worst {max(taken):.2f} s; {went} letters had gone {seconds:.0f} s later")


def test_from_decision_to_drafts(tmp_path: Path) -> None:
    """Print the median over several cases: five texts (authority, people and merchants) after each decision."""
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'bench.sqlite3'}", prefect_api_url=None)
    app = App(settings=settings, found=find_organisation(settings))
    dispatcher = Dispatcher(app)
    dispatcher.start()
    try:
        assert dispatcher.ready.wait(120)
        taken = []
        for turn in range(ROUNDS):
            reference = assessed_case(app, f"Benchmark {turn}")
            while drafted(app, reference) < 1:
                time.sleep(0.05)
            time.sleep(3)
            taken.append(decided_and_drafted(app, reference))
    finally:
        dispatcher.end()
        app.store.close()
    print(f"\ndecision -> drafts ready: median {statistics.median(taken):.2f} s, worst {max(taken):.2f} s")
