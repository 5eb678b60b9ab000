"""What a person says they filed with an authority, and in which phase."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from incidents.evidence.files import EvidenceFile


class FilingPhase(StrEnum):
    """The phases of a notification (Art. 33(4) GDPR; Guidelines 9/2022 II.B)."""

    INITIAL = "initial"
    FOLLOW_UP = "follow_up"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a person says they filed."""

    reference: str
    at: datetime
    phase: FilingPhase = FilingPhase.INITIAL
    authority: str | None = None
    """The authority's id, or the whole key of an obligation; may be left out where only one is owed something."""
    authority_name: str | None = None
    """What it is called, where the directory knows it: of a country with several, the one that was told is named."""
    # Three answers: yes, no, and not said, which the record then answers.
    complete: bool | None = None
    """Whether nothing more will follow; unless said, where the record left nothing open when it was filed."""
    late_because: str | None = None
    """Reasons for the delay; where none are given, those that were recorded before (late_reasons.py)."""
    despite: str | None = None
    """The reasons with which a person confirms a filing against which something speaks (filed_text.py)."""
    receipt: EvidenceFile | None = None
