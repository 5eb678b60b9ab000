"""The sections that give account: notifications, texts and approvals, the look back, evidence and audit.

Counts come from the record and are never computed anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incidents.case.case_file import CaseFile, DraftLine, LedgerCount, MerchantLine, ObligationFile
from incidents.case.irregularities import irregular_lines
from incidents.case.outstanding import outstanding_elements
from incidents.obligations.recipients import RecipientKind
from notifications.reports.blocks import (
    Cell,
    ReportBlock,
    Section,
    cell,
    heading,
    heads,
    items,
    moment,
    paragraph,
    particulars,
    sha,
    table,
    verbatim,
)
from notifications.reports.sections.clock_ledger import ledger
from notifications.reports.sections.findings import REVIEW
from notifications.reports.texts.timeline import line_text
from notifications.reports.words import ReportWords

SHOWN_MERCHANTS = 25
"""A page can bear this many merchants; the JSON edition has all of them."""


def notifications(case: CaseFile, words: ReportWords) -> Section:
    """Show who was told what and when: authority, people, merchants."""
    blocks = [*_authority(case, words), *_people(case, words), *_merchants(case, words)]
    return {"id": "notifications", "heading": words.say("section.notifications"), "blocks": blocks}


def _authority(case: CaseFile, words: ReportWords) -> Iterator[ReportBlock]:
    yield heading(words.say("heading.authority"))
    names = ("phase", "authority", "filed", "margin", "reference", "complete", "late_because", "by", "receipt")
    columns = heads(words, *names)
    duties = (obligation for obligation in case.obligations if obligation.recipient.kind is RecipientKind.AUTHORITY)
    rows = [row for gaps in duties for row in _filings(gaps, words)]
    if rows:
        yield table(words.say("caption.filings"), columns, rows)
    else:
        yield paragraph(words.say("note.no_filing"), "note")
    gaps = [row for obligation in case.obligations for row in _outstanding(case, obligation, words)]
    if gaps:
        yield table(words.say("caption.outstanding"), heads(words, "authority", "what", "state", "due"), gaps)


def _outstanding(case: CaseFile, obligation: ObligationFile, words: ReportWords) -> Iterator[list[Cell]]:
    for element in outstanding_elements(case, obligation):
        state = words.say("plain.known_by_now" if element.is_known else "plain.unknown_yet")
        yield [cell(obligation.recipient.name), cell(words.term("element", element.element)), cell(state),
               moment(obligation.due_at, words)]  # fmt: skip


def _filings(obligation: ObligationFile, words: ReportWords) -> Iterator[list[Cell]]:
    for filing in obligation.filings:
        after = filing.filed_at > obligation.due_at
        late = after and not obligation.is_own_target
        margin = words.margin(
            words.apart(filing.filed_at, obligation.due_at), after=after, own_target=obligation.is_own_target
        )
        yield [
            cell(words.term("phase", filing.phase)),
            cell(obligation.recipient.name),
            moment(filing.filed_at, words),
            cell(margin, strong=late),
            cell(filing.reference),
            cell(words.say("plain.complete" if filing.complete else "plain.incomplete")),
            cell(filing.late_because or words.say("plain.none")),
            cell(filing.recorded_by),
            sha(filing.receipt_sha256, words),
        ]


def _people(case: CaseFile, words: ReportWords) -> Iterator[ReportBlock]:
    yield heading(words.say("heading.people"))
    yield paragraph(words.say("note.imported", count=case.people_imported))
    counts = [count for count in case.ledger if count.kind == "people"]
    yield _counts(counts, words, "caption.people_ledger") if counts else paragraph(words.say("note.no_people"), "note")


def _counts(counts: list[LedgerCount], words: ReportWords, caption: str) -> ReportBlock:
    # Columns for the states that occur and for no others: an empty column "bounced" would look like a claim.
    states = list(dict.fromkeys(state for count in counts for state in count.states))
    columns = [*heads(words, "language", "messages"), *(words.term("delivery", state) for state in states)]
    rows = [
        [
            cell(words.term("language", count.language)),
            cell(words.number(count.total), strong=True),
            *(cell(words.number(count.states.get(state, 0))) for state in states),
            moment(count.first_sent_at, words),
            moment(count.last_sent_at, words),
        ]
        for count in counts
    ]
    return table(words.say(caption), [*columns, *heads(words, "first_sent", "last_sent")], rows)


def _merchants(case: CaseFile, words: ReportWords) -> Iterator[ReportBlock]:
    yield heading(words.say("heading.merchants"))
    if not case.merchants:
        yield paragraph(words.say("note.no_merchants"), "note")
        return
    sent = sum(1 for merchant in case.merchants if merchant.sent_at)
    yield paragraph(words.say("note.merchants", count=len(case.merchants), told=sent))
    counts = [count for count in case.ledger if count.kind == "controllers"]
    if counts:
        yield _counts(counts, words, "caption.merchants_ledger")
    # Those with most people first, unknown figures as the fewest; the name keeps the order the same every time.
    shown = sorted(case.merchants, key=lambda merchant: (-(merchant.people or 0), merchant.name))[:SHOWN_MERCHANTS]
    columns = heads(words, "merchant", "people", "records", "data", "contract", "state", "sent")
    yield table(words.say("caption.merchants"), columns, (_merchant(merchant, words) for merchant in shown))
    if len(shown) < len(case.merchants):
        yield paragraph(words.say("note.more_merchants", shown=len(shown), total=len(case.merchants)), "note")


def _merchant(line: MerchantLine, words: ReportWords) -> list[Cell]:
    unknown = words.say("plain.not_known")
    hours = line.contract_hours
    return [
        cell(line.name, note=line.id),
        cell(unknown if line.people is None else words.number(line.people), strong=True),
        cell(unknown if line.records is None else words.number(line.records)),
        cell(words.terms("data", line.kinds)),
        cell(words.say("plain.none") if hours is None else words.say("plain.hours", count=hours)),
        cell(words.term("delivery", line.state)),
        moment(line.sent_at, words),
    ]


def approvals(case: CaseFile, words: ReportWords) -> Section:
    """Show every version of every text, its hash, its author and who approved it; those that went out word for word."""
    columns = heads(words, "draft", "text", "hash", "written", "approved")
    # A case that was put together without its versions has the newest ones at least.
    versions = case.versions or case.drafts
    rows = [_draft(draft, words, lifted=case.is_lifted(draft.kind)) for draft in versions]
    blocks = [table(words.say("caption.approvals"), columns, rows, name="hashes")] if rows else []
    blocks = [*_irregular(case, words), *(blocks or [paragraph(words.say("note.no_drafts"), "note")])]
    blocks += _went_out(case, versions, words)
    return {"id": "approvals", "heading": words.say("section.approvals"), "blocks": blocks}


def _irregular(case: CaseFile, words: ReportWords) -> list[ReportBlock]:
    lines = [f"{line_text(line, words) or line.text} ({line.author})" for line in irregular_lines(case)]
    if not lines:
        return []
    return [heading(words.say("heading.irregularities")), *(paragraph(line, "warning") for line in lines)]


def _went_out(case: CaseFile, versions: Iterable[DraftLine], words: ReportWords) -> list[ReportBlock]:
    """Give the words of each text that was sent or filed: what an authority or a person was told can be read here."""
    used = [draft for draft in versions if is_out(case, draft)]
    if not used:
        return []
    blocks = [heading(words.say("heading.went_out"))]
    for draft in used:
        what = words.say(
            "note.went_out",
            what=words.term("draft", draft.kind),
            language=words.term("language", draft.language),
            version=draft.version,
            sha=draft.sha256,
        )
        blocks.append(paragraph(what, "recorded"))
        # The mail addresses in it are our own: who got it stands in no text.
        blocks.append(verbatim(f"{draft.subject}\n\n{draft.text}"))
    return blocks


def is_out(case: CaseFile, draft: DraftLine) -> bool:
    """Whether a version was sent as letters or filed with an authority."""
    filed = (filing.text_filed for obligation in case.obligations for filing in obligation.filings)
    return draft.was_sent or any(text is not None and text["sha256"] == draft.sha256 for text in filed)


def _draft(draft: DraftLine, words: ReportWords, *, lifted: bool) -> list[Cell]:
    kind = f"{words.term('draft', draft.kind)}, {words.term('language', draft.language)}"
    gaps = [words.say("note.missing", what=words.terms("element", draft.missing))] if draft.missing else []
    gaps += [words.say("note.will_follow", what=words.terms("element", draft.will_follow))] if draft.will_follow else []
    approved = moment(draft.approved_at, words, otherwise="plain.not_needed" if lifted else "plain.not_approved")
    # Past four eyes it is said before the reasons: they alone would read like any remark.
    alone = words.say("plain.approved_alone") if draft.approval_note else None
    signed = [str(part) for part in (approved["note"], draft.approved_by, alone, draft.approval_note) if part]
    written = moment(draft.created_at, words)
    return [
        cell(kind, note=words.say("note.draft", version=draft.version, count=draft.recipients)),
        cell(draft.subject, note=" ".join(gaps) or None),
        sha(draft.sha256, words, whole=True),
        {**written, "note": f"{written['note']} {draft.author}"},
        {**approved, "note": " \u2013 ".join(signed) or None},
    ]


def review(case: CaseFile, words: ReportWords) -> Section:
    """Show what was learnt; where nobody has written it yet, say so and how to."""
    blocks: list[ReportBlock] = []
    for kind in REVIEW:
        entries = [entry.text for entry in case.timeline if entry.kind == kind]
        command = f'tocsin log {case.reference} --kind {kind} "\u2026"'
        blocks.append(heading(words.say(f"review.{kind}")))
        blocks += list(_cause(case, words)) if kind == "cause" else []
        blocks.append(items(entries) if entries else paragraph(words.say("note.not_written", command=command), "note"))
    return {"id": "review", "heading": words.say("section.review"), "blocks": blocks}


def _cause(case: CaseFile, words: ReportWords) -> Iterator[ReportBlock]:
    if case.facts:
        cause = case.facts.cause
        nature, actor = words.term("nature", cause.nature), words.term("actor", cause.actor)
        malicious = words.term("known", cause.malicious)
        yield paragraph(words.say("note.cause", nature=nature, actor=actor, malicious=malicious))
        if cause.detail:
            yield paragraph(cause.detail, "recorded")


def proof(case: CaseFile, words: ReportWords) -> Section:
    """Show the hashes of everything that proves this report, and the head of the audit chain."""
    rows = list(_kept(case, words))
    columns = heads(words, "file", "recorded", "hash")
    blocks = [table(words.say("caption.evidence"), columns, rows, name="hashes")] if rows else []
    entries = list(_entries(case, words))
    columns = heads(words, "event", "actual", "hash")
    blocks += [table(words.say("caption.audit_entries"), columns, entries, name="hashes")] if entries else []
    head = sha(case.audit_head, words, whole=True)
    chain = [(words.say("fact.audit_head"), head), (words.say("fact.audit_seq"), cell(words.number(case.audit_seq)))]
    blocks += [particulars(words.say("caption.audit"), chain), paragraph(words.say("note.audit"), "note")]
    return {"id": "proof", "heading": words.say("section.proof"), "blocks": blocks}


def _kept(case: CaseFile, words: ReportWords) -> Iterator[list[Cell]]:
    """One row for each file: evidence of the timeline, receipts that stand nowhere else, the list of people."""
    # One file may prove several lines of the timeline and be the receipt of a filing: it is listed once, by its hash.
    shown = set()
    for line in case.timeline:
        if line.evidence_sha256 and line.evidence_sha256 not in shown:
            shown.add(line.evidence_sha256)
            name = cell(line.evidence_name or line.text)
            yield [name, moment(line.recorded_at, words), sha(line.evidence_sha256, words, whole=True)]
    for filing in (line for obligation in case.obligations for line in obligation.filings):
        if filing.receipt_sha256 and filing.receipt_sha256 not in shown:
            name = cell(words.say("plain.receipt", reference=filing.reference))
            yield [name, moment(filing.recorded_at, words), sha(filing.receipt_sha256, words, whole=True)]
    if case.people_list_sha256:
        name = cell(words.say("plain.people_list", count=case.people_imported))
        yield [name, cell(words.say("plain.none")), sha(case.people_list_sha256, words, whole=True)]


def _entries(case: CaseFile, words: ReportWords) -> Iterator[list[Cell]]:
    """One row for each event of the event ledger that the audit chain recorded."""
    for row in ledger(case):
        if row.audit_sha256:
            event = words.say(f"event.{row.event}", version=row.number)
            yield [cell(event), moment(row.actual_at, words), sha(row.audit_sha256, words, whole=True)]
