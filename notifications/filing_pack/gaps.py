"""What a pack still lacks, by phase: what the filing cannot do without, what may follow, what a person gives by hand.

Gaps stop nobody (Art. 33(3) and (4) GDPR): in doubt, an incomplete notification in time is the lawful one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from notifications.filing_pack.answers import AnswerState
from notifications.filing_pack.pack import FilingPack, FilledField, Phase

_NEEDED: Final = {
    Phase.INITIAL: "Needed now (Art. 33(3) GDPR)",
    Phase.FOLLOW_UP: "Still to be provided (Art. 33(4) GDPR)",
    Phase.WITHDRAWAL: "Needed to withdraw",
}


@dataclass(frozen=True, kw_only=True)
class PackGaps:
    """The fields that need somebody, each in one list only."""

    needed: tuple[FilledField, ...]
    """Initial: what Art. 33(3) GDPR asks and nobody recorded. Follow-up: all that is still to be provided. Withdrawal:
    its reason, the earlier reference, who withdraws."""
    may_follow: tuple[FilledField, ...]
    """Open, but may be given in a later phase (Art. 33(4) GDPR)."""
    by_hand: tuple[FilledField, ...]
    """Mandatory here, and given by the person who files."""
    faults: tuple[str, ...]
    """Why the form would refuse this filing as it is."""

    def headed(self, phase: Phase) -> tuple[tuple[str, tuple[FilledField, ...]], ...]:
        """The lists under their headings; the middle one only where something may follow."""
        later = (("Open: may follow in phases (Art. 33(4) GDPR)", self.may_follow),) if self.may_follow else ()
        return ((_NEEDED[phase], self.needed), *later, ("For the person who files (mandatory)", self.by_hand))


def completeness(pack: FilingPack) -> PackGaps:
    """Say what *pack* lacks for its phase."""
    mandatory = [field for field in pack.fields if field.mandatory]
    if pack.phase is Phase.WITHDRAWAL:
        # A withdrawal repeats nothing of the breach: the authority has it, or is told that there was none.
        mandatory = [field for field in mandatory if field.id in pack.template.minimum["withdrawal"]]
    open_ = [field for field in mandatory if field.is_open]
    needed = tuple(field for field in open_ if _is_needed(field, pack))
    return PackGaps(
        needed=needed,
        may_follow=tuple(field for field in open_ if field not in needed),
        by_hand=tuple(field for field in mandatory if field.state is AnswerState.FOR_A_PERSON),
        faults=_faults(pack),
    )


def _is_needed(field: FilledField, pack: FilingPack) -> bool:
    """Whether this phase cannot leave it open.

    An initial filing may say "not yet known" (Art. 33(4) GDPR), where the form has words for that.
    """
    if pack.phase is not Phase.INITIAL or pack.complete:
        return True
    return field.id in pack.template.minimum["initial"] and not field.values


def _faults(pack: FilingPack) -> tuple[str, ...]:
    faults = []
    if pack.phase is Phase.WITHDRAWAL and pack.by_id[5].is_open:
        faults.append("A withdrawal needs its reasons (field 5).")
    # Authorities match a follow-up by it: BayLDA and Rhineland-Palatinate say to keep the returned ID for that.
    if pack.phase is not Phase.INITIAL and pack.by_id[6].is_open:
        faults.append("A follow-up or withdrawal needs the reference of the earlier notification (field 6).")
    if pack.complete and pack.phase is not Phase.WITHDRAWAL:
        open_ = [str(field.id) for field in pack.fields if field.mandatory and field.is_open]
        if pack.open_elements:
            elements = ", ".join(pack.open_elements)
            faults.append(f"The record leaves open: {elements}. File it as incomplete (Art. 33(4) GDPR).")
        if open_:
            faults.append(
                f"A complete filing may leave nothing open: fields {', '.join(open_)}. File it as incomplete."
            )
    return tuple(faults)
