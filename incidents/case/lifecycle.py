"""The stages of a case, the verbs that move it, and which roles may use them: one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from incidents.kernel.errors import RefusedError


class Stage(StrEnum):
    """How far a case has come."""

    SUSPECTED = "suspected"
    """A possible breach; nobody has said yet that personal data were affected."""
    CONFIRMED = "confirmed"
    """Awareness is recorded: the legal clock runs."""
    ASSESSED = "assessed"
    DECIDED = "decided"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    """It was no personal data breach, with reasons."""


class Verb(StrEnum):
    """What a person may do to a case."""

    OPEN = "open"
    LOG = "log"
    CONTAIN = "contain"
    HAND_OVER = "hand_over"
    AWARE = "aware"
    ASSESS = "assess"
    DECIDE = "decide"
    EDIT = "edit"
    IMPORT_PEOPLE = "import_people"
    APPROVE = "approve"
    SEND = "send"
    HOLD = "hold"
    RELEASE = "release"
    SUBMIT = "submit"
    WAIVE = "waive"
    ANSWER = "answer"
    PUBLISH = "publish"
    CLOSE = "close"
    DISMISS = "dismiss"
    REOPEN = "reopen"


class PersonRole(StrEnum):
    """What a person is for us; one person may have several roles."""

    RESPONDER = "responder"
    LEAD = "lead"
    DPO = "dpo"
    APPROVER = "approver"
    AUDITOR = "auditor"
    """Reads everything, changes nothing."""
    ADMIN = "admin"
    """Keeps persons, tokens and channels; has no say in a case."""


@dataclass(frozen=True, kw_only=True)
class StageRule:
    """One row of the table: from which stage a verb leads where, and who may use it."""

    verb: Verb
    leads: Mapping[Stage, Stage]
    """Stage before → stage after, for a case with recorded awareness where that matters."""
    roles: frozenset[PersonRole]


def _stay(*stages: Stage) -> dict[Stage, Stage]:
    return {stage: stage for stage in stages}


_SUSPECTED, _CONFIRMED, _ASSESSED, _DECIDED = Stage.SUSPECTED, Stage.CONFIRMED, Stage.ASSESSED, Stage.DECIDED
_AFTER_AWARENESS: Final = (_CONFIRMED, _ASSESSED, _DECIDED)
OPEN_STAGES: Final = (_SUSPECTED, *_AFTER_AWARENESS)
"""The stages in which somebody still has to act."""

_RESPONSE: Final = frozenset({PersonRole.RESPONDER, PersonRole.LEAD, PersonRole.DPO})
_CHARGE: Final = frozenset({PersonRole.LEAD, PersonRole.DPO})
# Auditors read and administrators keep accounts: neither is in any of these sets, so that nobody who hands out roles or
# checks the record can also change a case by that role.
_EVERYONE_ON_IT: Final = _RESPONSE | {PersonRole.APPROVER}
_APPROVAL: Final = _CHARGE | {PersonRole.APPROVER}

RULES: Final[tuple[StageRule, ...]] = (
    # It leads from no stage: the case is made by it.
    StageRule(verb=Verb.OPEN, leads={}, roles=_EVERYONE_ON_IT),
    StageRule(verb=Verb.LOG, leads=_stay(*OPEN_STAGES), roles=_EVERYONE_ON_IT),
    StageRule(verb=Verb.CONTAIN, leads=_stay(*OPEN_STAGES), roles=_RESPONSE),
    StageRule(verb=Verb.HAND_OVER, leads=_stay(*OPEN_STAGES), roles=_RESPONSE),
    # A second awareness is a correction and needs a reason; it moves the clock, not the case.
    StageRule(verb=Verb.AWARE, leads={_SUSPECTED: _CONFIRMED, **_stay(*_AFTER_AWARENESS)}, roles=_RESPONSE),
    # New facts after a decision need a renewed decision.
    StageRule(
        verb=Verb.ASSESS,
        leads={_SUSPECTED: _SUSPECTED, _CONFIRMED: _ASSESSED, _ASSESSED: _ASSESSED, _DECIDED: _ASSESSED},
        roles=_RESPONSE,
    ),
    # A decision has legal effect, so it is for those in charge; an approver checks texts and decides nothing.
    StageRule(verb=Verb.DECIDE, leads={_ASSESSED: _DECIDED, _DECIDED: _DECIDED}, roles=_CHARGE),
    # Texts and lists are prepared while it is still being assessed; only approving and sending wait for the decision.
    StageRule(verb=Verb.EDIT, leads=_stay(*_AFTER_AWARENESS), roles=_RESPONSE),
    StageRule(verb=Verb.IMPORT_PEOPLE, leads=_stay(*_AFTER_AWARENESS), roles=_RESPONSE),
    StageRule(verb=Verb.APPROVE, leads=_stay(_DECIDED), roles=_APPROVAL),
    StageRule(verb=Verb.SEND, leads=_stay(_DECIDED), roles=_CHARGE),
    # Whoever sees that a letter is wrong stops all of them; letting them go on takes somebody who could approve them.
    StageRule(verb=Verb.HOLD, leads=_stay(*OPEN_STAGES), roles=_EVERYONE_ON_IT),
    StageRule(verb=Verb.RELEASE, leads=_stay(*OPEN_STAGES), roles=_APPROVAL),
    # A filing may come before the assessment is done, and a withdrawal after the case was closed.
    StageRule(verb=Verb.SUBMIT, leads=_stay(*_AFTER_AWARENESS, Stage.CLOSED), roles=_CHARGE),
    StageRule(verb=Verb.WAIVE, leads=_stay(*_AFTER_AWARENESS), roles=_CHARGE),
    # What an authority asks is taken down by whoever opens the letter; answering it is for those in charge.
    StageRule(verb=Verb.ANSWER, leads=_stay(*_AFTER_AWARENESS), roles=_CHARGE),
    # What was made public stays made public, also where new facts have asked for another decision since.
    StageRule(verb=Verb.PUBLISH, leads=_stay(*_AFTER_AWARENESS), roles=_CHARGE),
    # Only what was decided is closed; what was none is dismissed, from wherever it stands.
    StageRule(verb=Verb.CLOSE, leads={_DECIDED: Stage.CLOSED}, roles=_CHARGE),
    StageRule(verb=Verb.DISMISS, leads=dict.fromkeys(OPEN_STAGES, Stage.DISMISSED), roles=_CHARGE),
    # Back to where it is assessed anew: what is known now is what brought the case back, so the old decision does not
    # simply hold. A case that never had awareness goes back to suspected (`next_stage`).
    StageRule(verb=Verb.REOPEN, leads=dict.fromkeys((Stage.CLOSED, Stage.DISMISSED), _CONFIRMED), roles=_CHARGE),
)
"""Every move there is. What is not in this table is refused."""

_BY_VERB: Final = {rule.verb: rule for rule in RULES}

# By the stage alone, whatever was asked: the next step is the same one, and `REF` becomes the case's own reference.
_MISSING: Final = {
    Stage.SUSPECTED: "first record awareness: tocsin aware REF --at T --basis TEXT",
    Stage.CONFIRMED: "first assess it: tocsin assess REF --file scope.yaml",
    Stage.ASSESSED: (
        "first decide: tocsin decide REF --authority ANSWER --people ANSWER --because TEXT (notify or not-required)"
    ),
    Stage.DECIDED: "it is open already",
    Stage.CLOSED: "first reopen it: tocsin reopen REF --because TEXT",
    Stage.DISMISSED: "first reopen it: tocsin reopen REF --because TEXT",
}


class RefusedMove(RefusedError):
    """The stage of the case does not allow this verb; the message says which step is missing."""

    def __init__(self, stage: Stage, verb: Verb) -> None:
        self.stage = stage
        self.verb = verb
        already = verb in (Verb.OPEN, Verb.REOPEN) and stage in OPEN_STAGES
        self.missing = _MISSING[Stage.DECIDED] if already else _MISSING[stage]
        super().__init__(f"this incident is `{stage.value}`: {self.missing}")


def next_stage(stage: Stage, verb: Verb, *, aware: bool) -> Stage:
    """Say in which stage the case is after *verb*; *aware*: whether awareness was ever recorded.

    Raises:
        RefusedMove: the table does not allow it; ``missing`` says what to do first.

    """
    after = _BY_VERB[verb].leads.get(stage)
    if after is None:
        raise RefusedMove(stage, verb)
    return Stage.SUSPECTED if verb is Verb.REOPEN and not aware else after


def may(roles: Iterable[PersonRole], verb: Verb) -> bool:
    """Whether somebody with these roles may use *verb*, the stage aside."""
    return not _BY_VERB[verb].roles.isdisjoint(roles)


def table() -> str:
    """Print RULES as a Markdown table, for the documentation."""
    head = ("| verb | from → to | roles |", "|---|---|---|")
    return "\n".join((*head, *(_row(rule) for rule in RULES)))


def mermaid() -> str:
    """Draw the moves between different stages as a Mermaid state diagram."""
    begin = f"    [*] --> {Stage.SUSPECTED}: {Verb.OPEN}"
    arrows = (
        f"    {before} --> {after}: {rule.verb}"
        for rule in RULES
        for before, after in _leads(rule)
        if before is not after
    )
    return "\n".join(("stateDiagram-v2", begin, *arrows))


def _leads(rule: StageRule) -> tuple[tuple[Stage, Stage], ...]:
    """All moves of a rule, including those of a case that never had awareness."""
    never_aware = dict.fromkeys(rule.leads, Stage.SUSPECTED) if rule.verb is Verb.REOPEN else {}
    return (*rule.leads.items(), *never_aware.items())


def _row(rule: StageRule) -> str:
    moves = "; ".join(str(a) if a is b else f"{a} → {b}" for a, b in _leads(rule)) or f"→ {Stage.SUSPECTED}"
    roles = ", ".join(role for role in PersonRole if role in rule.roles)
    return f"| {rule.verb} | {moves} | {roles} |"
