"""The part of the documentation that code can write: tables and diagrams printed from the code's own tables.

``python -m flows.reference_docs`` writes ``docs/reference``; a test holds the pages to the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from config.organisation import DEFAULT_REGIMES
from flows.cli.command_rights import RIGHTS
from flows.cli.command_table import SECTIONS
from flows.error_codes import Exit
from flows.reference import regime_files
from flows.reference.requirements import REQUIREMENTS, requirements_of
from incidents.assessment import enisa_tables as enisa
from incidents.assessment.factors import GROUPS
from incidents.assessment.harms import DISCLOSURE, SCALE
from incidents.audit import kinds
from incidents.case import lifecycle, message_machine
from incidents.deadlines import state_machine
from incidents.facts.data_kinds import KINDS, Category, Sensitivity
from incidents.law.model import AFTER, Duty, Regime, UrlOf

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
_NOTE = "<!-- Written by `python -m flows.reference_docs`; do not edit. -->"


def deadline_machine() -> Iterator[str]:
    """The deadline machine: diagram and table of moves (status.MOVES)."""
    yield "# The deadline, a state machine"
    yield ""
    yield "Where an obligation stands is computed from stored facts and the time; nothing about it is remembered."
    yield "Every move is recorded once, with the time it was due and the time it was noticed. Generated from"
    yield "`incidents/deadlines/state_machine.py`."
    yield ""
    yield from _diagram(state_machine.mermaid())
    yield "| from | cause | to |"
    yield "|---|---|---|"
    for move in state_machine.MOVES:
        yield f"| {move.from_standing} | {move.cause} | {move.to_standing} |"
    yield ""
    yield "At the due time itself an obligation is not yet overdue; one microsecond later it is. Lateness has no way"
    yield "out: the first filing freezes it."


def message_states() -> Iterator[str]:
    """The message machine: diagram, states and table of moves (message_machine.MOVES)."""
    yield "# The message, a state machine"
    yield ""
    yield "Where a letter or an alert stands between its order and the mailbox. A move that is not in the table does"
    yield "not happen: the code refuses it, every UPDATE names the states it may lead out of, and a trigger in the"
    yield "database refuses it whoever asks. No workflow causes the moves by a delivery receipt yet (deferred,"
    yield "delivered, bounced, dropped, spam reported), nor *found sent*. Generated from"
    yield "`incidents/case/message_machine.py`."
    yield ""
    yield from _diagram(message_machine.mermaid())
    yield "| state | is settled | counts as |"
    yield "|---|---|---|"
    for state in message_machine.MessageState:
        yield f"| {state} | {'yes' if state in message_machine.SETTLED else 'no'} | {_counts_as(state)} |"
    yield from _table("## Every move", ("from", "event", "to", "why"))
    for move in message_machine.MOVES:
        yield f"| {move.from_state} | {move.event} | {move.to_state} | {move.why} |"


def _counts_as(state: message_machine.MessageState) -> str:
    if state in message_machine.WENT_OUT:
        return "went out"
    return "came back" if state in message_machine.CAME_BACK else ""


def stages() -> Iterator[str]:
    """The stages of a case: diagram and table of verbs (lifecycle.RULES)."""
    yield "# The stages of a case"
    yield ""
    yield "Which step may follow which, and who may take it. Generated from `incidents/case/lifecycle.py`."
    yield ""
    yield from _diagram(lifecycle.mermaid())
    yield lifecycle.table()


def commands() -> Iterator[str]:
    """The commands and exit codes."""
    yield "# Commands"
    yield ""
    yield "`tocsin COMMAND --help` shows the arguments of each. Generated from `flows/cli/command_table.py` and"
    yield "`flows/error_codes.py`."
    for title, lines in SECTIONS.items():
        yield ""
        yield f"## {title}"
        yield ""
        yield "| command | does |"
        yield "|---|---|"
        for name, _, does in lines:
            yield f"| `tocsin {name}` | {does} |"
    yield ""
    yield "## Who may run it"
    yield ""
    yield "With a token, these roles; without one, the machine's user where it says so. A token that is not good runs"
    yield "nothing. Generated from `flows/cli/command_rights.py`."
    yield ""
    yield "| command | roles | without a token |"
    yield "|---|---|---|"
    for path, right in sorted(RIGHTS.items()):
        roles = ", ".join(role for role in lifecycle.PersonRole if role in right.roles)
        yield f"| `tocsin {path}` | {roles or 'none'} | {'yes' if right.machine else 'no'} |"
    yield ""
    yield "## Exit codes"
    yield ""
    yield "| code | means |"
    yield "|---|---|"
    for code in Exit:
        yield f"| {int(code)} | {code.name.lower().replace('_', ' ')} |"


def audit_entries() -> Iterator[str]:
    """The kinds of audit entry and what each carries."""
    yield "# Audit entries"
    yield ""
    yield "Each kind of entry has exactly these keys, and `rows` where it vouches for rows that are only ever added."
    yield "No address, no name of an affected person and no secret is in any of them. Generated from"
    yield "`incidents/audit/kinds.py`."
    yield ""
    yield "| kind | keys |"
    yield "|---|---|"
    for kind, keys in kinds.KINDS.items():
        yield f"| `{kind}` | {', '.join(f'`{key}`' for key in sorted(keys))} |"


def judgement() -> Iterator[str]:
    """How facts become a proposal: every factor, the table of disclosure, the kinds of data, ENISA's tables."""
    yield "# The judgement"
    yield ""
    yield "Facts become a proposal in named steps; a person decides. Every reason in a proposal is one of"
    yield "these factors. What is unknown is read the cautious way. The worst way of harm is the risk of a data set,"
    yield "the worst data set is the risk of the breach."
    yield "Generated from `incidents/assessment/factors.py`, `incidents/assessment/harms.py`,"
    yield "`incidents/facts/data_kinds.py` and `incidents/assessment/enisa_tables.py`."
    for title, factors in GROUPS.items():
        yield from _table(f"## {title}", ("factor", "effect", "speaks of", "source"))
        for name, factor in factors.items():
            yield f"| `{name}` | {factor.effect} | {factor.speaks_of} | {factor.source} |"
    yield from _table("## The risk of disclosure", ("exposure", *(level.name.lower() for level in Sensitivity)))
    for exposed, risks in DISCLOSURE.items():
        cells = []
        for level, risk in zip(Sensitivity, risks, strict=True):
            above, then = SCALE.get((exposed, level), (0, risk))
            more = f"; {then} above {above:,} people or an unknown number" if then is not risk else ""
            cells.append(f"{risk}{more}")
        yield f"| {exposed} | {' | '.join(cells)} |"
    yield from _table("## The kinds of data", ("sensitivity", "kinds"))
    for level in Sensitivity:
        slugs = ", ".join(f"`{kind.slug}`" for kind in KINDS.values() if kind.sensitivity is level)
        yield f"| {level.name.lower()} | {slugs} |"
    yield ""
    yield "Other words for a kind, plurals and national names of numbers are understood"
    yield "(`incidents/facts/data_kind_aliases.py`)."
    yield "A word that nobody has described counts as *serious*, and as *grave* where a grave word is part of it."
    yield from _enisa()


def _enisa() -> Iterator[str]:
    """The tables of the severity methodology; SE = DPC x EI + CB."""
    yield ""
    yield "## ENISA's severity score"
    yield ""
    yield "Context x ease of identification + circumstances. The band is an indication beside the verdict and sets"
    yield "no duty; where they differ, the proposal says why. More than 100 people and unintelligible data are flags"
    yield "beside the number, never inside it."
    yield from _table("### Data processing context", ("category", "basic score", *map(str, (1, 2, 3, 4))))
    for category in Category:
        yield f"| {category} | {category.basic_score} | {' | '.join(enisa.CONTEXT[category].values())} |"
    yield from _table(
        "### Ease of identification", ("identifier", *(f"{points} ({level})" for level, points in enisa.EASE.items()))
    )
    for identifier, cells_of in enisa.IDENTIFIERS.items():
        yield f"| {identifier} | {' | '.join(cells_of.get(level, '-') for level in enisa.EASE)} |"
    yield from _table("### Circumstances, added", ("element", *map(str, enisa.CONFIDENTIALITY)))
    for element, points_of in (
        ("confidentiality", enisa.CONFIDENTIALITY),
        ("integrity", enisa.INTEGRITY),
        ("availability", enisa.AVAILABILITY),
        ("malicious intent", enisa.INTENT),
    ):
        yield f"| {element} | {' | '.join(points_of.get(points, '-') for points in enisa.CONFIDENTIALITY)} |"
    yield from _table("### Bands", ("band", "means"))
    for band, means in enisa.CONSEQUENCES.items():
        yield f"| {band.replace('_', ' ')} | {means} |"


def _table(heading: str, columns: tuple[str, ...]) -> Iterator[str]:
    yield ""
    yield heading
    yield ""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"


def law() -> Iterator[str]:
    """Every regime there is a file of: a table of them all, then each duty by duty."""
    regimes = regime_files.read_all()
    yield "# The law as data"
    yield ""
    binding = ", ".join(f"`{regime_id}`" for regime_id in DEFAULT_REGIMES)
    yield "Law is dated data: duties, periods and ways of counting are read from `config/regimes/*.yaml`. Not legal"
    yield "advice. Obligations in a case arise from those that are switched on under `regimes` in `organisation.yaml`"
    yield f"and that reach us; unless chosen otherwise: {binding}. Every other can be read (`tocsin regimes show ID`)"
    yield "and computed (`tocsin clock due`)."
    yield ""
    yield "**Unverified** means: points of our reading must be compared with the law before anybody relies on them;"
    yield "they are listed with each law. A date is that of the material that was read. The texts are paraphrases;"
    yield "only in the file of the GDPR are there quotations, marked as such."
    yield ""
    yield "| regime | jurisdiction | status | certainty | verified | duties |"
    yield "|---|---|---|---|---|---|"
    for regime in regimes:
        verified = "**unverified**" if regime.unverified else str(regime.verified_on)
        cells = (f"[`{regime.id}`](#{regime.id})", regime.jurisdiction, _status(regime), regime.certainty, verified)
        yield f"| {' | '.join(cells)} | {len(regime.duties)} |"
    for regime in regimes:
        yield from _regime(regime)


def _status(regime: Regime) -> str:
    word = regime.status.value.replace("_", " ")
    since = f" from {regime.valid_from}" if regime.valid_from else ": switched off"
    return f"{word}{since}{f' to {regime.valid_to}' if regime.valid_to else ''}"


def _regime(regime: Regime) -> Iterator[str]:
    yield ""
    yield f"## {regime.id}"
    yield ""
    what = "official text" if regime.url_of is UrlOf.TEXT else "publisher"
    yield f"{regime.name}. {_status(regime).capitalize()}; certainty {regime.certainty}; {what}: <{regime.url}>"
    if regime.unverified:
        yield ""
        yield f"**Unverified**; to compare: {'; '.join(regime.verify)}."
    yield ""
    yield "| duty | who | to | clock starts | period | counting | source |"
    yield "|---|---|---|---|---|---|---|"
    for duty in regime.duties:
        counting = "" if duty.period.value is None else duty.counting.value
        cells = (f"`{duty.id}`", duty.who, duty.to, duty.start, _period(duty), counting, duty.citation.article)
        yield f"| {' | '.join(cells)} |"
    yield from _notes(regime)


def _notes(regime: Regime) -> Iterator[str]:
    """What the law adds to its figures, as a list."""
    notes = [f"`{duty.id}`: {note}" for duty in regime.duties for note in duty.notes]
    notes += [
        f"`{duty.id}`: an end on a day off is not moved for {', '.join(duty.never_moved_for)}"
        for duty in regime.duties
        if duty.never_moved_for
    ]
    if lines := [*notes, *regime.notes]:
        yield ""
        yield from (f"- {line}" for line in lines)


def _period(duty: Duty) -> str:
    figure = "no figure: internal target" if duty.period.value is None else str(duty.period)
    cap = f", at most {duty.cap.period} {AFTER[duty.cap.start]}" if duty.cap else ""
    variants = "".join(f"; {variant.entity}: {variant.period}" for variant in duty.variants)
    return f"{figure}{cap}{variants}" + (f" ({duty.soft})" if duty.soft else "")


def requirements() -> Iterator[str]:
    """What the law asks, what proves that it is done, and what remains a person's."""
    table = requirements_of(REQUIREMENTS.read_text(encoding="utf-8"))
    yield "# What the law asks, and what proves it"
    yield ""
    yield "Each requirement of the GDPR's breach duties in our own words, with the tests that prove it and what remains"
    yield "a person's or is not software's to do. R: duties; A: when we are aware; C: counting the 72 hours. Generated"
    yield "from `docs/requirements.yaml`; a test holds every name to a test that is there. Not legal advice."
    yield ""
    proven = sum(1 for requirement in table if requirement.tests)
    persons = ", ".join(requirement.id for requirement in table if not requirement.tests)
    yield f"{len(table)} requirements: {proven} proven by tests; not software's at all: {persons}."
    yield ""
    yield "| id | asks | proven by | a person's, or not software's |"
    yield "|---|---|---|---|"
    for requirement in table:
        tests = "<br>".join(_named(path, names) for path, names in _by_file(requirement.tests).items())
        yield f"| {requirement.id} | {requirement.asks} | {tests} | {requirement.not_software or ''} |"


def _by_file(node_ids: Iterable[str]) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    for node_id in node_ids:
        path, _, name = node_id.partition("::")
        files.setdefault(path, []).append(name)
    return files


def _named(path: str, names: list[str]) -> str:
    """A file with the sentences of its tests."""
    return f"`{path}`: {'; '.join(name.removeprefix('test_').replace('_', ' ') for name in names)}"


PAGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "deadline-machine.md": deadline_machine,
    "message-states.md": message_states,
    "stages.md": stages,
    "commands.md": commands,
    "audit-entries.md": audit_entries,
    "judgement.md": judgement,
    "law.md": law,
    "requirements.md": requirements,
}


def page(name: str) -> str:
    """Write one page."""
    return "\n".join((_NOTE, "", *PAGES[name]())) + "\n"


def _diagram(mermaid: str) -> Iterator[str]:
    yield "```mermaid"
    yield mermaid
    yield "```"
    yield ""


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        (FOLDER / name).write_text(page(name), encoding="utf-8")


if __name__ == "__main__":
    main()
