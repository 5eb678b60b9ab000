"""Every sentence of the judgement in English, by its code: reasons by their factor, steps of the score, questions.

Codes are stable: the same keys stand in every language under ``said`` in templates/reports/words, and stored
judgements name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# The name in braces settles how a value is written (coded_text.py): ``step`` with its sign, ``kinds`` without
# underscores, ``parts`` without anything between them. A value under a new name is written as it is.
REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "special_categories": {
        "special_categories": "data of Art. 9 or 10 GDPR are involved; damage is to be considered likely",
        "special_categories_field": "to be on a list there tells of Art. 9 or 10 GDPR ({sector}); damage is to be"
                                    " considered likely",
        "special_categories_named": "data of Art. 9 or 10 GDPR are involved ({kinds}); damage is to be considered"
                                    " likely",
    },
    "feared_recipient": {
        "feared_recipient": "the people may have to fear whoever received the data: {text}",
    },
    "protected_people": {
        "protected_people": "people who are vulnerable or in need of protection are affected; even plain contact data"
                            " can harm them",
    },
    "identity_theft": {
        "identity_theft": "with these data somebody can pose as the person or spend in their name ({kinds})",
    },
    "ways_into_accounts": {
        "ways_into_accounts": "credentials open accounts, often more than one ({kinds})",
    },
    "money_and_whereabouts": {
        "money_and_whereabouts": "money, communications or whereabouts are involved ({kinds})",
    },
    "telling_data": {
        "telling_data": "the data say who people are or how they live and permit credible deception ({kinds})",
    },
    "unlisted_kinds": {
        "unlisted_kinds": "what is meant is not in the table of kinds, so it is treated with caution ({kinds})",
    },
    "own_context": {
        "own_context": "the context makes the data graver than their kinds: {text}",
    },
    "everyday_data": {
        "everyday_data": "everyday data: annoyance and unwanted messages are the likely harm",
    },
    "unreadable_passwords": {
        "unreadable_passwords": "passwords were salted and hashed and the salt is safe, so they do not count as a way"
                                " into accounts",
        "unreadable_passwords_handles": "passwords were salted and hashed, the salt is safe, and beside them stand only"
                                        " names that users chose for themselves",
    },
    "harmless_health": {
        "harmless_health": "the health data can hardly be turned against anybody: {text}",
    },
    "hard_to_identify": {
        "hard_to_identify": "people cannot readily be recognised: {why}",
    },
    "pseudonymised": {
        "pseudonymised": "the data are pseudonymised and the reference table is safe",
    },
    "public_already": {
        "public_already": "the same data were public before the breach",
    },
    "nothing_disclosed": {
        "nothing_disclosed": "no disclosure is stated, and no sign points to one",
    },
    "unintelligible_to_outsiders": {
        "unintelligible_to_outsiders": "the data were encrypted before the breach and the key is safe, so outsiders"
                                       " cannot read them",
    },
    "came_back_unopened": {
        "came_back_unopened": "what went astray came back unopened",
        "came_back_unseen": "what went astray was called back before it was seen",
    },
    "grave_data_lay_open": {
        "grave_data_lay_open": "data this grave lay open; that none left does not show that nobody read them",
        "grave_data_lay_open_passwords": "passwords lay open; that no data left does not show that nobody read them",
    },
    "logs_show_no_outflow": {
        "logs_show_no_outflow": "complete logs show that no data left",
        "logs_show_no_outflow_inside": "logs show no outflow, but an attacker had access and may have looked",
        "logs_show_no_outflow_public": "the data lay open to the public, but complete logs show that nobody took them",
    },
    "taken_on_purpose": {
        "taken_on_purpose": "data went, or may have gone, to somebody with bad intentions",
        "taken_on_purpose_inside": "somebody with access took the data on purpose; what for is not known",
    },
    "trusted_recipient": {
        "trusted_recipient": "the recipient is bound to secrecy, but deletion is not shown",
        "trusted_recipient_deleted": "the recipient is bound to secrecy and has deleted the data",
    },
    "few_known_recipients": {
        "few_known_recipients": "a few known recipients got the data by mistake: {text}",
        "few_known_recipients_attested": "a few known recipients got the data by mistake: {text}; they confirmed the"
                                         " deletion in writing, but nothing else binds them",
        "few_known_recipients_promise": "a few known recipients got the data by mistake: {text}; they say it is"
                                        " deleted, but nothing binds them",
    },
    "anybody": {
        "anybody": "nobody can say who has the data (cause: {nature})",
        "anybody_public": "the data were reachable by the public",
        "anybody_uncounted": "how many recipients there are is not stated, so it may be many",
        "anybody_many": "the recipients are too many or too uncertain to be followed up",
    },
    "many_people": {
        "many_people": "more than {people} people are affected, or may be",
        "many_people_least": "at least {people} people are affected and no upper number is known, so it may be many",
        "many_people_unknown": "the number of people is unknown, so it may be many",
    },
    "long_undetected": {
        "long_undetected": "an attacker was inside for {days} days before anybody noticed",
    },
    "wrong_data": {
        "wrong_data": "altered data may have been relied on, or nobody can say whether they were",
    },
    "data_restored": {
        "data_restored": "the original data were put back before anybody relied on the altered ones",
    },
    "people_feel_it": {
        "people_feel_it": "people feel it: {text}",
        "people_feel_it_serious": "people feel it: the effect is serious",
        "people_feel_it_critical": "people feel it: the effect is critical",
    },
    "people_depend_on_it": {
        "people_depend_on_it": "people depend on these data, and they were missing for {hours} hours",
        "people_depend_on_it_unknown": "people depend on these data, and they were missing for a time nobody has"
                                       " stated",
    },
    "lost_for_good": {
        "lost_for_good": "there is no backup the data could come back from",
    },
    "over_in_a_moment": {
        "over_in_a_moment": "the interruption was over within the hour",
    },
    "back_from_backup": {
        "back_from_backup": "a full backup brought the data back in good time",
    },
    "nobody_noticed": {
        "nobody_noticed": "it is established that people felt nothing of it",
    },
    "hardly_felt": {
        "hardly_felt": "through a fault everyday data were missing for {hours} hours, and people hardly felt it",
    },
    "slow_to_return": {
        "slow_to_return": "the data were missing for {hours} hours, with consequences for people that cannot be ruled"
                          " out",
        "slow_to_return_unknown": "the data were missing for a time nobody has stated, with consequences for people"
                                  " that cannot be ruled out",
    },
    "harm_already_seen": {
        "harm_already_seen": "people have already met with: {consequences}",
    },
    "high_risk_not_averted": {
        "high_risk_not_averted": "later measures cannot avert what was published or has already happened: {sets}",
    },
    "direct_contact_disproportionate": {
        "direct_contact_disproportionate": "writing to each person would be disproportionate: {text}; a public"
                                           " communication or a similar, equally effective measure is then mandatory",
    },
    "high_risk_averted": {
        "high_risk_averted": "later measures avert the high risk: {text}",
    },
    "unintelligible": {
        "unintelligible": "without encryption the risk would be high; with it people need not be told: {sets}",
    },
    # "With these reasons": the register is to show why nobody was notified (Guidelines 9/2022, section V.A).
    "verdict": {
        "verdict_unlikely": "a risk is unlikely: document the breach, with these reasons (Art. 33(5) GDPR)",
        "verdict_risk": "a risk is not unlikely, but not high: notify the authority (Art. 33(1) GDPR)",
        "verdict_high": "a high risk is likely: notify the authority and tell the people (Arts. 33(1), 34(1) GDPR)",
    },
    # No hours: Art. 33(2) GDPR sets none, and a processor weighs no risk before it tells (Guidelines 9/2022, II.A.4).
    "controllers_decide": {
        "controllers_decide": "the data are held only for controllers: they weigh the risk and notify; we tell each of"
                              " them without undue delay and document the breach",
        "controllers_decide_too": "for data held for controllers ({sets}; risk {risk}) they decide; we tell each of"
                                  " them",
    },
    "joint_control": {
        "joint_control": "controlled jointly ({sets}): the arrangement should say who leads on Arts. 33 and 34. Without"
                         " it each controller remains responsible, so the duties are counted as ours in full",
    },
    # "Held against the controller": DPC (IE) IN-19-1-1, Twitter.
    "awareness_through_others": {
        "awareness_through_others": "it happened at another party ({party}): {told}{knew}. Whoever is"
                                    " controller is aware once told, and a way of telling that works badly is held"
                                    " against the controller{group}",
    },
    "score_agrees": {
        "score_agrees": "the ENISA score {score} is {band}, which agrees with the verdict",
    },
    "score_differs": {
        "score_differs_further": "the ENISA score {score} is {band} and alone would indicate {risk}; it knows neither"
                                 " numbers nor misuse of identity nor a lack of trust, so the verdict goes"
                                 " further{here}",
        "score_differs_below": "the ENISA score {score} is {band} and alone would indicate {risk}; it does not count"
                               " containment, small numbers and unreadable data, so the verdict stays below it{here}",
    },
}  # fmt: skip
"""The reasons, by their factor (factors.py)."""

STEPS: Final[Mapping[str, str]] = {
    "context": "Data processing context {context}: {parts}. {adjusted}.",
    "context_highest": "the highest kind is {kinds}",
    "context_unlisted": "the highest kind is one that is not in the table",
    "context_passwords_only": "nothing but passwords that withstand guessing",
    # Parts bring their own comma or semicolon: they follow ``context_highest`` with nothing between.
    "context_public_before": ", one less because the data were public before",
    "context_harmless_health": "; the health data lead to general assumptions only",
    "context_protected": "; Art. 9 or 10 data or people in need of protection make it 4",
    "context_chosen": "chosen by a person: {text}",
    "adjusted_caution": "A kind nobody has described is taken for {category} with caution",
    "adjusted_credentials": "Credentials are no category: they take that of what they open, which is not stated",
    "adjusted_by": "Category {category}, basic score {basic}, adjusted by {step}: {cell}",
    "not_adjusted": "Category {category}, basic score {basic}, not adjusted: {cell}",
    "ease": "Ease of identification {ei} ({level}): {why}.",
    "ease_with_cells": "Ease of identification {ei} ({level}): {why} ({rows}).",
    "ease_stated": "stated in the facts",
    "ease_not_all_known": "not every kind of data is known, so full identification is assumed",
    "ease_nothing_shows": "nothing shows that people cannot be recognised",
    "ease_several": "several kinds of data together point to one person",
    "ease_one": "one kind of data points to a person",
    "ease_pseudonyms": "only pseudonyms point to people",
    "ease_pseudonyms_tell": "pseudonyms, but what stands beside them may tell who it is",
    "ease_encrypted": "encrypted, and the key is safe",
    "ease_pseudonymised": "pseudonymised, and the reference table is safe",
    "identifier_cell": "{what}: {cell}",
    "adds": "{what} adds {points}: {cell}.",
    "confidentiality": "Confidentiality",
    "integrity": "Integrity",
    "availability": "Availability",
    "intent": "Malicious intent",
    "not_touched": "not touched by the breach",
    "total": "{dpc} x {ei} + {cb} = {score}: band {band}.",
}
"""The steps of ENISA's score, and their parts; what the cells of its tables say is in enisa_tables.py."""

# An empty part is a part: the sentence around it names it once, whatever is known, in every language.
PARTS: Final[Mapping[str, str]] = {
    "party_named": "{text}",
    "party_kind": "{party}",
    "told_at": "they told us at {at}",
    "told_unknown": "when they told us is not stated",
    "knew_since": ", having known since {at}",
    "knew_unknown": "",
    "own_group": "; an affiliate is of our own group, so see whether its staff's knowledge is ours",
    "no_group": "",
    "here": " (here: {factors})",
    "nothing_more": "",
}
"""Parts of reasons."""

QUESTIONS: Final[Mapping[str, str]] = {
    "ask_purpose": "Did somebody cause it on purpose, and was it somebody outside?",
    "ask_third_party": "When did the third party know, and when did it tell us?",
    "ask_begin": "When did it begin?",
    "ask_over": "Is it over?",
    "ask_altered": "Were data altered, were the altered data used, and can they be restored?",
    "ask_people": "How many people are affected, at least roughly?",
    "ask_countries": "In which countries do they live?",
    "ask_special": "Are data on health, beliefs, convictions or the like among them (Art. 9, 10 GDPR)?",
    "ask_vulnerable": "Are children, patients or people in need of protection among them?",
    "ask_meant": "What exactly is meant by: {kinds}?",
    "ask_encrypted": "Were the data encrypted, and how?",
    "ask_key": "Is the key, salt or reference table safe?",
    "ask_outflow": "Did data leave? Do complete logs show it?",
    "ask_found_again": "Was it found again, and did anybody look at the data meanwhile?",
    "ask_public": "Could the public reach the data?",
    "ask_recipients": "How many wrong recipients are there?",
    "ask_bound": "Is the wrong recipient bound by contract, office or secrecy?",
    "ask_feared": "Could people have to fear a recipient: a former partner, a birth parent, somebody they hide from?",
    "ask_deleted": "Have the recipients deleted the data, in writing?",
    "ask_seen": "Have the recipients seen the content?",
    "ask_backup": "Is there a full backup, and how fast can it be restored?",
    "ask_missing": "For how long were the data or the service missing?",
    "ask_felt": "What did people feel of it: delays, missing payments, missing care?",
}
"""What to find out next."""

# Built from the table, so that no reason can be without a factor.
FACTOR_OF: Final[Mapping[str, str]] = {about: factor for factor, codes in REASONS.items() for about in codes}
"""The factor of each sentence."""
SENTENCES: Final[Mapping[str, str]] = {
    **{about: text for reason in REASONS.values() for about, text in reason.items()},
    **STEPS,
    **PARTS,
    **QUESTIONS,
}
