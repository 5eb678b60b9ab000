"""Before anything goes out: what a send would do, and one copy of each text to an address of one's own.

Knows how to show and to try; refuses to write to anybody on a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.cli import output

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.cli.context import CommandContext
    from incidents.storage.tables.case import Incident
    from incidents.storage.tables.communication import Draft
    from notifications.delivery.channel import Letter


def dry_run(ctx: CommandContext, reference: str, kind: str) -> None:
    """Say what would be sent to how many, or which step is missing; nothing is sent or stored.

    Raises:
        RefusedError: what `send` itself would refuse.

    """
    from incidents.case.lifecycle import Verb
    from incidents.casework.base.find import find
    from incidents.casework.base.unit_of_work import UnitOfWork, demand_role
    from incidents.casework.communication.drafts import name_of
    from incidents.casework.communication.send import approved_drafts

    with ctx.app.store.read() as session:
        incident = find(session, reference)
        demand_role(ctx.actor, Verb.SEND, incident)
        uow = UnitOfWork(session=session, incident=incident, actor=ctx.actor, now=ctx.now)
        drafts = approved_drafts(uow, kind)
        total = sum(draft.recipients for draft in drafts.values())
        would: dict[str, Any] = {
            "ref": incident.reference,
            "kind": kind,
            "recipients": total,
            "drafts": {name_of(draft): draft.recipients for draft in drafts.values()},
            "confirm": f"{incident.reference}:{total}",
        }
    if ctx.as_json:
        output.answer(would)
        return
    output.print_out(f"{would['ref']}: {output.many(total, 'letter')} would be sent ({kind}); nothing was sent now")
    for name, count in would["drafts"].items():
        output.print_out(f"  {name}: {count}")
    output.print_out(f"Next: tocsin send {would['ref']} {kind} --confirm {would['confirm']}")


def send_test(ctx: CommandContext, reference: str, kind: str, address: str) -> None:
    """Send one copy of each language's newest draft to an address of one's own, marked as a test.

    Raises:
        InvalidInputError: not one plain address.
        NotFoundError: no draft is ready.

    """
    from incidents.case.lifecycle import Verb
    from incidents.casework.base.find import find
    from incidents.casework.base.unit_of_work import demand_role
    from incidents.kernel.errors import InvalidInputError, NotFoundError
    from notifications.delivery.preflight import is_address

    if not is_address(address):
        message = "--test-to takes one plain address"
        raise InvalidInputError(message)
    with ctx.app.store.read() as session:
        incident = find(session, reference)
        demand_role(ctx.actor, Verb.SEND, incident)
        letters = [
            _letter(ctx, session, incident, draft, address)
            for draft in _drafts(session, incident)
            if draft.kind == kind
        ]
    if not letters:
        message = f"no draft for {kind} is ready yet: tocsin drafts {incident.reference}"
        raise NotFoundError(message)
    # One call carries one text, so each language travels alone.
    for letter in letters:
        ctx.app.channels.mail.send([letter])
    _note(ctx, incident.reference, kind, len(letters))


def _drafts(session: Session, incident: Incident) -> list[Draft]:
    from incidents.casework.base.find import number
    from incidents.casework.communication.drafts import newest

    return list(newest(session, number(incident.id)).values())


def _letter(ctx: CommandContext, session: Session, incident: Incident, draft: Draft, address: str) -> Letter:
    from incidents.casework.communication.drafts import name_of
    from notifications.delivery.channel import Letter

    subject, text, html = _words(ctx, session, incident, draft)
    return Letter(
        key=f"{incident.reference}/test/{name_of(draft)}/{draft.sha256[:12]}/{int(ctx.now.timestamp())}",
        to=address,
        subject=f"[TEST] {subject}",
        text=text,
        html=html,
        language=draft.language,
        kind=draft.kind,
        exercise=incident.exercise,
    )


def _words(ctx: CommandContext, session: Session, incident: Incident, draft: Draft) -> tuple[str, str, str | None]:
    """The words of a draft; a merchants' notice with the figures of the first merchant on the list."""
    from sqlmodel import select

    from incidents.storage.tables.communication import MerchantRow
    from notifications.delivery.address_book import Address, figures_of

    personalise = ctx.app.outbox.personalise
    merchant = session.exec(select(MerchantRow).where(MerchantRow.incident_id == incident.id).limit(1)).first()
    if draft.kind != "controllers" or personalise is None or merchant is None:
        return draft.subject, draft.text, draft.html
    return personalise(draft, Address(email="", name=merchant.name, figures=figures_of(merchant)))


def _note(ctx: CommandContext, reference: str, kind: str, copies: int) -> None:
    """Keep on the timeline that a test went out, and not to whom."""
    from incidents.casework.case import timeline

    text = f"Test letter sent ({kind}, {copies} languages) to an address of our own"
    ctx.changed(timeline.log(ctx.use_cases(), ctx.actor, ctx.now, reference, text), copies=copies)
