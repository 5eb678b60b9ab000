"""Whether the letters that went out have told everybody a law means: the list held against the facts, law by law.

Where writing to each person is too much, a public communication reaches the others (Art. 34(3)(c) GDPR).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from sqlmodel import Session, col, func, select

from incidents.case.draft_kinds import PEOPLE
from incidents.case.message_machine import CAME_BACK, SETTLED, WENT_OUT, MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.latest import newest_facts
from incidents.casework.communication.letter_kinds import key_in_ledger
from incidents.casework.deadlines import rows as obligation_rows
from incidents.facts.breach import Facts
from incidents.facts.choices import YesNoUnknown
from incidents.facts.data_set import DataSet
from incidents.facts.totals import people_of
from incidents.law.model import Regime, Threshold
from incidents.obligations.applicability import is_established_within, lies_within, residents_among
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.case import TimelineEntry
from incidents.storage.tables.communication import AffectedPerson, Message
from incidents.storage.tables.obligations import Obligation

_TOLD, _GIVEN_UP, _CAME_BACK = "told", "given up", "came back"
_CLASS_OF: Final = {
    **dict.fromkeys(WENT_OUT, _TOLD),
    **dict.fromkeys(CAME_BACK, _CAME_BACK),
    MessageState.GIVEN_UP: _GIVEN_UP,
}
"""What a letter's state says of its recipient; in any other state nobody can say yet."""

CLOSED_GAP = "list_complete"
"""The kind of the timeline's line by which a person says that the list is as complete as it can be."""


@dataclass(frozen=True, kw_only=True)
class CountryCoverage:
    """What became of the letters to the people of one country; of no country where the list does not say."""

    country: str | None
    listed: int
    told: int
    """How many have a letter that the provider took and that did not come back."""
    given_up: int
    """For how many a named person said, with reasons, that no letter reaches them."""
    came_back: int
    """How many have a letter that reached nobody, and nobody has said what follows from that."""
    last_at: datetime | None
    """When the last letter went out."""


@dataclass(frozen=True, kw_only=True)
class LawCoverage:
    """How far the letters have told the people whom one law means."""

    regime: str
    listed: int
    told: int
    given_up: int
    least: int
    """How many there are at least, by the facts."""
    is_whole: bool
    """Whether the list has everybody, by the facts or by a person's word."""
    notified_at: datetime | None
    """When the duty was met; ``None`` while it is not."""

    @property
    def gap(self) -> str:
        """Whom the list lacks, in words; empty where it is whole."""
        if not self.listed:
            return f"{self.regime}: nobody on the list lives where this law protects people"
        if not self.is_whole:
            return f"{self.regime}: the facts say at least {self.least:,} people, the list has {self.listed:,}"
        return ""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The letters of one case, read once, for the people's duty under every law."""

    ctx: UseCaseContext
    places: tuple[CountryCoverage, ...]
    facts: Facts | None
    known_then: int | None
    """How many people the facts named at least when a person said that the list is whole; ``None``: nobody did."""
    published: dict[str, datetime]
    """When a public communication took the place of the letters that are missing, by law."""
    is_settled: bool
    """Whether no letter is under way or in doubt any more and one at least went out."""

    @cached_property
    def known_least(self) -> int:
        """How many people there are at least, by the facts."""
        return (people_of(_notified_sets(self.facts)).least or 0) if self.facts else 0

    def reached(self, regime_id: str) -> LawCoverage:
        """Say how far the people of one law have been told.

        1. A law that binds us by our establishment means everybody; any other, the people who live in its place.
        2. Who is listed without a country may live anywhere and counts.
        3. The list is whole when it has as many as the facts name at least, when a person said so knowing of as many,
           or when a public communication reaches the others.
        4. Told are they when a letter to each of them went out and did not come back, or a named person gave the letter
           up with reasons, or a public communication reaches those whose letter came back; one letter at least went
           out. The time is that of the last one. A letter that is under way or in doubt has told nobody yet.
        """
        regime = next((law for law in self.ctx.regimes if law.id == regime_id), None)
        places = [place for place in self.places if self._is_meant(place.country, regime)]
        listed, told = sum(place.listed for place in places), sum(place.told for place in places)
        given_up = sum(place.given_up for place in places)
        by_public = sum(place.came_back for place in places) if regime_id in self.published else 0
        least, is_counted = self._least(regime)
        # Where the facts name no countries, a law's own people are at least none, which any list would meet: then the
        # whole list is held against everybody the facts name.
        agrees = listed >= least and (is_counted or sum(place.listed for place in self.places) >= self.known_least)
        spoken_for = self.known_then is not None and self.known_then >= self.known_least
        whole = agrees or spoken_for or regime_id in self.published
        times = [place.last_at for place in places if place.last_at is not None]
        if regime_id in self.published and (by_public or not agrees):
            # The later of the two: everybody is reached once both letters and public communication are out.
            times += [self.published[regime_id]] if times else []
        notified = told > 0 and told + given_up + by_public == listed and whole
        return LawCoverage(
            regime=regime_id,
            listed=listed,
            told=told,
            given_up=given_up,
            least=max(least, 0 if is_counted else self.known_least),
            is_whole=whole,
            notified_at=max(times, default=None) if notified else None,
        )

    def _is_meant(self, country: str | None, regime: Regime | None) -> bool:
        # In doubt a person is meant: a law that is no longer switched on, or a list without countries, exempts nobody.
        if regime is None or country is None or self._means_everybody(regime):
            return True
        return lies_within(country, regime) is not YesNoUnknown.NO

    def _means_everybody(self, regime: Regime) -> bool:
        return not regime.applies.residents or is_established_within(regime, self.ctx.profile.establishment)

    def _least(self, regime: Regime | None) -> tuple[int, bool]:
        """How many the facts name at least, and whether they count the law's own people at all."""
        if self.facts is None:
            return 0, True
        if regime is None or self._means_everybody(regime):
            return self.known_least, True
        sets = _notified_sets(self.facts)
        least, most = residents_among(regime, self.facts.model_copy(update={"data_sets": sets}))
        return least, most is not None


def coverage_of_case(session: Session, ctx: UseCaseContext, incident_id: int) -> Coverage:
    """Read the list of a case and what became of its letters."""
    letters = (Message.incident_id == incident_id, Message.kind == PEOPLE)
    states = session.exec(select(Message.state).where(*letters).distinct()).all()
    _, facts = newest_facts(session, incident_id)
    return Coverage(
        ctx=ctx,
        places=tuple(_places(session, incident_id)),
        facts=facts,
        known_then=_known_then(session, incident_id),
        published=_published(obligation_rows.obligations_in(session, incident_id)),
        is_settled=bool(WENT_OUT & set(states)) and set(states) <= SETTLED,
    )


def _notified_sets(facts: Facts) -> tuple[DataSet, ...]:
    """The data sets whose people we write to ourselves; of the others, their merchants do."""
    return facts.as_controller or facts.data_sets


def _places(session: Session, incident_id: int) -> Iterator[CountryCoverage]:
    people = select(AffectedPerson.country, func.count()).where(AffectedPerson.incident_id == incident_id)
    listed = dict(session.exec(people.group_by(AffectedPerson.country)).all())
    counts: dict[tuple[str | None, str], int] = {}
    last: dict[str | None, datetime] = {}
    counted = session.exec(
        select(AffectedPerson.country, Message.state, func.count(), func.max(Message.settled_at))
        .join(Message, col(Message.key) == key_in_ledger(PEOPLE))
        .where(AffectedPerson.incident_id == incident_id, col(Message.state).in_(_CLASS_OF))
        .group_by(col(AffectedPerson.country), col(Message.state))
    ).all()
    for country, state, count, at in counted:
        place = country, _CLASS_OF[MessageState(state)]
        counts[place] = counts.get(place, 0) + count
        # What reached nobody gives no time at which people were told.
        if state in WENT_OUT and at is not None:
            last[country] = max(at, last.get(country, at))
    for country, count in listed.items():
        yield CountryCoverage(
            country=country,
            listed=count,
            told=counts.get((country, _TOLD), 0),
            given_up=counts.get((country, _GIVEN_UP), 0),
            came_back=counts.get((country, _CAME_BACK), 0),
            last_at=last.get(country),
        )


def _known_then(session: Session, incident_id: int) -> int | None:
    closing = session.exec(
        select(TimelineEntry.said)
        .where(TimelineEntry.incident_id == incident_id, TimelineEntry.kind == CLOSED_GAP)
        .order_by(col(TimelineEntry.id).desc())
        .limit(1)
    ).first()
    # Held against the facts of today: a person who said that the list is whole said so of as many as were known then.
    return int(closing["values"]["known"]) if closing else None


def _published(rows: Iterable[Obligation]) -> dict[str, datetime]:
    return {
        row.regime: row.met_at
        for row in rows
        if row.met_at is not None
        and row.recipient_kind != RecipientKind.PEOPLE.value
        and obligation_rows.terms_of(row).threshold is Threshold.DISPROPORTIONATE_EFFORT
    }
