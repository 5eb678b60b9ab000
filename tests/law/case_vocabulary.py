"""Put published breach cases, written in a small case vocabulary, to the judgement: one JSON line for each case.

    python tests/law/case_vocabulary.py FILE

Knows how that vocabulary becomes facts; refuses to judge. A key or value it does not understand is carried as a reason
``not_understood`` and never lowers the risk: a missing or unreadable answer is *unknown*.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from incidents.assessment.proposal import as_json, assess
from incidents.facts.breach import Facts
from incidents.facts.choices import Role
from incidents.kernel.yaml_documents import read_yaml

HOURS_OF_A_DAY = 24
A_FEW = 8
"""``a few`` hours or ``several`` minutes, where the source gives no number."""

HARMLESS_HEALTH = re.compile(r"intoleran|lactose|gluten|\bfood|\bdiet|\bmeal|trivial|harmless|negligible")
"""Words for health data that can hardly be turned against anybody (Guidelines 01/2021, case 15) ..."""
TELLING_OF_MORE = re.compile(
    r"halal|kosher|relig|belief|ramadan|fasting|diabet|illness|disease|diagnos|disorder|medic|health record"
)
"""... unless one of these stands beside them."""

ENCRYPTION = {
    "none": {"encryption": "none"},
    "state_of_art_key_safe": {"encryption": "state_of_the_art", "key": "safe"},
    "hashed_salted": {"encryption": "hashed_salted"},
    "device_encrypted": {"encryption": "device"},
    "unknown": {},
    False: {"encryption": "none"},
    "n/a": {"encryption": "not_applicable"},
}
BACKUPS = {
    "full_fast": "full_fast",
    "full_slow": "full_slow",
    "partial_paper": "partial",
    "none": "none",
    False: "none",
    "unknown": "unknown",
    "encrypted_too": "encrypted_too",
    "n/a": "not_applicable",
}
EXFILTRATION = {
    "none_proven": "none_proven",
    "possible": "possible",
    "confirmed": "confirmed",
    True: "confirmed",
    "unknown": "unknown",
    "n/a": "not_applicable",
}
CAUSES = {
    "unknown": {},
    True: {"malicious": "yes"},
    False: {"actor": "none", "malicious": "no"},
    "external": {"actor": "external", "malicious": "yes"},
    "insider": {"actor": "insider", "malicious": "yes"},
    "none": {"actor": "none", "malicious": "no"},
}
DELETIONS = {
    "written": "attested",
    "stated": "stated",
    "declaration": "stated",
    "requested_only": "asked",
    "requested_immediately": "asked",
}
RECIPIENT = ("recipient", "recipient_count", "recipient_trusted", "deletion_confirmed", "retrieval")
"""Keys that say something of who received the data."""
RETRIEVALS = {"recalled": "recalled", "returned_unopened": "unopened", "returned_opened": "opened"}
TRUST = {True: "yes", False: "no", "partly": "partly", "unknown": "unknown"}
ANSWERS = {True: "yes", False: "no", "true": "yes", "false": "no", "yes": "yes", "no": "no", "unknown": "unknown"}
SPECIAL = ANSWERS | dict.fromkeys(("partly", "some", "few", "possible", "likely", "unlikely"), "yes")
"""Whatever is not a plain no: some of the data are of Art. 9 or 10."""
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NO_FRAUD = ("none_observed", "none", False)
FRAUD = {**dict.fromkeys(NO_FRAUD, ()), "unknown": [], "observed": ["fraud"], True: ["fraud"],
         "attempted": ["fraud"], "suspected": ["fraud"]}  # fmt: skip
ROLES = {"processor": "processor", "sub_processor": "processor", "subprocessor": "processor",
         "controller": "controller", "joint_controller": "joint_controller"}  # fmt: skip
LETTERS = {"C": "confidentiality", "I": "integrity", "A": "availability"}
EFFECTS = (
    (
        "critical",
        (
            r"treatment|surger|\bcancel\w* operations?\b|\boperations? (?:were |was |are )?(?:cancel|postpon|put off)"
            r"|\boperations? (?:were |was |are )?delay"
            r"|patient|emergenc|ambulance|medica|\bcare\b|critical|\blife\b|urgent"
        ),
    ),
    (
        "serious",
        (
            r"cancel|unpaid|not paid|\bpay(?:ment|ments|roll)?\b|salar|wage|benefit|denied|refus|unable|impossible"
            r"|major|serious|severe|difficult|significant|substantial|loan|pension"
            r"|distress|threat|relocat|violen|identity theft|blackmail|extort|anxiet|humiliat"
        ),
    ),
    ("minor", r"minor|small|slight|delay|late\b|later\b|inconvenien|temporar|disrupt|interrupt|newsletter"),
)
"""From words for the effect on people to the effect, the gravest first."""

NO_EFFECT = re.compile(
    r"(?:none|nothing|no|without)(?: \w+){0,2} ?(?:effects?|impacts?|delays?|disruptions?|interruptions?|consequences?"
    r"|difficult(?:y|ies))?(?: (?:on|for|of|to)(?: (?!but|except|however|though|only|until|while)\w+){1,8}"
    r"| observed| reported| known)?"
)
"""A plain denial and nothing after it."""

UNDERSTOOD = frozenset(
    {
        "sector", "subjects", "people", "data", "special_categories", "special_detail", "vulnerable",
        "breach", "malicious", "encrypted", "key_compromised", "exfiltration", "published", "exploited",
        "fraud", "backup", "restored_hours", "restored_working_days", "unavailable_hours", "duration_minutes",
        "operational_impact", "undetected_days", "investigation_hours_max", "remote_wipe", "recipient",
        "recipient_count", "recipient_trusted", "deletion_confirmed", "retrieval", "read", "cross_border",
        "role"
    }
)  # fmt: skip


class Translation:
    """One case on its way from the vocabulary to facts, with what was not understood."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.not_understood = [f"key `{key}`: {given[key]}" for key in given if key not in UNDERSTOOD]

    def look_up(self, key: str, table: Mapping[Any, Any], unknown: Any) -> Any:
        """Translate one value; absent becomes *unknown* quietly, unreadable becomes *unknown* with a note."""
        value = self.given.get(key)
        if value is None:
            return unknown
        if isinstance(value, (str, bool)) and value in table:
            return table[value]
        self.not_understood.append(f"`{key}: {value}`")
        return unknown

    def number(self, key: str, times: float = 1) -> float | None:
        """Read a number, or ``a few``."""
        value = self.given.get(key)
        if value is None or isinstance(value, bool):
            return None
        if isinstance(value, (int, float)):
            return max(0, value) * times
        if match := re.search(r"\d+(?:\.\d+)?", str(value)):
            return float(match.group()) * times
        if str(value) in {"several", "a few", "few"}:
            return A_FEW * times
        self.not_understood.append(f"`{key}: {value}`")
        return None


def slug(word: object) -> str:
    """Make a word of an open list out of any text."""
    plain = re.sub(r"[^a-z0-9_]+", "_", str(word).lower()).strip("_")[:60]
    return plain if re.match(r"[a-z]", plain) else f"kind_{plain}"[:60]


def listed(value: object) -> list[Any]:
    """Read a list where one word may stand for a list of one."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def facts_of(case: Translation, summary: str) -> Facts:
    """Turn one case into facts."""
    given = case.given
    return Facts.model_validate(
        {
            "summary": summary,
            "undetected_days": case.number("undetected_days"),
            "cause": _cause(case),
            "cross_border": case.look_up("cross_border", ANSWERS, "unknown"),
            "measures_taken": ["remote_wipe"] if given.get("remote_wipe") is True else [],
            "data_sets": [_data_set(case)],
        }
    )


def _cause(case: Translation) -> dict[str, str]:
    """Who meant it; where nobody says, what came back or reached somebody trusted was sent astray."""
    given = case.given
    if given.get("malicious") is not None:
        return dict(case.look_up("malicious", CAUSES, {}))
    astray = given.get("retrieval") in RETRIEVALS or given.get("recipient_trusted") is True
    took = given.get("exfiltration") not in {None, "n/a", "none_proven"} or given.get("fraud") not in {None, *NO_FRAUD}
    doubtful = re.search(r"employ|insider|former|hack|attack|thief|crimin", str(given.get("recipient", "")).lower())
    return {"nature": "misdelivery"} if astray and not took and not doubtful else {}


def _data_set(case: Translation) -> dict[str, Any]:
    given = case.given
    breach = _breach(case)
    return {
        "name": "the case",
        "role": _role(case),
        "subjects": [slug(each) for each in listed(given.get("subjects"))],
        "sector": _words(given.get("sector")),
        "kinds": _kinds(given),
        "people": _people(case, given.get("people")),
        "breach": breach,
        "special_categories": _special(case),
        "special_harmless": _harmless(given),
        "vulnerable": case.look_up("vulnerable", ANSWERS, "unknown"),
        "protection": _protection(case),
        "exfiltration": _exfiltration(case),
        "published": _published(case),
        "recipients": _recipients(case),
        "alteration": "restored" if _was_restored(given) else "unknown",
        "backup": case.look_up("backup", BACKUPS, "unknown"),
        "unavailable_hours": _hours(case),
        "effect": _effect(case),
        "effect_detail": _words(given.get("operational_impact")),
        "consequences_seen": case.look_up("fraud", FRAUD, []),
    }


def _role(case: Translation) -> str:
    """Who asks; a word nobody knows leaves the duties of a controller in place."""
    value = case.given.get("role")
    role = ROLES.get(slug(value)) if value is not None else "controller"
    if role is None:
        case.not_understood.append(f"`role: {value}`")
    return role or "controller"


def _kinds(given: Mapping[str, Any]) -> list[str]:
    """Read the kinds of data; "name, address" in one entry are two."""
    words = [word for each in listed(given.get("data")) for word in re.split(r"[,;/+&]", str(each)) if word.strip()]
    return [slug(word) for word in words] or ["not_stated"]


def _breach(case: Translation) -> list[str]:
    letters = listed(case.given.get("breach"))
    found = [LETTERS[letter] for letter in letters if letter in LETTERS]
    unclear = [
        letter for letter in letters if letter not in LETTERS and letter not in {"C_ciphertext_only", "C_unlikely"}
    ]
    case.not_understood += [f"`breach: {each}`" for each in unclear]
    if unclear or not letters:
        return list(LETTERS.values())
    if "C_ciphertext_only" in letters or _doubted(case.given, letters) or not found:
        found.append("confidentiality")
    return found


def _doubted(given: Mapping[str, Any], letters: list[Any]) -> bool:
    """Whether "disclosure practically excluded" stands beside something that speaks against it."""
    against = given.get("exfiltration") in {"possible", "confirmed"} or given.get("key_compromised") is True
    return "C_unlikely" in letters and against


def _protection(case: Translation) -> dict[str, str]:
    given = case.given
    found = dict(case.look_up("encrypted", ENCRYPTION, {}))
    if "C_ciphertext_only" in listed(given.get("breach")) and "encrypted" not in given:
        found = {"encryption": "state_of_the_art", "key": "safe"}
    compromised = case.look_up("key_compromised", ANSWERS, "unknown")
    if compromised != "unknown":
        found["key"] = "compromised" if compromised == "yes" else "safe"
    return found


def _exfiltration(case: Translation) -> str:
    given = case.given
    if "exfiltration" in given:
        return case.look_up("exfiltration", EXFILTRATION, "unknown")
    if "C_unlikely" in listed(given.get("breach")) and not _doubted(given, ["C_unlikely"]):
        return "none_proven"
    exploited = {"yes": "confirmed", "no": "none_proven", "unknown": "unknown"}
    return exploited[case.look_up("exploited", ANSWERS, "unknown")]


def _published(case: Translation) -> str:
    """Whether the public could reach the data; a hole that nobody is known to have used lay open all the same.

    Only where something was disclosed, to nobody in particular and readable: elsewhere "not used" is no hole.
    """
    given = case.given
    stated: str = case.look_up("published", ANSWERS, "unknown")
    unused = given.get("exploited") in {False, "false"} and "published" not in given
    letters = listed(given.get("breach"))
    excluded = bool(letters) and set(letters) <= {"C_unlikely", "I", "A"} and not _doubted(given, letters)
    disclosed = not excluded and not any(given.get(key) for key in RECIPIENT)
    sealed = given.get("encrypted") == "state_of_art_key_safe" and given.get("key_compromised") is not True
    return "yes" if unused and disclosed and not sealed else stated


def _special(case: Translation) -> str:
    stated = str(case.look_up("special_categories", SPECIAL, "unknown"))
    if stated != "unknown":
        return stated
    return "yes" if case.given.get("special_detail") else "unknown"


def _harmless(given: Mapping[str, Any]) -> str | None:
    """The words that show how far data of Art. 9 go, where they show that nobody can be harmed with them."""
    detail = str(given.get("special_detail") or "")
    said = re.sub(r"\b(?:no|not|without)\b[^,;.]*", "", detail.lower())
    return detail if HARMLESS_HEALTH.search(said) and not TELLING_OF_MORE.search(said) else None


def _people(case: Translation, given: object) -> object:
    if _is_count(given):
        return given
    if given is None:
        return "unknown"
    least, most = (given.get("min"), given.get("max")) if isinstance(given, dict) else (given, given)
    if isinstance(given, dict) and least is None and most is None:
        return _in_words(str(given.get("approx") or ""))
    unreadable = any(each is not None and not _is_count(each) for each in (least, most))
    if unreadable or (_is_count(least) and _is_count(most) and least > most):
        case.not_understood.append(f"`people: {given}`")
        return "unknown"
    return {"least": least, "most": most, "estimate": least != most}


def _in_words(approx: str) -> object:
    """Read a wording that is a number and no more: ``15``, ``one person``; any other leaves it unknown."""
    found = re.fullmatch(rf"(\d{{1,9}}|{'|'.join(NUMBERS)})(?: (?:persons?|people|individuals?|customers?|clients?))?",
                         approx.lower().strip())  # fmt: skip
    if found is None:
        return "unknown"
    number = found.group(1)
    return NUMBERS.index(number) + 1 if number in NUMBERS else int(number)


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _words(value: object) -> str | None:
    """Read words; blanks say nothing."""
    return str(value).strip() or None if value is not None else None


def _recipients(case: Translation) -> dict[str, Any] | None:
    given = case.given
    if not any(given.get(key) is not None for key in RECIPIENT):
        return None
    recipients = {
        "who": _words(given.get("recipient")) or "a recipient who is not described",
        "trusted": case.look_up("recipient_trusted", TRUST, "unknown"),
        "deletion": case.look_up("deletion_confirmed", DELETIONS, "unknown"),
        "returned": case.look_up("retrieval", RETRIEVALS, "unknown"),
    }
    # Silence is not a stated "unknown": one recipient is described, and what came back unopened was not read.
    if given.get("recipient_count") is not None:
        recipients["count"] = _recipient_count(case)
    if given.get("read") is not None:
        recipients["read"] = case.look_up("read", ANSWERS, "unknown")
    return recipients


def _recipient_count(case: Translation) -> object:
    value = case.given.get("recipient_count")
    if _is_count(value):
        return value
    if match := re.fullmatch(r"(>=?)\s*(\d+)", str(value)):
        return {"min": int(match.group(2)) + (match.group(1) == ">")}
    if value is not None:
        case.not_understood.append(f"`recipient_count: {value}`")
    return "unknown"


def _was_restored(given: Mapping[str, Any]) -> bool:
    """Whether the data came back before anybody relied on altered ones: nobody could use them, and it was noticed."""
    restored = given.get("restored_hours") is not None or given.get("restored_working_days") is not None
    unusable = "A" in listed(given.get("breach")) and given.get("undetected_days") in {None, 0, 1}
    return restored and unusable and given.get("backup") in {"full_fast", "full_slow"}


def _hours(case: Translation) -> float | None:
    readings = (
        case.number("unavailable_hours"),
        case.number("restored_hours"),
        case.number("restored_working_days", HOURS_OF_A_DAY),
        case.number("duration_minutes", 1 / 60),
    )
    return max((reading for reading in readings if reading is not None), default=None)


def _effect(case: Translation) -> str:
    words = case.given.get("operational_impact")
    if words is None:
        return "unknown"
    said = str(words).lower().strip(" .")
    if (
        words is False
        or re.fullmatch(r"(?:none|no|nothing)(?: observed| reported)?", said)
        or (NO_EFFECT.fullmatch(said) and _denies(said))
    ):
        return "none"
    for effect, pattern in EFFECTS:
        if re.search(pattern, said):
            return effect
    case.not_understood.append(f"`operational_impact: {words}`")
    return "unknown"


def _denies(said: str) -> bool:
    """Whether a sentence denies an effect, and not access: "no access to records" is no comfort."""
    return bool(re.search(r"effect|impact|delay|disrupt|interrupt|consequence|difficult", said))


def cases_in(value: object) -> Iterator[Mapping[str, Any]]:
    """Find every case in the file, under whatever headings."""
    if isinstance(value, dict):
        if "id" in value and isinstance(value.get("facts"), dict):
            yield value
            return
        for each in value.values():
            yield from cases_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from cases_in(each)


def answer(case: Mapping[str, Any]) -> dict[str, Any]:
    """Judge one case."""
    translation = Translation(case["facts"])
    facts = facts_of(translation, _words(case.get("summary")) or f"case {case['id']}")
    judged = as_json(assess(facts)) | _of_the_controllers(facts)
    missed = [
        {"factor": "not_understood", "effect": "notes", "because": fromkey, "source": "the case file"}
        for fromkey in dict.fromkeys(translation.not_understood)
    ]
    keys = ("risk", "register", "notify_authority", "notify_people")
    return {"id": case["id"], **{key: judged[key] for key in keys}, "reasons": judged["reasons"] + missed}


def _of_the_controllers(facts: Facts) -> dict[str, Any]:
    """Of a processor's breach: what its controllers owe, for a published verdict is about them.

    Our own duty is the notice to each of them, which `advise` answers with (Art. 33(2) GDPR); that reason stays.
    """
    if facts.as_controller:
        return {}
    ours = as_json(assess(facts))
    sets = tuple(data_set.model_copy(update={"role": Role.CONTROLLER}) for data_set in facts.data_sets)
    theirs = as_json(assess(facts.model_copy(update={"data_sets": sets})))
    notice = [our for our in ours["reasons"] if our["factor"] == "controllers_decide"]
    return {key: theirs[key] for key in ("notify_authority", "notify_people")} | {
        "reasons": [*notice, *theirs["reasons"]]
    }


def main(arguments: list[str] | None = None, say: Callable[[str], object] = print) -> int:
    """Read the file and print one line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(arguments).file
    for case in cases_in(read_yaml(path.read_text(encoding="utf-8"), path.name).value):
        say(json.dumps(answer(case), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
