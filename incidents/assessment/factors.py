"""Every factor of the judgement: what it does, what it speaks of, and where that is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One factor that may bear on the proposed risk."""

    effect: str
    """``raises``, ``lowers``, ``decides`` or ``notes``."""
    speaks_of: str
    source: str


def _raises(speaks_of: str, source: str) -> Factor:
    return Factor(effect="raises", speaks_of=speaks_of, source=source)


def _lowers(speaks_of: str, source: str) -> Factor:
    return Factor(effect="lowers", speaks_of=speaks_of, source=source)


def _decides(speaks_of: str, source: str) -> Factor:
    return Factor(effect="decides", speaks_of=speaks_of, source=source)


def _notes(speaks_of: str, source: str) -> Factor:
    return Factor(effect="notes", speaks_of=speaks_of, source=source)


# Names of factors are stable: stored proposals name them, and so do the sentences of every language. An ``effect`` may
# change; what is stored keeps the one it was proposed with.
GROUPS: Final[Mapping[str, Mapping[str, Factor]]] = {
    "How grave the data are": {
        "special_categories": _raises(
            "Health, beliefs, convictions: damage should be considered likely (Arts. 9, 10 GDPR).",
            "Art. 9, 10 GDPR; recital 75; EDPB Guidelines 9/2022 para 102",
        ),
        "protected_people": _raises(
            "Children, patients, people in need of protection: even a name and an address can endanger them.",
            "Recital 75 GDPR; EDPB Guidelines 9/2022, section IV.B; ICO breach examples, case study 1",
        ),
        "feared_recipient": _raises(
            "A name and an address in the hands of whom the people hide from: little said, and a life at stake.",
            "EDPB Guidelines 9/2022, section IV.B; ICO breach examples, case study 1",
        ),
        "identity_theft": _raises(
            "State identifiers, identity papers, full card data: somebody can pose as the person.",
            "Recital 75 GDPR; EDPB Guidelines 01/2021, cases 04, 07, 14; UODO DKN.5131.16.2021",
        ),
        "ways_into_accounts": _raises(
            "Passwords, keys and tokens open more than one service.",
            "EDPB Guidelines 9/2022, Annex VII.B, examples vi and x; EDPB Guidelines 01/2021, case 07",
        ),
        "money_and_whereabouts": _raises(
            "Accounts, bills, debts, communications, location.",
            "Recital 75 GDPR; ENISA severity methodology, category financial; EDPB Guidelines 01/2021, cases 04, 17",
        ),
        "telling_data": _raises(
            "Birth date, employment, habits: enough to deceive somebody credibly.",
            "EDPB Guidelines 01/2021, cases 05, 11, 16, 18",
        ),
        "unlisted_kinds": _raises(
            "A kind nobody has described is not taken for harmless.",
            "Art. 33(1) GDPR (notify unless unlikely); WP250rev.01: in doubt, notify",
        ),
        "own_context": _raises(
            "A person found the context graver than the kinds show: customers of a pharmacy, calls to a helpline.",
            "ENISA severity methodology, contextual factors",
        ),
        # It notes and does not raise: it is said only where nothing graver is (sensitivity.py).
        "everyday_data": _notes(
            "Name, address, one order: the least that points to a person.",
            "EDPB Guidelines 01/2021, cases 08, 13",
        ),
        "unreadable_passwords": _lowers(
            "Salted hashes whose salt is safe do not open accounts; beside chosen names alone they harm nobody.",
            "EDPB Guidelines 01/2021, case 06",
        ),
        "harmless_health": _lowers(
            "A few people's health data that nobody can turn against them: an intolerance on a list of guests.",
            "EDPB Guidelines 01/2021, case 15",
        ),
        "hard_to_identify": _lowers(
            "Nobody outside can tell whose data these are; the gravest data keep some weight all the same.",
            "ENISA severity methodology, ease of identification; EDPB Guidelines 01/2021, case 06",
        ),
        "pseudonymised": _lowers(
            "Pseudonyms whose table is safe lower the weight one step, never below everyday data.",
            "Art. 4(5) GDPR; recital 28",
        ),
        "public_already": _lowers(
            "What everybody could read before gains little from the breach; graver data are not lowered.",
            "EDPB Guidelines 9/2022, section IV.B; ENISA severity methodology, contextual factors",
        ),
    },
    "How far the data went": {
        "nothing_disclosed": _decides(
            "No confidentiality breach is stated, and nothing points to one.",
            "EDPB Guidelines 01/2021 para 5",
        ),
        "unintelligible_to_outsiders": _lowers(
            "Encrypted, and the key is safe: whoever has the data cannot read them.",
            "EDPB Guidelines 01/2021, cases 01 and 10; EDPB Guidelines 9/2022, Annex VII.B, example i",
        ),
        "came_back_unopened": _lowers(
            "What went astray was returned unopened, or called back before anybody had seen it.",
            "EDPB Guidelines 9/2022, section IV.B",
        ),
        "grave_data_lay_open": _raises(
            "Grave data within reach of the wrong people: no log of outflow shows that nobody read them.",
            "Art. 33(1) GDPR; DPC (IE), decision on passwords stored in plain text by Meta",
        ),
        "logs_show_no_outflow": _lowers(
            "Complete logs show that no data left; an attacker who was inside may still have looked.",
            "EDPB Guidelines 01/2021, cases 01 and 02; EDPB Guidelines 9/2022, Annex VII.B, example vii",
        ),
        "taken_on_purpose": _raises(
            "Somebody meant it, or nobody can rule that out: bad intentions are to be expected.",
            "EDPB Guidelines 01/2021, cases 04, 05, 07, 08, 11, 17, 18; EDPB Guidelines 9/2022, section IV.B",
        ),
        "trusted_recipient": _lowers(
            "A recipient bound by contract, office or secrecy; contained once a few have shown deletion.",
            "EDPB Guidelines 01/2021, case 09; EDPB Guidelines 9/2022, section IV.B; ICO breach examples, case study 2",
        ),
        "few_known_recipients": _raises(
            "Sent by mistake to a few people who can be asked to delete it.",
            "EDPB Guidelines 01/2021, cases 13, 15, 16",
        ),
        "anybody": _raises(
            "Nobody can say who has the data.",
            "EDPB Guidelines 01/2021, cases 12 and 14; EDPB Guidelines 9/2022, Annex VII.B, examples ix and x",
        ),
    },
    "How it harms people": {
        "many_people": _raises(
            "The number of people tips the scale, or is not known.",
            "EDPB Guidelines 9/2022, section IV.B",
        ),
        "long_undetected": _raises(
            "An attacker had a month or more: time to take, combine and use.",
            "EDPB Guidelines 01/2021, cases 05 and 18",
        ),
        "wrong_data": _raises(
            "Data were altered, and decisions may rest on what is wrong.",
            "EDPB Guidelines 01/2021 para 5 and case 05; ENISA severity methodology, integrity",
        ),
        "data_restored": _lowers(
            "The original data were put back before anybody relied on the altered ones.",
            "EDPB Guidelines 01/2021 para 5 and case 05; ENISA severity methodology, integrity",
        ),
        "people_feel_it": _raises(
            "Care, money or access was missing: the harm is not a few inconveniences.",
            "EDPB Guidelines 01/2021, case 03; EDPB Guidelines 9/2022, Annex VII.B, example viii",
        ),
        "people_depend_on_it": _raises(
            "Health data, or data of people in need of protection, were missing for longer than a moment.",
            "EDPB Guidelines 9/2022, Annex VII.B, example viii; EDPB Guidelines 01/2021, cases 03 and 12",
        ),
        "lost_for_good": _raises(
            "No backup, or the backup is gone too, and nothing says the data came back.",
            "EDPB Guidelines 01/2021, case 04; EDPB Guidelines 9/2022, Annex VII.B, example iv",
        ),
        "over_in_a_moment": _lowers(
            "An interruption of minutes, without lasting effect.",
            "EDPB Guidelines 9/2022, Annex VII.B, example iii",
        ),
        "back_from_backup": _lowers(
            "A full backup brought everything back in good time.",
            "EDPB Guidelines 01/2021, case 01; EDPB Guidelines 9/2022, Annex VII.B, example i",
        ),
        "nobody_noticed": _lowers(
            "It is established that people felt nothing, and the data came back within a day.",
            "EDPB Guidelines 01/2021, case 01",
        ),
        "hardly_felt": _lowers(
            "A fault of some hours, in everyday data, that people hardly felt: newsletters went out late.",
            "EDPB Guidelines 9/2022, section I.B.2",
        ),
        "slow_to_return": _raises(
            "Data were missing for a time, or nobody knows for how long: small but real consequences.",
            "EDPB Guidelines 01/2021, case 02",
        ),
        "harm_already_seen": _raises(
            "What has already happened to people needs no forecast.",
            "Arts. 33(1), 34(1) GDPR; recital 75; EDPB Guidelines 01/2021 para 10",
        ),
    },
    "Whether people must be written to (Art. 34(3) GDPR)": {
        # A note: the verdict stays what it was, and the person who stated those measures is told why.
        "high_risk_not_averted": _notes(
            "Later measures cannot undo what was published or has already happened.",
            "Art. 34(3)(b) GDPR",
        ),
        "direct_contact_disproportionate": _decides(
            "Writing to each person would be disproportionate: a public communication instead.",
            "Art. 34(3)(c) GDPR",
        ),
        "high_risk_averted": _decides(
            "Later measures make the high risk no longer likely: people need not be told.",
            "Art. 34(3)(b) GDPR",
        ),
        "unintelligible": _decides(
            "Encryption alone keeps the risk from being high: people need not be told.",
            "Art. 34(3)(a) GDPR; EDPB Guidelines 01/2021, case 01",
        ),
    },
    "The proposal": {
        "verdict": _decides(
            "The worst data set held as controller: the authority unless unlikely, the people where the risk is high.",
            "Arts. 33(1), 33(5), 34(1) GDPR",
        ),
        "controllers_decide": _decides(
            "Data held for controllers: they weigh and notify, we tell each of them.",
            "Art. 33(2) GDPR; EDPB Guidelines 9/2022, section II.A.4",
        ),
        "joint_control": _notes(
            "Data controlled jointly: the arrangement should say who leads; without it each controller owes all of it.",
            "Art. 26 GDPR; EDPB Guidelines 9/2022, section II.A.3",
        ),
        "awareness_through_others": _notes(
            "Where it happened at another party: we are aware once we are told, and no later.",
            "EDPB Guidelines 9/2022, section II.A.4; DPC (IE) IN-19-1-1",
        ),
        # Both sources are of controllers who relied on the score and were found wrong: "medium" where the authority saw
        # a high risk, "low" where it wanted a notification.
        "score_differs": _notes(
            "ENISA's band points elsewhere; it is an indication, and no legal test.",
            "ENISA severity methodology; UODO DKN.5131.16.2021 and DKN.5131.28.2023",
        ),
        "score_agrees": _notes(
            "ENISA's band points where the verdict points.",
            "ENISA severity methodology; UODO DKN.5131.16.2021 and DKN.5131.28.2023",
        ),
    },
}
"""The factors, by the question they answer."""

FACTORS: Final[Mapping[str, Factor]] = {name: factor for group in GROUPS.values() for name, factor in group.items()}
