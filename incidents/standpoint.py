"""From where the laws see us, and which authority each of them means.

Knows Arts. 55 and 56 GDPR and what became of them for controllers without a main establishment in the EEA (Guidelines
9/2022 para 73); refuses to know whether a duty is triggered (obligations.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.applicability import EEA
from incidents.law import Regime
from incidents.parties import UNKNOWN_AUTHORITIES, Recipient, RecipientKind

if TYPE_CHECKING:
    from incidents.facts import DataSet


def _unlisted(_country: str) -> Recipient | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Standpoint:
    """Where we are established, in which sectors, and who our lead authority is, if there is one."""

    establishment: str | None
    """A country, or a country and its part: ``DE``, ``DE-BE``."""
    lead: Recipient | None
    """The authority of our main establishment in the EEA (Art. 56 GDPR); ``None`` where there is no such establishment:
    a representative (Art. 27) does not make one."""
    sectors: tuple[str, ...] = ()
    """What we are, in the words of the laws' ``sectors``."""
    entity: str | None = None
    """What kind of entity we are, where a law tells kinds apart."""
    authority_of: Callable[[str], Recipient | None] = _unlisted
    """The directory: the authority of a country, where it is listed."""


def authorities(regime: Regime, data_sets: Iterable[DataSet], standpoint: Standpoint) -> tuple[Recipient, ...]:
    """Say which authorities a duty of *regime* is owed to, for these data sets.

    1. A law with a one-stop-shop: the lead authority alone (Art. 56(1), (6) GDPR; R51).
    2. The same without a main establishment in the EEA: each authority of the countries where affected people live
       (Guidelines 9/2022 para 73; R53); one that stands for them all while no country is known.
    3. Any other law: its own authority.
    """
    if not regime.one_stop_shop:
        return (_own(regime),)
    if standpoint.lead is not None:
        return (standpoint.lead,)
    countries = {place.partition("-")[0] for each in data_sets for place in each.countries}
    concerned = sorted(countries & EEA)
    return tuple(_of_country(each, standpoint) for each in concerned) or (UNKNOWN_AUTHORITIES,)


def _own(regime: Regime) -> Recipient:
    """The law's own authority, known by the law's place: ``GB``, ``CH``, ``EG``."""
    name = regime.authority or f"The authority of {regime.name}"
    return Recipient(kind=RecipientKind.AUTHORITY, id=regime.place or regime.id, name=name[:200])


def _of_country(country: str, standpoint: Standpoint) -> Recipient:
    name = f"The supervisory authority of {country} that is competent (to be chosen)"
    return standpoint.authority_of(country) or Recipient(kind=RecipientKind.AUTHORITY, id=country, name=name)
