"""Readings of the facts on which score and verdict both rest: was it meant, does protection hold, whom does it show."""

from __future__ import annotations

from incidents.facts.breach import ACCIDENTAL_NATURES, BreachCause, Facts
from incidents.facts.choices import Answer, BreachActor, Encryption, Identifiability, Key, YesNoUnknown
from incidents.facts.data_kinds import (
    DataKind,
    IdentifyingPower,
    Sensitivity,
    kinds_of,
)
from incidents.facts.data_set import DataSet
from incidents.facts.protected_groups import is_protected_group
from incidents.facts.sector_keywords import endangers, is_feared, reveals, shelters
from incidents.facts.values import Count
from incidents.texts.coded_text import CodedText, coded_text

_EASE_OF_ONE_KIND = {
    IdentifyingPower.BY_TABLE: Identifiability.NEGLIGIBLE,
    IdentifyingPower.PARTLY: Identifiability.LIMITED,
    IdentifyingPower.LARGELY: Identifiability.SIGNIFICANT,
    IdentifyingPower.FULLY: Identifiability.MAXIMUM,
}


def is_hostile(cause: BreachCause) -> bool:
    """Whether somebody meant it; true also where nobody knows yet and nothing speaks for an accident."""
    # A stated intent outweighs the actor, and both outweigh the nature: theft can be stated as not meant (taken by
    # mistake).
    if cause.malicious is not YesNoUnknown.UNKNOWN:
        return cause.malicious is YesNoUnknown.YES
    if cause.actor is not BreachActor.UNKNOWN:
        # Whoever names an actor and no intent has named somebody who acted.
        return cause.actor is not BreachActor.NONE
    return cause.nature not in ACCIDENTAL_NATURES


def is_insider(cause: BreachCause) -> bool:
    """Whether it was somebody of our own who acted on purpose."""
    return is_hostile(cause) and cause.actor is BreachActor.INSIDER


def is_unintelligible(facts: Facts, data_set: DataSet) -> bool:
    """Whether the data mean nothing to an outsider (Art. 34(3)(a) GDPR; Guidelines 01/2021 cases 01 and 10).

    Holds for state-of-the-art encryption with a safe key, and for an encrypted device whose key is safe or which was
    wiped from afar while nobody is known to have its key. Not against somebody of our own, who need not be an outsider
    to the key, nor where the public could read the data or people have met with the consequences.
    """
    # What is read or misused was intelligible to somebody: the effect refutes the protection, whatever was stated of
    # it.
    if is_insider(facts.cause) or is_yes(data_set.published) or data_set.consequences_seen:
        return False
    protection = data_set.protection
    match protection.encryption:
        case Encryption.STATE_OF_THE_ART:
            return protection.key is Key.SAFE
        case Encryption.DEVICE:
            # A wipe helps where nobody was quicker: with the key known to others it came too late.
            wiped = "remote_wipe" in facts.measures_taken and protection.key is not Key.COMPROMISED
            return protection.key is Key.SAFE or wiped
        case _:
            return False


def passwords_withstand(data_set: DataSet) -> bool:
    """Whether passwords were salted and hashed and the salt stayed safe (Guidelines 01/2021 case 06)."""
    return data_set.protection.encryption is Encryption.HASHED_SALTED and data_set.protection.key is Key.SAFE


def pseudonyms_hold(data_set: DataSet) -> bool:
    """Whether the table that turns pseudonyms into people stayed out of reach (Art. 4(5) GDPR)."""
    return data_set.protection.encryption is Encryption.PSEUDONYMISED and data_set.protection.key is Key.SAFE


def is_special(data_set: DataSet) -> bool:
    """Whether data of Art. 9 or 10 GDPR are involved: as stated, else where the field tells of them."""
    return data_set.special_categories is YesNoUnknown.YES or field_reveals(data_set)


def field_reveals(data_set: DataSet) -> bool:
    """Whether the field alone tells of data of Art. 9 or 10, as nobody has said whether they are involved."""
    return data_set.special_categories is YesNoUnknown.UNKNOWN and reveals(data_set.sector, data_set.subjects)


def are_protected_people(data_set: DataSet) -> bool:
    """Whether vulnerable people are among those affected, by statement, by the groups named or by the field."""
    if data_set.vulnerable is YesNoUnknown.YES or any(map(is_protected_group, data_set.subjects)):
        return True
    seeking = data_set.vulnerable is YesNoUnknown.UNKNOWN and shelters(data_set.sector, data_set.subjects)
    return seeking or (is_yes(data_set.published) and endangers(data_set.sector))


def is_recipient_feared(data_set: DataSet) -> bool:
    """Whether the people may have to fear a recipient, as stated or by the words for them."""
    recipients = data_set.recipients
    if recipients is None or recipients.feared is YesNoUnknown.NO:
        return False
    # A stated *no* has been answered above, so the words only decide where nobody did.
    return recipients.feared is YesNoUnknown.YES or is_feared(recipients.who)


def is_more_than(count: Count, limit: int) -> bool:
    """Whether there may be more than *limit*; true where the facts set no upper end."""
    return count.at_worst is None or count.at_worst > limit


def only_handles(data_set: DataSet) -> bool:
    """Whether the passwords stand beside nothing but names that their users chose for themselves (case 06)."""
    # By the row of the table, for a word such as ``nickname`` is another one for it.
    others = {kind.row for kind in kinds_of(data_set.kinds) if kind.row != "hashed_password"}
    return others <= HANDLES and not is_special(data_set) and not are_protected_people(data_set)


HANDLES = frozenset({"user_id", "username", "account_name", "pseudonym", "alias"})


def is_harmless_health(data_set: DataSet) -> bool:
    """Whether the only data of Art. 9 are health data of a few people that cannot be turned against them (case 15).

    Beliefs behind a diet, convictions and every other kind of Art. 9 or 10 undo it.
    """
    if data_set.special_harmless is None or is_more_than(data_set.people, A_FEW_PEOPLE):
        return False
    # Only of the special kinds: name and address stand on the list of guests, too.
    return all(kind.row in HARMLESS_ROWS for kind in kinds_of(data_set.kinds) if kind.special)


A_FEW_PEOPLE = 24
"""Up to two dozen: "very low" in Guidelines 01/2021 case 15, "a few" in case 09."""

HARMLESS_ROWS = frozenset({"health"})


def is_yes(answer: Answer) -> bool:
    """Whether a question was answered with yes."""
    return answer is YesNoUnknown.YES


def weighing_kinds(data_set: DataSet) -> tuple[DataKind, ...]:
    """The kinds that count: all but hashed passwords that withstand and health data that can harm nobody."""
    without = {"hashed_password"} if passwords_withstand(data_set) else set()
    if is_harmless_health(data_set):
        without |= HARMLESS_ROWS
    return tuple(kind for kind in kinds_of(data_set.kinds) if kind.row not in without)


def ease_of_identification(data_set: DataSet) -> tuple[Identifiability, CodedText]:
    """ENISA's level of identifiability and why: as stated, else from the kinds, else the highest.

    A set of data that names nothing identifying is taken to come with names.
    """
    if data_set.identifiability is not Identifiability.UNKNOWN:
        return data_set.identifiability, coded_text("ease_stated")
    kinds = weighing_kinds(data_set)
    if not all(kind.known for kind in kinds):
        return Identifiability.MAXIMUM, coded_text("ease_not_all_known")
    # A set that names nothing identifying comes with names in practice: an export of orders lists kinds, not its key
    # column.
    pointing = [kind.identifies for kind in kinds if kind.identifies is not IdentifyingPower.NOTHING]
    if not pointing:
        return Identifiability.MAXIMUM, coded_text("ease_nothing_shows")
    if set(pointing) == {IdentifyingPower.BY_TABLE}:
        return _behind_pseudonyms(kinds)
    # Two kinds that point a little point to one person together; pseudonyms add nothing without their table.
    if sum(kind > IdentifyingPower.BY_TABLE for kind in pointing) > 1:
        return Identifiability.MAXIMUM, coded_text("ease_several")
    return _EASE_OF_ONE_KIND[max(pointing)], coded_text("ease_one")


def _behind_pseudonyms(kinds: tuple[DataKind, ...]) -> tuple[Identifiability, CodedText]:
    """Pseudonyms hide people only while what stands beside them does not tell on them."""
    if all(kind.sensitivity <= Sensitivity.ORDINARY for kind in kinds):
        return Identifiability.NEGLIGIBLE, coded_text("ease_pseudonyms")
    return Identifiability.LIMITED, coded_text("ease_pseudonyms_tell")
