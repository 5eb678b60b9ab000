"""A proposed assessment and what it makes owed, as `advise` and `assess` print them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from flows.cli import output

if TYPE_CHECKING:
    from incidents.assessment.proposal import ProposedAssessment
    from incidents.obligations.derivation import DerivedObligation, PossibleLaw
    from incidents.obligations.disabled_laws import DisabledLaws


def show(judgement: ProposedAssessment, data_sets: Sequence[str]) -> None:
    """Write the proposal with its reasons; what decided comes before what was merely noted."""
    scored = judgement.severity
    yes_no = {True: "yes", False: "no"}
    ground = f" (exception: Art. {judgement.exception})" if judgement.exception else ""
    output.print_out(f"Proposed: {judgement.risk.value.upper()} (the decision is a person's)")
    output.print_out(f"  notify the authority: {yes_no[judgement.notify_authority]}")
    output.print_out(f"  tell the people:      {yes_no[judgement.notify_people]}{ground}")
    output.print_out(f"  ENISA score:          {scored.score} {scored.band.value.replace('_', ' ')}"
            f" = context {scored.dpc} × ease of identification {scored.ei} + circumstances {scored.cb}")  # fmt: skip
    for flag in scored.flags:
        output.print_out(f"  flag beside it:       {flag.replace('_', ' ')}")
    output.print_out("Reasons:")
    # By sentence: a reason that is given for several data sets has one source.
    sources: dict[str, str] = {reason.because: f"[{reason.effect}] {reason.source}" for reason in judgement.reasons}
    for text, sources_of in _together([reason.because for reason in judgement.reasons], data_sets):
        output.print_out(output.wrapped(text, first="  - ", rest="    "))
        output.print_out(output.wrapped(sources[sources_of], first="    "))
    if judgement.unknowns:
        output.print_out("Find out next:")
        for text, _ in _together(judgement.unknowns, data_sets):
            output.print_out(output.wrapped(text, first="  ? ", rest="    "))


def show_obligations(obligations: Sequence[DerivedObligation], laws: Mapping[str, str]) -> None:
    """Write what is owed, by law in their order; *laws* gives each its name."""
    output.print_out("\nOwed:" if obligations else "\nNothing is owed but the entry in the register (Art. 33(5) GDPR).")
    # Sorted before `groupby`, which only joins neighbours; the order is that of the organisation's file.
    place = {law: index for index, law in enumerate(laws)}
    for law, duties in groupby(
        sorted(obligations, key=lambda obligation: place[obligation.terms.regime]),
        lambda obligation: obligation.terms.regime,
    ):
        of_law = list(duties)
        output.print_out(output.wrapped(f"{laws[law]} ({law})", first="  ", rest="    "))
        if any(obligation.terms.unverified for obligation in of_law):
            output.print_out("    ! unverified: compare our reading of this law with its text")
        for obligation in of_law:
            output.print_out(
                output.wrapped(f"{obligation.terms.title} → {obligation.recipient.name}", first="    - ", rest="      ")
            )
            output.print_out(
                output.wrapped(f"{obligation.terms.rule} ({obligation.terms.citation.article})", first="      ")
            )


def show_possible(possible: Sequence[PossibleLaw]) -> None:
    """Write which laws may apply too, those for which the same is to be found out together."""
    if not possible:
        return
    output.print_out("\nMay apply too, once it is known:")
    laws_by_question: dict[str, list[str]] = {}
    for maybe in possible:
        # As obligations/applicability words it: "where people live: some may live in California". The question is asked
        # once for all laws that wait for its answer.
        asked, _, where = maybe.because[0].partition(": some may live in ")
        laws_by_question.setdefault(asked, []).append(f"{maybe.regime.id} ({where})" if where else maybe.regime.id)
    for asked, laws in laws_by_question.items():
        output.print_out(output.wrapped(f"{asked}: {', '.join(laws)}", first="  ? ", rest="    "))


def _together(lines: Iterable[str], data_sets: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Say a line that is the same for several data sets once, naming them; with it, the first of these lines."""
    sets: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    # The longest name first: one may begin with another.
    names = sorted(data_sets, key=len, reverse=True)
    for line in lines:
        name = next((duty_name for duty_name in names if line.startswith(f"{duty_name}: ")), "")
        rest = line.removeprefix(f"{name}: ") if name else line
        first.setdefault(rest, line)
        sets.setdefault(rest, []).extend([name] if name else [])
    for rest, named in sets.items():
        # With one data set its name says more than "every".
        every = len(named) > 1 and len(named) == len(data_sets)
        who = "every data set" if every else ", ".join(named)
        yield (f"{who}: {rest}" if who else rest), first[rest]


def show_switched_off(off: DisabledLaws | None) -> None:
    """Say which laws that are switched off protect people of this breach."""
    if off is not None:
        output.print_out(f"\n{output.wrapped(off.text)}")
