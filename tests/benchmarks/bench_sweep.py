"""What one sweep of the heartbeat costs, idle and with a thousand due, at 10,000 and 100,000 open obligations."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from config.organisation import find_organisation
from config.settings import Settings
from flows.bootstrap import App
from incidents.case.lifecycle import Stage
from incidents.casework.deadlines import sweep
from incidents.obligations.derivation import obligations_from_awareness
from incidents.storage.tables.case import Incident
from incidents.storage.tables.obligations import Obligation

NOW = datetime(2026, 11, 18, 2, 13, tzinfo=UTC)
DUE = 1_000
SWEEPS = 20


def furnish(home: Path, obligations: int) -> App:
    """An app with so many open obligations; the first thousand have a rung that is due a day from now."""
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'bench.sqlite3'}")
    app = App(settings=settings, found=find_organisation(settings))
    owed = obligations_from_awareness(app.frame(NOW))[0]
    terms = owed.terms.to_json()
    with app.store.write() as session:
        for start in range(0, obligations, 10_000):
            numbers = range(start + 1, min(start + 10_000, obligations) + 1)
            session.execute(insert(Incident), [incident(number) for number in numbers])
            session.execute(insert(Obligation), [obligation(number, terms) for number in numbers])
    return app


def incident(number: int) -> dict[str, object]:
    """One confirmed incident."""
    return {
        "id": number, "reference": f"INC-{number:06d}", "codename": f"bench-{number}", "title": "Benchmark",
        "stage": Stage.CONFIRMED, "exercise": True, "opened_at": NOW, "opened_by": "bench", "detected_at": NOW,
        "aware_at": NOW, "change_seq": 1, "answered_seq": 1, "version": 1,
    }  # fmt: skip


def obligation(number: int, terms: dict[str, object]) -> dict[str, object]:
    """One running clock."""
    first = NOW + timedelta(hours=24) if number <= DUE else NOW + timedelta(days=300)
    return {
        "incident_id": number, "key": "eu-gdpr/authority-initial/DE-BE", "regime": "eu-gdpr",
        "duty": "authority-initial", "recipient_kind": "authority", "recipient_id": "DE-BE",
        "recipient_name": "Authority", "terms": terms, "provisional": False, "clock_version": 1, "started_at": NOW,
        "due_at": NOW + timedelta(hours=72), "alarms_noted_to": NOW, "next_alarm_at": first, "created_at": NOW,
    }  # fmt: skip


@pytest.mark.parametrize("obligations", [10_000, 100_000])
def test_one_sweep(tmp_path: Path, obligations: int) -> None:
    """Print the idle sweep's median, then the sweep in which a thousand rungs came due at once."""
    app = furnish(tmp_path, obligations)
    idle = []
    for turn in range(SWEEPS):
        begun = time.perf_counter()
        sweep.sweep(app.use_cases, NOW + timedelta(hours=1, seconds=turn))
        idle.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    noticed = sweep.sweep(app.use_cases, NOW + timedelta(hours=24))
    busy = time.perf_counter() - begun
    app.store.close()
    print(
        f"\n{obligations:>7,} open: idle sweep {statistics.median(idle) * 1000:.2f} ms; "
        f"{noticed:,} due at once: {busy:.2f} s ({busy / noticed * 1000:.2f} ms each)"
    )
    assert noticed == DUE
