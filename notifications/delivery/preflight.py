"""What no channel may send, refused before anything leaves: crowds, forged headers, empty texts, repeats.

Messages name letters by key, never by address.
"""

import re
from collections.abc import Sequence
from typing import Final

from incidents.kernel.email_address import is_email_address, wire_form
from notifications.delivery.channel import Letter, PermanentFailure

# Not only CR and LF: the mail library breaks lines where str.splitlines does, also at U+0085 and U+2028, and raises a
# bare ValueError for a header with such a break. That is no SendError, and the whole batch would hang on it.
_BREAK: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_HALF: Final = re.compile(r"[\ud800-\udfff]")  # a surrogate: half a character, which no encoding can carry
# 1,000 stays far below the 10,000 bytes that SendGrid allows for the custom_args of one person.
_KEY: Final = re.compile(r"[!#-\[\]-~]{1,1000}")  # ASCII without space, quote and backslash: as long in JSON as here


def is_address(text: str) -> bool:
    """Say whether a text is one plain address: no spaces, line breaks, lists or display name.

    Letters outside ASCII may stand in the domain, not before the @: SendGrid does not deliver to such addresses.
    """
    return is_email_address(text)


def wire_address(address: str) -> str:
    """Write an address as it travels: a domain outside ASCII in its ASCII form, all else as it is."""
    return wire_form(address) or address


def is_one_line(text: str) -> bool:
    """Say whether a text is free of line breaks and control characters, and so cannot write mail headers."""
    return _BREAK.search(text) is None


def refuse_unsendable(letters: Sequence[Letter], limit: int) -> None:
    """Raise a PermanentFailure for a batch that no channel may send; every channel asks this first.

    A batch has 1 to `limit` letters with the same words, each for another address, each with its own key.
    Line breaks in an address, a name or a subject are refused: they would let a list of recipients write mail headers.
    """
    if not 1 <= len(letters) <= limit:
        message = f"a request carries 1 to {limit} letters, not {len(letters)}; split the batch"
        raise PermanentFailure(message)
    # What concerns all letters comes before what concerns one: a text that cannot be sent must burn no address.
    _refuse_bad_text(letters)
    _refuse_bad_keys(letters)
    _refuse_bad_recipients(letters)
    _refuse_repeats("key", [letter.key for letter in letters], letters)
    # SendGrid refuses an address that stands twice in one request. Case counts as the same: nearly every mail server
    # delivers both to one mailbox, and two letters about one breach alarm twice.
    _refuse_repeats("address", [wire_address(letter.to).casefold() for letter in letters], letters)


def _refuse_bad_text(letters: Sequence[Letter]) -> None:
    first, words = letters[0], _words(letters[0])
    if any(_words(letter) != words for letter in letters):
        message = "the letters of one request differ in their words; send each text in its own request"
        raise PermanentFailure(message)
    if not first.subject.strip() or not is_one_line(first.subject):
        message = "the subject is empty or has a line break; correct the draft and approve it again"
        raise PermanentFailure(message)
    if not first.text.strip():
        message = "the plain text is empty; correct the draft and approve it again"
        raise PermanentFailure(message)
    # The outbox folder could not encode it: a bare UnicodeEncodeError, which is no SendError and would hold up the
    # batch.
    if _HALF.search(f"{first.text}{first.html}"):
        message = "the text holds half a character; write that place again and approve it again"
        raise PermanentFailure(message)
    if first.reply_to is not None and not is_address(first.reply_to):
        message = "the reply-to address is not one plain address; correct the contact point in the settings"
        raise PermanentFailure(message, whose="configuration")


def _words(letter: Letter) -> tuple[object, ...]:
    return letter.subject, letter.text, letter.html, letter.kind, letter.exercise, letter.reply_to


def _refuse_bad_keys(letters: Sequence[Letter]) -> None:
    bad = sum(1 for letter in letters if not _KEY.fullmatch(letter.key))
    if bad:
        message = f"{bad} letters have no usable key; use 1 to 1,000 ASCII characters, no space, quote or backslash"
        raise PermanentFailure(message)


def _refuse_bad_recipients(letters: Sequence[Letter]) -> None:
    bad = [letter.key for letter in letters if not (is_address(letter.to) and is_one_line(letter.to_name or ""))]
    if bad:
        message = f"the address or name of {_some(bad)} is not one plain line; correct it in the list of people"
        raise PermanentFailure(message, whose="recipient", keys=bad)


def _refuse_repeats(what: str, values: Sequence[str], letters: Sequence[Letter]) -> None:
    seen: set[str] = set()
    repeats = []
    for letter, value in zip(letters, values, strict=True):
        if value in seen:
            repeats.append(letter.key)
        seen.add(value)
    if repeats:
        message = f"{_some(repeats)} repeats the {what} of an earlier letter; send it in a request of its own"
        raise PermanentFailure(message, keys=repeats)


def _some(keys: Sequence[str]) -> str:
    return keys[0] if len(keys) == 1 else f"{keys[0]} and {len(keys) - 1} more"
