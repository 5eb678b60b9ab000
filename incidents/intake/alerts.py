"""Alerts of other systems as possible breaches: what one says, and nothing personal of it.

Only named fields are kept (shapes.py), and of their words no address (private_words.py).
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Final

from incidents.casework.case.open import LONGEST_SYSTEM, LONGEST_TITLE, IncidentReport, one_line
from incidents.casework.case.signals import Signal
from incidents.evidence.files import EvidenceFile
from incidents.intake.moments import alert_time
from incidents.intake.private_words import without_people
from incidents.intake.shapes import AlertShape, OnlyResolvedError, shape_of
from incidents.kernel.errors import InvalidInputError
from incidents.texts.coded_text import CodedText
from incidents.texts.timeline_texts import timeline_text

NAME: Final = "alert-without-people.json"
"""What is kept of an alert, as a file of evidence."""
_ADVICE: Final = 'say what was noticed: tocsin open "TITLE" --from-alert FILE'


class AlertRefusedError(InvalidInputError):
    """The file is no alert that can be read; the message says what is missing."""


def read_alert(
    content: bytes, now: datetime, *, title: str | None = None, detected_at: datetime | None = None
) -> IncidentReport:
    """Read an alert as the beginning of a case; what a person says, *title* and *detected_at*, goes before it.

    An odd or missing time, a blank or endless summary keep no case from being opened: what was made of them is a line
    of the timeline.

    Raises:
        AlertRefusedError: not JSON, only about what is over, or neither it nor *title* says what was noticed.

    """
    shape = _shape(content)
    told = _title(shape) if title is None else None
    if title is None and told is None:
        message = f"nothing in the alert says what was noticed; {_ADVICE}"
        raise AlertRefusedError(message)
    when = alert_time(shape.times, now)
    return IncidentReport(
        title=title or _shortened(told or "", LONGEST_TITLE),
        detected_at=detected_at or when.at,
        first_signal_at=when.at,
        system=_shortened(_words(shape.system), LONGEST_SYSTEM) or None,
        source="alert",
        notes=_notes(shape, _title(shape) or title or "", None if detected_at else when.remark),
        evidence_file=EvidenceFile(name=NAME, content=_kept(shape, content)),
        kept_line=timeline_text(
            "kept_of_alert", name=NAME, size=len(content), sha256=hashlib.sha256(content).hexdigest()
        ),
        signal=_known(shape, title or told or ""),
    )


def _shape(content: bytes) -> AlertShape:
    try:
        body = json.loads(content)
    # ValueError covers both kinds of broken text, and a number of more than 4,300 digits, which Python refuses to read.
    # RecursionError: thousands of nested brackets are valid JSON to its first lines, and no traceback is an answer.
    except (ValueError, RecursionError) as error:
        message = f"the alert is not JSON ({error.__class__.__name__}): give the body of the webhook as it came"
        raise AlertRefusedError(message) from error
    if not isinstance(body, (dict, list)):
        message = "the alert must be a JSON object: give the body of the webhook as it came"
        raise AlertRefusedError(message)
    try:
        return shape_of(body)
    except OnlyResolvedError as error:
        message = "the alert holds no firing alert (only resolved ones): there is nothing to open"
        raise AlertRefusedError(message) from error


def _title(shape: AlertShape) -> str | None:
    return next((words for one in shape.titles if isinstance(one, str) and (words := _words(one))), None)


def _words(value: Any) -> str:
    """Give a value as one line without addresses; nothing where it is no text or number."""
    return without_people(one_line(str(value))) if isinstance(value, (str, int, float)) else ""


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _known(shape: AlertShape, title: str) -> Signal:
    # Without an identity of its own an alert is known by what it says.
    identity = shape.identity.strip() or f"{title} {_words(shape.system)}"
    return Signal(
        source=shape.source[:40],
        fingerprint=hashlib.sha256(f"{shape.source}\0{identity}".encode(errors="replace")).hexdigest(),
        count=shape.count + shape.truncated,
    )


def _notes(shape: AlertShape, told: str, remark: CodedText | None) -> tuple[CodedText, ...]:
    severity = f", severity {_words(shape.severity)}" if _words(shape.severity) else ""
    left_out = f"; the sender left out {shape.truncated} more" if shape.truncated else ""
    more = f"; {shape.count} alerts in one message" if shape.count > 1 else ""
    signal = timeline_text(
        "signal",
        what=told + severity,
        identity=_shortened(_words(shape.identity), 120) or "-",
        left_out=more + left_out,
    )
    return (signal, remark) if remark is not None else (signal,)


def _kept(shape: AlertShape, content: bytes) -> bytes:
    kept = {
        "source": shape.source,
        "received": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()},
        "note": "Only named fields of the alert as received, without e-mail and network addresses.",
        **_without_people(dict(shape.kept)),
    }
    text = json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False)
    # Half a surrogate pair (``"\ud83d"``) is valid JSON and has no UTF-8: it goes back to the escape it came as.
    return text.encode(errors="backslashreplace")


def _without_people(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_people(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_people(part) for part in value]
    return without_people(value) if isinstance(value, str) else value
