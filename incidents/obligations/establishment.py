"""From where the laws see us, and which authority each of them means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.law.model import Regime
from incidents.obligations.applicability import EEA
from incidents.obligations.recipients import TO_BE_CHOSEN, UNKNOWN_AUTHORITIES, Recipient, RecipientKind

if TYPE_CHECKING:
    from incidents.facts.data_set import DataSet


def _unlisted(_country: str) -> Recipient | None:
    return None


@dataclass(frozen=True, kw_only=True)
class ControllerProfile:
    """Where we are established, in which sectors, and who our lead authority is, if there is one."""

    establishment: str | None
    """A country, or a country and its part: ``DE``, ``DE-BE``."""
    lead: Recipient | None
    """The authority of our main establishment in the EEA (Art. 56 GDPR); ``None`` where there is no such establishment:
    a representative (Art. 27) does not make one."""
    sectors: tuple[str, ...] = ()
    """What we are, in the words of the laws' ``sectors``."""
    entities: tuple[str, ...] = ()
    """What kinds of entity we are, where laws tell kinds apart."""
    supervised_in: str | None = None
    """The place of the authority that supervises us (``DE-BE``), where it is neither of the above that says it."""
    authority_of: Callable[[str], Recipient | None] = _unlisted
    """The directory: the authority of a country or region (``FR``, ``DE-NI``), where it settles which it is."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every word that says what we are: a law may use the same word for a sector and for a kind of entity."""
        return (*self.entities, *self.sectors)

    @property
    def home(self) -> str | None:
        """The place of the authority that supervises us as to data protection: a country, or one of its parts."""
        # The lead authority knows best where we are; without one, who supervises us by name; and last where we are
        # established.
        place = self.lead.id if self.lead else self.supervised_in or self.establishment
        # Some places have two authorities (``DE-BY-public``): the third part is a word, and no calendar has it.
        return "-".join(place.split("-")[:2]) if place else None

    def days_off_in(self, authority: Recipient | None = None) -> str | None:
        """Say whose public holidays count under a law that names no place, for what is owed to *authority*.

        Those that are designated as such in the Member State where action is to be taken (Art. 2(1) Reg. 1182/71; Art.
        5(4) Delegated Regulation (EU) 2025/301): a holiday of one of its parts moves no limit. Only what is owed to the
        authority that supervises us is done in its part of the country, as ``DE-BE``.
        """
        # By kind and id, not by value: the name of a row may be in another language.
        if self.home is None or _is_same(authority, self.lead):
            return self.home
        return self.home.partition("-")[0]


def _is_same(one: Recipient | None, other: Recipient | None) -> bool:
    """Whether both are the same authority, whatever name a row was given."""
    return one is not None and other is not None and (one.kind, one.id) == (other.kind, other.id)


def authorities(regime: Regime, data_sets: Iterable[DataSet], profile: ControllerProfile) -> tuple[Recipient, ...]:
    """Say which authorities a duty of *regime* is owed to, for these data sets.

    1. A law with a one-stop-shop: the lead authority alone (Art. 56(1), (6) GDPR; R51).
    2. The same without a main establishment in the EEA: each authority of the countries where affected people live
       (Guidelines 9/2022 para 73; R53), of their region where it has its own; one that stands for them all while no
       country is known.
    3. Any other law: its own authority.
    """
    if not regime.one_stop_shop:
        return (_own(regime),)
    if profile.lead is not None:
        return (profile.lead,)
    # Outside the EEA nobody is competent under this law, though it may protect the people (Art. 3(2) GDPR).
    places = {place for data_set in data_sets for place in data_set.homes if place.partition("-")[0] in EEA}
    # Two places may have one authority: a region without its own has the country's.
    by_id = {recipient.id: recipient for recipient in (_of_place(place, profile) for place in sorted(places))}
    return tuple(by_id[authority_id] for authority_id in sorted(by_id)) or (UNKNOWN_AUTHORITIES,)


def _own(regime: Regime) -> Recipient:
    """The law's own authority, known by the law's place: ``GB``, ``CH``, ``EG``."""
    name = regime.authority or f"The authority of {regime.name}"
    # By the law's place, so that two laws of one country owe to one authority. Cut to the width of the column.
    return Recipient(kind=RecipientKind.AUTHORITY, id=regime.place or regime.id, name=name[:200])


def _of_place(place: str, profile: ControllerProfile) -> Recipient:
    """The authority of a country, or of its region where that settles it; else one that is still to be chosen."""
    country = place.partition("-")[0]
    name = f"The supervisory authority of {country} that is competent {TO_BE_CHOSEN}"
    unsettled = Recipient(kind=RecipientKind.AUTHORITY, id=country, name=name)
    return profile.authority_of(place) or profile.authority_of(country) or unsettled
