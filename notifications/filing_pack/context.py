"""What a pack is made from: the case, the organisation, the words of one language, and the moment.

Texts that people wrote are taken in without addresses of affected people; our own contact addresses stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from incidents.case.case_file import CaseFile, FilingLine, ObligationFile
from incidents.facts.breach import Facts
from incidents.facts.data_set import DataSet
from incidents.law.duty_ids import AUTHORITY_INITIAL
from incidents.obligations.recipients import RecipientKind
from notifications.filing_pack.codes import EEA
from notifications.language.catalogue import Catalogue
from notifications.language.formatting import Formatter, paragraphs
from notifications.letters.context.authority import is_late
from notifications.letters.context.facts import reported_sets
from notifications.redaction import remove_addresses
from notifications.reports.words import ReportWords

# The mark of organisation.example.yaml: an entry that still has it says nothing about the real organisation.
_TO_ADAPT = re.compile(r"\(?\bto adapt\b\)?")


@dataclass(frozen=True, kw_only=True)
class PackContext:
    """Everything the answers are read from."""

    case: CaseFile
    organisation: Mapping[str, Any]
    authority_id: str
    words: Catalogue
    now: datetime
    withdrawn_because: str | None = None
    reasoning: ReportWords | None = None
    """The assessment's sentences in the pack's language; without it, as they were recorded."""

    @cached_property
    def formatter(self) -> Formatter:
        """The formatter of the pack's language."""
        return Formatter(self.words, ZoneInfo(str(self.organisation.get("zone") or "UTC")))

    @property
    def facts(self) -> Facts | None:
        """What is known."""
        return self.case.facts

    @cached_property
    def sets(self) -> tuple[DataSet, ...]:
        """The data sets that a controller tells of."""
        return reported_sets(self.facts)

    @property
    def in_eea(self) -> bool:
        """Whether the controller is established in the EEA; it decides between sections 6.2 and 6.3."""
        return self.home in EEA

    @property
    def home(self) -> str:
        """The country of the main establishment (Art. 4(16) GDPR)."""
        return self.ours("main_establishment", "country") or self.ours("country")

    @property
    def has_lead(self) -> bool:
        """Whether there can be a lead authority: only with a main establishment in the EEA (Art. 56 GDPR)."""
        # Only an explicit null says that there is none; a missing key says nothing.
        return self.organisation.get("main_establishment", True) is not None

    @cached_property
    def obligations(self) -> tuple[ObligationFile, ...]:
        """The obligations to this authority."""
        authorities = (
            obligation for obligation in self.case.obligations if obligation.recipient.kind is RecipientKind.AUTHORITY
        )
        return tuple(authority for authority in authorities if authority.recipient.id == self.authority_id)

    @property
    def initial_filing(self) -> FilingLine | None:
        """The first filing with this authority."""
        filings = [line for obligation in self.obligations for line in obligation.filings if line.phase == "initial"]
        return min(filings, key=lambda filing: filing.filed_at, default=None)

    @property
    def is_late(self) -> bool:
        """Whether the first filing is, or was, late (Art. 33(1), second sentence, GDPR); our own target is no law."""
        # Without an obligation to this authority nothing is late: `is_late` would then ask about all others.
        return is_late(self.case, AUTHORITY_INITIAL, self.now, self.obligations) if self.obligations else False

    def ours(self, *path: str) -> str:
        """Look up what the organisation's file says; nothing where it says nothing or still the example's words."""
        value: Any = self.organisation
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        text = str(value or "").strip()
        return "" if _TO_ADAPT.search(text) else text

    def ours_joined(self, *paths: tuple[str, ...]) -> str:
        """Several entries of the organisation's file in one line."""
        return ", ".join(value for path in paths if (value := self.ours(*path)))

    def free(self, text: str | None) -> str:
        """Take in words that a person wrote: paragraphs apart, without any address that is not our own."""
        return "\n".join(paragraphs(self._without_addresses(text))) if text else ""

    def verbatim(self, text: str) -> str:
        """Take in a text whose lines matter, such as a letter: as it is, without any address that is not our own."""
        lines = self._without_addresses(text).replace("\r\n", "\n").split("\n")
        return "\n".join(" ".join(line.split()) for line in lines if line.strip())

    def line(self, text: str | None) -> str:
        """Take in words that a person wrote, as one line."""
        return " ".join(self.free(text).split())

    def _without_addresses(self, text: str) -> str:
        """Spare our own addresses while the others are taken out."""
        own = [self.ours(part, "email") for part in ("dpo", "contact_point", "sender")]
        # Private-use characters: no keyboard writes them, and those that a text brings are taken out first.
        spared = {f"\ue000{number}\ue001": address for number, address in enumerate(own) if address}
        # Marks that a text brings itself would come back as our address.
        text = text.replace("\ue000", "").replace("\ue001", "")
        for mark, address in spared.items():
            # Whole addresses only: ``dpo@example.org`` must not be spared within ``not-dpo@example.org`` or
            # ``dpo@example.org.invalid``.
            text = re.sub(rf"(?<![\w.+-]){re.escape(address)}(?![\w.-]*\w)", mark, text)
        text = remove_addresses(text)
        for mark, address in spared.items():
            text = text.replace(mark, address)
        return text

    def coded(self, section: str, codes: Iterable[str], part: str | None = None) -> list[str]:
        """Say codes in words, each sentence once."""
        return list(dict.fromkeys(self.formatter.coded(section, code, part) for code in codes))

    def all_of(self, name: str) -> tuple[str, ...]:
        """Each word of one list of the data sets, once, in their order."""
        return tuple(dict.fromkeys(str(word) for data_set in self.sets for word in getattr(data_set, name)))

    def date_of(self, at: datetime) -> str:
        """The day of a time, where the organisation is."""
        return at.astimezone(self.formatter.zone).date().isoformat()
