"""Commands from facts to a person's decision: assess, decide, and advise, which needs no case and no database."""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options, output, service_status
from flows.cli.context import CommandContext, command_context
from flows.cli.files import LARGEST_DOCUMENT, read_text

if TYPE_CHECKING:
    from incidents.assessment.proposal import ProposedAssessment
    from incidents.facts.breach import Facts
    from incidents.obligations.derivation import DerivedObligation, LegalContext
    from incidents.obligations.disabled_laws import DisabledLaws

app = options.commands()

ScopeFile = Annotated[
    Path, typer.Option("--file", metavar="FILE", help="A scope file (tocsin scope template); - reads stdin.")
]


class AnswerOption(StrEnum):
    """Whether somebody is told."""

    NOTIFY = "notify"
    NOT_REQUIRED = "not-required"


class Ground(StrEnum):
    """The grounds of Art. 34(3) GDPR."""

    PROTECTED = "34-3-a"
    AVERTED = "34-3-b"
    DISPROPORTIONATE = "34-3-c"


@app.command()
def assess(
    reference: options.Reference,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A scope file; without one the last is judged again.")
    ] = None,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record what is known; get a score and a proposal with reasons."""
    with command_context(as_json=as_json) as ctx:
        from incidents.assessment.proposal import as_json as judged
        from incidents.casework.case import assess_and_decide

        facts = _read(file) if file is not None else None
        done, judgement = assess_and_decide.record_facts(
            ctx.use_cases(), ctx.actor, ctx.now, reference, facts, expected_version=expect_version
        )
        if not as_json:
            from flows.cli.views import assessment
            from incidents.obligations import derivation

            case = ctx.case(reference)
            # Read again after the change: without --file the facts are those on record.
            assessment.show(judgement, [data_set.name for data_set in case.facts.data_sets] if case.facts else [])
            if case.facts is not None:
                frame = ctx.app.frame(case.aware_at or ctx.now)
                assessment.show_possible(derivation.possible(frame, case.facts))
                assessment.show_switched_off(_switched_off(ctx, case.facts))
            output.print_out()
        ctx.changed(done, **(judged(judgement) if as_json else {}))


@app.command()
def decide(
    reference: options.Reference,
    authority: Annotated[
        AnswerOption, typer.Option("--authority", help="Whether the authority is notified (Art. 33).")
    ],
    people: Annotated[AnswerOption, typer.Option("--people", help="Whether the affected people are told (Art. 34).")],
    because: options.Because,
    exception: Annotated[
        Ground | None, typer.Option("--exception", help="Ground of Art. 34(3); 34-3-c may go with --people notify.")
    ] = None,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record what a person decided: whom to notify, and why."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.base import decision
        from incidents.casework.case import assess_and_decide

        risk_decision = decision.RiskDecision(
            notify_authority=authority is AnswerOption.NOTIFY,
            notify_people=people is AnswerOption.NOTIFY,
            because=because,
            exception=exception.value if exception else None,
        )
        done = assess_and_decide.decide(
            ctx.use_cases(), ctx.actor, ctx.now, reference, risk_decision, expected_version=expect_version
        )
        ctx.changed(done)
        service_status.tell_if_nobody_responds(ctx, done.reference, "prepares the drafts")


@app.command()
def advise(file: ScopeFile, as_json: options.AsJson = False) -> None:
    """Judge a scope file without any case; nothing is stored."""
    with command_context(as_json=as_json) as ctx:
        from flows.cli.views import assessment
        from incidents.assessment.proposal import as_json as judged
        from incidents.assessment.proposal import assess as judge
        from incidents.obligations import derivation

        facts = _read(file)
        judgement = judge(facts)
        frame = ctx.app.frame(ctx.now)
        obligations, possible = _obligations(frame, facts, judgement), derivation.possible(frame, facts)
        off = _switched_off(ctx, facts)
        if as_json:
            more = {
                "obligations": [_obligation(obligation) for obligation in obligations],
                "possible_regimes": [{"regime": law.regime.id, "find_out": list(law.because)} for law in possible],
                "switched_off": dataclasses.asdict(off) if off else None,
            }
            output.answer({**judged(judgement), **more})
            return
        assessment.show(judgement, [data_set.name for data_set in facts.data_sets])
        assessment.show_obligations(obligations, {regime.id: regime.name for regime in frame.regimes})
        assessment.show_possible(possible)
        assessment.show_switched_off(off)


def _switched_off(ctx: CommandContext, facts: Facts) -> DisabledLaws | None:
    """Find the laws that are off and protect people of this breach; all files are read only where one may."""
    from incidents.kernel.yaml_documents import DocumentError
    from incidents.law.reading import RegimeError
    from incidents.obligations import disabled_laws

    app = ctx.app
    on = app.frame(ctx.now).regimes
    if not disabled_laws.uncovered(on, facts):
        return None
    day = ctx.now.astimezone(app.organisation.time_zone).date()
    try:
        every = app.all_regimes
    except (RegimeError, DocumentError) as error:
        # A file of a law that is off must not stop a judgement; `tocsin doctor` says the same.
        output.notice(f"which laws that are off may matter cannot be said: {error}")
        return None
    return disabled_laws.switched_off(every, app.regimes, facts, app.organisation.sectors, day)


def _read(file: Path) -> Facts:
    from incidents.facts.breach import read_facts
    from incidents.kernel.yaml_documents import read_yaml

    return read_facts(read_yaml(read_text(file, LARGEST_DOCUMENT), str(file) if str(file) != "-" else "standard input"))


def _obligations(frame: LegalContext, facts: Facts, judgement: ProposedAssessment) -> tuple[DerivedObligation, ...]:
    """What these facts make owed today, and what a first filing would start."""
    from incidents.casework.deadlines.events import FILED_AS
    from incidents.obligations.derivation import obligations_after, obligations_from_facts

    obligations = obligations_from_facts(frame, facts, judgement)
    filed = dict.fromkeys(
        (obligation.terms.regime, obligation.terms.duty)
        for obligation in obligations
        if obligation.terms.duty in FILED_AS
    )
    # `outstanding=True`: what a first filing leaves open is owed next, and an adviser must hear of it now.
    later = [
        more
        for regime, duty in filed
        for event in FILED_AS[duty]
        for more in obligations_after(frame, event, regime, facts, judgement, outstanding=True)
    ]
    return (*obligations, *later)


def _obligation(obligation: DerivedObligation) -> dict[str, Any]:
    terms = obligation.terms
    return {
        "regime": terms.regime,
        "duty": terms.duty,
        "title": terms.title,
        "recipient": obligation.recipient.id,
        "recipient_name": obligation.recipient.name,
        "due_rule": terms.rule,
        "due_kind": terms.due_kind.value,
        "start": obligation.start.value,
        "citation": {"article": terms.citation.article, "text": terms.citation.text, "url": terms.citation.url},
    }
