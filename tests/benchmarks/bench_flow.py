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
from incidents.kernel.yaml_documents import read_yaml

ROUNDS = 5
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
            begun = time.perf_counter()
            verdict = decision.RiskDecision(notify_authority=True, notify_people=True, because="benchmark")
            assess_and_decide.decide(app.use_cases, DPO, app.now(), reference, verdict)
            while drafted(app, reference) < 5:
                time.sleep(0.01)
            taken.append(time.perf_counter() - begun)
    finally:
        dispatcher.end()
        app.store.close()
    print(f"\ndecision -> drafts ready: median {statistics.median(taken):.2f} s, worst {max(taken):.2f} s")
