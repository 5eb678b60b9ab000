"""Builds cases as values, for reports, packs and the register: an exposed bucket in full, and others at other stages.

Nobody in them exists; authors are roles, addresses are under example.org.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.reference.reminder_ladders import shipped_ladders
from incidents.assessment.proposal import as_json, assess
from incidents.case.case_file import (
    AlertLine,
    AssessmentLine,
    AwarenessLine,
    CaseFile,
    DecisionLine,
    DraftLine,
    FilingLine,
    LedgerCount,
    MerchantLine,
    MoveLine,
    ObligationFile,
    TimelineLine,
)
from incidents.deadlines.explanation import latest_for
from incidents.deadlines.state_machine import ClockState, DeadlineStatus, moves_by_time
from incidents.deadlines.targets import Targets, terms_for
from incidents.facts.breach import Facts, read_facts
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.model import Regime, Start
from incidents.law.periods import due_at
from incidents.law.reading import read_regime
from incidents.law.reminder_ladder import reminders
from incidents.obligations.derivation import (
    DerivedObligation,
    LegalContext,
    obligations_after,
    obligations_from_awareness,
    obligations_from_facts,
)
from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import MerchantRecipient, Recipient, RecipientKind

ROOT = Path(__file__).parents[2]
BERLIN = ZoneInfo("Europe/Berlin")
AUTHORITY = Recipient(
    kind=RecipientKind.AUTHORITY,
    id="DE-BE",
    name="Berlin Commissioner for Data Protection and Freedom of Information",
)
TARGETS = Targets(people=timedelta(hours=72), follow_up=timedelta(hours=168), controller=timedelta(hours=24))
REGIMES = (
    read_regime(
        read_yaml((ROOT / "config/regimes/eu-gdpr.yaml").read_text(encoding="utf-8"), "eu-gdpr.yaml"), shipped_ladders()
    ),
)
FRAME = LegalContext(regimes=REGIMES, profile=ControllerProfile(establishment="DE-BE", lead=AUTHORITY), targets=TARGETS)
ORGANISATION: dict[str, Any] = {
    "name": "Rabta",
    "legal_name": "Trego Tech GmbH",
    "product": "Rabta",
    "address": "Street 1, 10000 Berlin",
    "registration": "Register and number",
    "zone": "Europe/Berlin",
    "country": "DE",
    "authority": {"id": "DE-BE", "name": AUTHORITY.name},
    "dpo": {"name": "Data Protection Officer", "email": "dpo@rabta.example.org"},
    "contact_point": {"name": "Rabta privacy team", "email": "privacy@rabta.example.org"},
    "on_call": [{"name": "On-call engineer", "email": "on-call@rabta.example.org", "channels": ["pager"]}],
    "channels": {"pager": "pagerduty://SECRET@SECRET"},
}

ENGINEER, LEAD, DPO, COUNSEL = "On-call engineer", "Security lead", "Data Protection Officer", "Counsel"
CLOCK = "Tocsin"

BUCKET = """
summary: >-
  From 3 November on, a storage bucket with nightly exports of merchant accounts and of their customers' orders could be
  read by anybody who knew its address. Access logs show downloads from two foreign networks. The access was closed 39
  minutes after detection.
occurred_from: 2026-11-03T14:05:00+01:00
occurred_to: 2026-11-22T02:10:00+01:00
ongoing: false
undetected_days: 18.5
discovery: own_detection
cause:
  nature: misconfiguration
  actor: external
  malicious: true
  detail: >-
    A change of the bucket policy removed the block on public access; the check that should have refused it ran on new
    buckets only.
systems: [export storage, nightly export job]
cross_border: true
data_sets:
  - name: merchant accounts
    role: controller
    subjects: [merchants]
    kinds: [name, email, phone, bank_account, hashed_password]
    people: 1204
    records: 1204
    countries: {DE: 811, FR: 240, AT: 153}
    breach: [confidentiality]
    special_categories: false
    vulnerable: false
    protection: {encryption: none, key: unknown}
    exfiltration: confirmed
    exfiltration_known_from: complete access logs of the bucket
    consequences_seen: [phishing]
  - name: customers' orders
    role: processor
    subjects: [end_customers]
    kinds: [name, address, email, order_history]
    people: {about: 48000}
    records: {min: 90000, max: 120000}
    countries: [DE, FR, AT, NL]
    breach: [confidentiality]
    special_categories: false
    protection: {encryption: none}
    exfiltration: possible
likely_consequences: [phishing, fraud, identity_theft]
measures_taken: [access_closed, keys_rotated, logs_secured, passwords_reset]
measures_proposed: [configuration_checked, misuse_monitoring]
advice: [change_password, beware_of_phishing, watch_statements]
"""


def facts_of(text: str) -> Facts:
    """Read facts from the text of a scope file."""
    return read_facts(read_yaml(text, "scope.yaml"))


def utc(text: str) -> datetime:
    """Read ``2026-11-22 01:47`` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def digest(text: str) -> str:
    """Make a SHA-256 of anything."""
    return sha256(text.encode()).hexdigest()


def obligation(
    owed: DerivedObligation,
    start: datetime,
    until: datetime,
    *,
    met_at: datetime | None = None,
    provisional: bool = False,
    status: DeadlineStatus | None = None,
    filings: Sequence[FilingLine] = (),
    waived_because: str | None = None,
    acknowledged_by: str | None = ENGINEER,
) -> ObligationFile:
    """Let an obligation run from its start until it is met or the story ends, with every move and rung recorded."""
    due, end = due_at(owed.terms.period, start), min(met_at or until, until)
    clock = ClockState(started_at=start, due_at=due, warn_before=owed.terms.ladder.warn_before, provisional=provisional)
    late = met_at is not None and met_at > due
    met = (DeadlineStatus.MET_LATE if late else DeadlineStatus.MET) if met_at else DeadlineStatus.RUNNING
    return ObligationFile(
        key=owed.duty_key,
        recipient=owed.recipient,
        terms=owed.terms,
        started_at=start,
        due_at=due,
        latest_reg_1182_71=latest_for(owed.terms, start, BERLIN),
        status=status or met,
        provisional=provisional,
        clock_version=1,
        met_at=met_at,
        waived_at=end if waived_because else None,
        waived_because=waived_because,
        next_reminder=None,
        acknowledged=True,
        moves=tuple(_moves(clock, end, met_at, late=late)),
        alerts=tuple(_alerts(owed, due, start, end, acknowledged_by)),
        filings=tuple(filings),
    )


def _moves(clock: ClockState, end: datetime, met_at: datetime | None, *, late: bool) -> Iterator[MoveLine]:
    at = "running"
    for move in moves_by_time(clock, clock.started_at, end):
        noticed = move.at + timedelta(seconds=20)
        at = move.to_standing.value
        yield MoveLine(
            from_standing=move.from_standing.value, to_standing=at, cause="time", due_at=move.at, noticed_at=noticed
        )
    if met_at:
        after = "met_late" if late else "met"
        yield MoveLine(
            from_standing=at, to_standing=after, cause="filed", due_at=met_at, noticed_at=met_at + timedelta(minutes=4)
        )


def _alerts(
    owed: DerivedObligation, due: datetime, start: datetime, end: datetime, who: str | None
) -> Iterator[AlertLine]:
    for number, rung in enumerate(reminders(owed.terms.ladder, due, end, since=start)):
        kind = "reminder" if rung.at < due else "overdue"
        yield AlertLine(
            key=f"{owed.duty_key}/1/{rung.key}",
            rung=rung.key,
            kind=kind,
            due_at=rung.at,
            noticed_at=rung.at + timedelta(seconds=25),
            told_by=None,
            level=number % 2,
            acknowledged_at=rung.at + timedelta(minutes=6) if who else None,
            acknowledged_by=who,
        )


def filing(at: datetime, phase: str = "initial", *, late: str | None = None) -> FilingLine:
    """Make the proof of a filing."""
    return FilingLine(
        phase=phase,
        complete=phase == "follow_up",
        reference="631.412-0098/2026",
        filed_at=at,
        recorded_at=at + timedelta(minutes=4),
        recorded_by=DPO,
        late_because=late,
        receipt_sha256=digest(f"receipt {phase}"),
    )


def line(at: str, kind: str, text: str, author: str = ENGINEER, evidence: str | None = None) -> TimelineLine:
    """Write a line of the timeline, recorded two minutes after."""
    when = utc(at)
    return TimelineLine(
        at=when,
        recorded_at=when + timedelta(minutes=2),
        author=author,
        kind=kind,
        text=text,
        evidence_sha256=digest(evidence) if evidence else None,
        evidence_name=evidence,
    )


def draft(kind: str, language: str, written: str, approved: str | None, recipients: int) -> DraftLine:
    """Make a draft, approved by a second person or not yet."""
    return DraftLine(
        id=f"{kind}.{language}",
        kind=kind,
        language=language,
        version=2,
        subject=f"Breach of personal data: what happened ({language})",
        text="The words of the letter.",
        html=None,
        sha256=digest(f"{kind} {language}"),
        author=DPO,
        created_at=utc(written),
        missing=(),
        will_follow=("people_number",) if kind == "authority-initial" else (),
        warnings=(),
        recipients=recipients,
        approved_at=utc(approved) if approved else None,
        approved_by=COUNSEL if approved else None,
        approval_note=None,
    )


def merchants(number: int, sent_at: datetime | None) -> tuple[MerchantLine, ...]:
    """Make merchants with figures of their own; every third has a contract."""
    return tuple(
        MerchantLine(
            id=f"m-{each:04}",
            name=f"Example shop {each}",
            language=("de", "fr", "en")[each % 3],
            people=4000 - 17 * each if each % 7 else None,
            records=9000 - 40 * each,
            kinds=("name", "address", "order_history"),
            contract_hours=24 if each % 3 == 0 else None,
            state="delivered" if sent_at else "not ordered",
            sent_at=sent_at + timedelta(seconds=each) if sent_at else None,
        )
        for each in range(1, number + 1)
    )


@cache
def exposed_bucket(*, exercise: bool = False) -> CaseFile:
    """Give the whole story: told in time, people and merchants written to, closed."""
    facts = facts_of(BUCKET)
    judgement = assess(facts)
    aware, closed = utc("2026-11-22 01:47"), utc("2026-12-14 10:00")
    filed, followed = utc("2026-11-24 15:07"), utc("2026-11-30 09:30")
    notices, letters = utc("2026-11-22 20:02"), utc("2026-11-23 09:15")
    shops = merchants(57, notices)
    contracts = [MerchantRecipient(id=shop.id, name=shop.name, contract_hours=shop.contract_hours) for shop in shops]
    met = {"authority-initial": filed, "people": letters, "controller": notices + timedelta(minutes=23)}
    owed = obligations_from_facts(replace(FRAME, merchants=contracts), facts, judgement)
    later = obligations_after(FRAME, Start.INITIAL_SUBMITTED, "eu-gdpr", facts, judgement, outstanding=True)
    return CaseFile(
        reference="INC-2026-0007",
        codename="amber-heron",
        title="Exports of merchant accounts readable in a public storage bucket",
        system="export storage",
        stage="closed",
        exercise=exercise,
        version=41,
        opened_at=utc("2026-11-22 00:38"),
        opened_by=ENGINEER,
        occurred_at=facts.occurred_from,
        detected_at=utc("2026-11-22 00:31"),
        first_signal_at=utc("2026-11-21 23:52"),
        aware_at=aware,
        contained_at=utc("2026-11-22 01:10"),
        closed_at=closed,
        dismissed_because=None,
        lead=LEAD,
        facts=facts,
        facts_version=2,
        as_of=closed + timedelta(hours=1),
        awareness=(
            AwarenessLine(
                aware_at=utc("2026-11-22 02:20"),
                basis="Access logs show downloads of personal data",
                reason=None,
                author=LEAD,
                recorded_at=utc("2026-11-22 02:24"),
            ),
            AwarenessLine(
                aware_at=aware,
                basis="Access logs show downloads of personal data",
                reason="The on-call engineer had read the same logs at 02:47 local time",
                author=LEAD,
                recorded_at=utc("2026-11-22 06:05"),
            ),
        ),
        assessments=(
            AssessmentLine(
                facts_version=1, author=LEAD, recorded_at=utc("2026-11-22 06:20"), judgement=as_json(judgement)
            ),
            AssessmentLine(
                facts_version=2, author=DPO, recorded_at=utc("2026-11-22 15:05"), judgement=as_json(judgement)
            ),
        ),
        decisions=(
            DecisionLine(
                facts_version=1,
                notify_authority=True,
                notify_people=False,
                exception=None,
                because="Downloads are proven; whether bank accounts are among them is being checked.",
                author=DPO,
                decided_at=utc("2026-11-22 07:00"),
            ),
            DecisionLine(
                facts_version=2,
                notify_authority=True,
                notify_people=True,
                exception=None,
                because="Bank accounts and contact data were copied by outsiders; phishing has been seen.",
                author=DPO,
                decided_at=utc("2026-11-22 16:10"),
            ),
        ),
        obligations=(
            *(
                obligation(
                    each,
                    aware,
                    closed,
                    met_at=met[each.terms.duty],
                    filings=[filing(filed)] if each.terms.duty == "authority-initial" else (),
                )
                for each in owed
            ),
            *(
                obligation(each, filed, closed, met_at=followed, filings=[filing(followed, "follow_up")])
                for each in later
            ),
        ),
        alerts=(
            AlertLine(
                key="INC-2026-0007/page",
                rung="opened",
                kind="page",
                due_at=utc("2026-11-22 00:38"),
                noticed_at=utc("2026-11-22 00:38"),
                told_by=None,
                level=1,
                acknowledged_at=utc("2026-11-22 00:55"),
                acknowledged_by=LEAD,
            ),
        ),
        drafts=(
            draft("authority-initial", "de", "2026-11-22 16:40", "2026-11-24 14:30", 1),
            draft("people", "de", "2026-11-22 17:00", "2026-11-23 08:40", 811),
            draft("people", "en", "2026-11-22 17:00", "2026-11-23 08:44", 153),
            draft("people", "fr", "2026-11-22 17:00", "2026-11-23 08:52", 240),
            draft("controllers", "en", "2026-11-22 18:00", "2026-11-22 19:30", 57),
            draft("authority-follow-up", "de", "2026-11-29 10:00", "2026-11-30 09:05", 1),
        ),
        ledger=(
            LedgerCount(
                kind="people",
                language="de",
                total=811,
                states={"delivered": 798, "accepted": 5, "bounced": 8},
                first_sent_at=letters,
                last_sent_at=utc("2026-11-23 09:41"),
            ),
            LedgerCount(
                kind="people",
                language="en",
                total=153,
                states={"delivered": 152, "uncertain": 1},
                first_sent_at=utc("2026-11-23 09:42"),
                last_sent_at=utc("2026-11-23 09:47"),
            ),
            LedgerCount(
                kind="people",
                language="fr",
                total=240,
                states={"delivered": 236, "bounced": 4},
                first_sent_at=utc("2026-11-23 09:47"),
                last_sent_at=utc("2026-11-23 09:58"),
            ),
            LedgerCount(
                kind="controllers",
                language="en",
                total=57,
                states={"delivered": 57},
                first_sent_at=notices,
                last_sent_at=notices + timedelta(minutes=23),
            ),
        ),
        merchants=shops,
        timeline=(
            line(
                "2026-11-21 23:52",
                "signal",
                "Storage monitor: unusual volume of reads from outside",
                CLOCK,
                "alert-4711.json",
            ),
            line("2026-11-22 00:31", "opened", "The on-call engineer finds the bucket readable without sign-in"),
            line("2026-11-22 01:10", "contained", "Public access to the bucket closed", evidence="policy-change.txt"),
            line(
                "2026-11-22 01:47", "aware", "Access logs show downloads of personal data", LEAD, "access-logs.tar.zst"
            ),
            line("2026-11-22 09:30", "note", "All keys used by the export job replaced"),
            line("2026-11-22 13:05", "contact", "Network operator asked by telephone to preserve its records", LEAD),
            line(
                "2026-11-24 15:07",
                "filed",
                "Initial notification filed through the authority's portal",
                DPO,
                "receipt-initial.pdf",
            ),
            line("2026-11-26 10:00", "contact", "The authority asks for the number of people in Austria", DPO),
            line("2026-11-22 12:00", "advice", "Tell the people without waiting for the number of bank accounts.", DPO),
            line("2026-12-10 10:00", "well", "Pager to containment took 39 minutes, at night, by the runbook", LEAD),
            line(
                "2026-12-10 10:01",
                "well",
                "Letters had been approved in three languages before the second day ended",
                LEAD,
            ),
            line("2026-12-10 10:05", "badly", "The first signal lay unread for 39 minutes", LEAD),
            line("2026-12-10 10:06", "badly", "The policy check covered new buckets only", LEAD),
            line(
                "2026-12-10 10:10", "lucky", "Logging of reads had been switched on for another reason in October", LEAD
            ),
            line("2026-12-10 10:15", "cause", "No review is asked for changes of bucket policies", LEAD),
            line(
                "2026-12-10 10:20",
                "action",
                "Refuse public buckets by organisation policy. Owner: platform team. Due: 2027-01-15",
                LEAD,
            ),
            line(
                "2026-12-10 10:21",
                "action",
                "Page on reads from unknown networks. Owner: on-call lead. Due: 2027-01-31",
                LEAD,
            ),
        ),
        people_imported=1204,
        people_list_sha256=digest("people"),
        audit_head=digest("audit"),
        audit_seq=312,
    )


def just_opened() -> CaseFile:
    """Give a case of which hardly anything is known yet."""
    detected = utc("2026-11-20 02:02")
    (owed,) = obligations_from_awareness(FRAME)
    return CaseFile(
        reference="INC-2026-0009",
        codename="quiet-otter",
        title="Suspicious sign-ins to the support desk",
        system=None,
        stage="suspected",
        exercise=False,
        version=1,
        opened_at=detected + timedelta(minutes=11),
        opened_by=ENGINEER,
        occurred_at=None,
        detected_at=detected,
        first_signal_at=None,
        aware_at=None,
        contained_at=None,
        closed_at=None,
        dismissed_because=None,
        lead=None,
        facts=None,
        facts_version=0,
        as_of=detected + timedelta(minutes=15),
        obligations=(
            obligation(
                owed, detected, detected + timedelta(minutes=15), provisional=True, status=DeadlineStatus.PROVISIONAL
            ),
        ),
        audit_head=digest("audit"),
        audit_seq=3,
    )


LATE_REASON = (
    "The storage provider's message of 24 October was acted on after the weekend only; the mailbox had no deputy."
)


def filed_late() -> CaseFile:
    """Give a case whose authority was told 29 hours late, with reasons; still open, over the end of summer time."""
    times = (
        ("2026-11-03T14:05:00+01:00", "2026-10-20T14:05:00+02:00"),
        ("2026-11-22T02:10:00+01:00", "2026-10-24T21:50:00+02:00"),
        ("3 November", "20 October"),
    )
    text = BUCKET
    for before, after in times:
        text = text.replace(before, after)
    facts = facts_of(text)
    aware, filed = utc("2026-10-24 20:30"), utc("2026-10-29 01:30")
    judgement = assess(facts)
    owed = obligations_from_awareness(FRAME)
    now = utc("2026-11-05 10:00")
    return replace(
        just_opened(),
        reference="INC-2026-0004",
        codename="late-lark",
        title="Exports of merchant accounts readable for four days",
        stage="decided",
        opened_at=utc("2026-10-24 20:10"),
        detected_at=utc("2026-10-24 20:00"),
        aware_at=aware,
        facts=facts,
        facts_version=1,
        as_of=now,
        awareness=(
            AwarenessLine(
                aware_at=aware,
                basis="The storage provider's message says so",
                reason=None,
                author=LEAD,
                recorded_at=aware + timedelta(minutes=5),
            ),
        ),
        assessments=(
            AssessmentLine(
                facts_version=1, author=DPO, recorded_at=utc("2026-10-28 22:00"), judgement=as_json(judgement)
            ),
        ),
        decisions=(
            DecisionLine(
                facts_version=1,
                notify_authority=True,
                notify_people=True,
                exception=None,
                because="High risk",
                author=DPO,
                decided_at=utc("2026-10-28 23:00"),
            ),
        ),
        obligations=tuple(
            obligation(each, aware, now, met_at=filed, filings=[filing(filed, late=LATE_REASON)], acknowledged_by=None)
            for each in owed
        ),
    )


def law(name: str) -> Regime:
    """Read a law as it is shipped."""
    return read_regime(
        read_yaml((ROOT / f"config/regimes/{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml"), shipped_ladders()
    )


FDPIC = Recipient(kind=RecipientKind.AUTHORITY, id="CH", name="Federal Data Protection and Information Commissioner")
ICO = Recipient(kind=RecipientKind.AUTHORITY, id="GB", name="Information Commission")


def several_laws() -> CaseFile:
    """Give a case under three laws: the GDPR and the UK's kept in time, the Swiss one filed after our own target."""
    case = filed_late()
    aware, now = utc("2026-10-24 20:30"), case.as_of
    in_time = aware + timedelta(hours=69)
    owed = [(REGIMES[0], AUTHORITY), (law("ch-fadp"), FDPIC), (law("uk-gdpr"), ICO)]
    return replace(
        case,
        reference="INC-2026-0011",
        obligations=tuple(
            obligation(
                DerivedObligation(
                    duty_key=f"{regime.id}/authority-initial/{recipient.id}",
                    recipient=recipient,
                    terms=terms_for(regime, regime.duty("authority-initial"), TARGETS),
                ),
                aware,
                now,
                met_at=in_time,
                filings=[filing(in_time)],
            )
            for regime, recipient in owed
        ),
    )


def dismissed() -> CaseFile:
    """Give a case that turned out to be no personal data breach."""
    case = just_opened()
    ended = utc("2026-11-20 09:00")
    reason = "The sign-ins were those of the quarterly penetration test; no personal data were reached."
    obligations = tuple(replace(each, status=DeadlineStatus.DISMISSED) for each in case.obligations)
    return replace(
        case,
        reference="INC-2026-0010",
        codename="calm-wren",
        stage="dismissed",
        closed_at=ended,
        as_of=ended,
        dismissed_because=reason,
        obligations=obligations,
    )


HOSTILE = (
    '=cmd|" /C calc"!A0 <script>alert(1)</script> | **bold** [x](https://example.org) `code` &lt; {{ 7*7 }} {names}'
)


def hostile() -> CaseFile:
    """Give a case in which every free text tries to be something else."""
    case = exposed_bucket()
    lines = (replace(entry, text=HOSTILE, evidence_name=HOSTILE) for entry in case.timeline)
    return replace(
        case,
        title=HOSTILE,
        codename="\t@SUM(A1)",
        system="+1+1",
        timeline=tuple(lines),
        decisions=tuple(replace(decision, because=HOSTILE, author=HOSTILE) for decision in case.decisions),
        merchants=tuple(replace(merchant, name=HOSTILE) for merchant in case.merchants),
        drafts=tuple(replace(each, subject=HOSTILE, missing=(HOSTILE,)) for each in case.drafts),
    )


@cache
def all_cases() -> dict[str, CaseFile]:
    """Give every case by a name for it."""
    return {
        "bucket": exposed_bucket(),
        "exercise": exposed_bucket(exercise=True),
        "just opened": just_opened(),
        "late": filed_late(),
        "dismissed": dismissed(),
        "several laws": several_laws(),
        "hostile": hostile(),
    }
