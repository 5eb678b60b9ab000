"""The ledger of the clock in the report."""

from __future__ import annotations

from flows.bootstrap import App
from notifications.reports.sections.clock_ledger import ledger, merchant_duties
from tests.builders import apps


def test_the_ledger_of_the_clock_counts_each_listed_merchant_once_and_nobody_else(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess()
    assert len(merchant_duties(case.file())) == 1, "those not yet listed stand for all"
    case.list_merchants([(f"shop-{number}", "de", 5, 6) for number in range(12)])
    assert len(merchant_duties(case.file())) == 12
    counted = [row.number for row in ledger(case.file()) if row.duty == "eu-gdpr/controller"]
    assert counted == [12]
