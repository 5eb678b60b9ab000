"""Before anything goes out: what a send would do, and one copy of each text to an address of one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flows.cli import output

if TYPE_CHECKING:
    from flows.cli.context import CommandContext
    from incidents.queries.send_preview import TrialTexts
    from incidents.storage.tables.communication import Draft
    from notifications.delivery.channel import Letter


def dry_run(ctx: CommandContext, reference: str, kind: str) -> None:
    """Say what would be sent to how many, or which step is missing; nothing is sent or stored.

    Raises:
        RefusedError: what `send` itself would refuse.

    """
    from incidents.queries import send_preview

    with ctx.app.store.read() as session:
        preview = send_preview.send_preview(ctx.app.use_cases, session, ctx.actor, ctx.now, reference, kind)
    total = preview.recipients
    would: dict[str, Any] = {
        "ref": preview.reference,
        "kind": kind,
        "recipients": total,
        "drafts": preview.drafts,
        "confirm": f"{preview.reference}:{total}",
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
    from incidents.kernel.errors import InvalidInputError, NotFoundError
    from incidents.queries.send_preview import trial_texts
    from notifications.delivery.preflight import is_address

    if not is_address(address):
        message = "--test-to takes one plain address"
        raise InvalidInputError(message)
    with ctx.app.store.read() as session:
        trial = trial_texts(session, ctx.actor, reference, kind)
    if not trial.drafts:
        message = f"no draft for {kind} is ready yet: tocsin drafts {trial.reference}"
        raise NotFoundError(message)
    # One call carries one text, so each language travels alone.
    for draft in trial.drafts:
        # Past the outbox on purpose: it writes to the ledger, which must hold letters to those who are affected only.
        ctx.app.channels.mail.send([_letter(ctx, trial, draft, address)])
    _note(ctx, trial.reference, kind, len(trial.drafts))


def _letter(ctx: CommandContext, trial: TrialTexts, draft: Draft, address: str) -> Letter:
    from incidents.casework.communication.drafts import name_of
    from notifications.delivery.channel import Letter

    subject, text, html = _text_of(ctx, trial, draft)
    return Letter(
        # With the time in it: the outbox folder names files by key, and a second test must not overwrite the first.
        key=f"{trial.reference}/test/{name_of(draft)}/{draft.sha256[:12]}/{int(ctx.now.timestamp())}",
        to=address,
        # In the subject, so that nobody takes a copy that is forwarded for the real letter.
        subject=f"[TEST] {subject}",
        text=text,
        html=html,
        language=draft.language,
        kind=draft.kind,
        exercise=trial.exercise,
    )


def _text_of(ctx: CommandContext, trial: TrialTexts, draft: Draft) -> tuple[str, str, str | None]:
    """Give the text of a draft; a merchants' notice with the figures of the first merchant on the list."""
    from notifications.delivery.address_book import Address, figures_of

    personalise, merchant = ctx.app.outbox.personalise, trial.merchant
    if draft.kind != "controllers" or personalise is None or merchant is None:
        return draft.subject, draft.text, draft.html
    return personalise(draft, Address(email="", name=merchant.name, figures=figures_of(merchant)))


def _note(ctx: CommandContext, reference: str, kind: str, copies: int) -> None:
    """Keep on the timeline that a test went out, and not to whom."""
    from incidents.casework.case import timeline

    languages = f"{copies} language{'s' if copies != 1 else ''}"
    text = f"Test letter sent ({kind}, {languages}) to an address of our own"
    done = timeline.log(ctx.use_cases(), ctx.actor, ctx.now, reference, text)
    # What was done here is the sending; the line on the timeline only keeps it.
    sent = f"test letter sent in {languages} to the address given, and to nobody on the list"
    ctx.changed(replace(done, changed=(sent, *done.changed)), copies=copies)
