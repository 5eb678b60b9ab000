"""Alerts of other systems as possible breaches: what one says, and nothing personal of it.

Only fields named here are kept; the rest may hold personal data and is dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from incidents.casework.case.open import IncidentReport, one_line
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError
from incidents.texts.coded_text import CodedText
from incidents.texts.timeline_texts import timeline_text

# Labels of systems, never of people: a user, an address or a query may stand in any other label.
_KEPT_LABELS: Final = ("alertname", "severity", "service", "job", "namespace", "cluster", "bucket", "environment")
_KEPT_ANNOTATIONS: Final = ("summary", "description", "runbook_url")
_KEPT_KEYS: Final[tuple[str, ...]] = ("title", "detected_at", "severity", "source", "external_id")
_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Alertmanager writes year 1 for "not yet"."""


class AlertRefusedError(InvalidInputError):
    """The file is no alert that can be read; the message says what is missing."""


@dataclass(frozen=True, kw_only=True)
class IncomingAlert:
    """One alert, as far as it is kept."""

    title: str
    first_signal_at: datetime
    system: str | None
    severity: str | None
    identity: str
    kept: dict[str, Any]
    truncated: int = 0
    """Alerts that the sender left out of the message."""


def read_alert(content: bytes) -> IncidentReport:
    """Read an alert as the beginning of a case.

    Raises:
        AlertRefusedError: not JSON, no title, or no time.

    """
    alert = parse_alert(content)
    text = json.dumps(alert.kept, indent=2, sort_keys=True, ensure_ascii=False)
    # Half a surrogate pair (``"\ud83d"``) is valid JSON and has no UTF-8: it goes back to the escape it came as.
    kept = text.encode(errors="backslashreplace")
    return IncidentReport(
        title=alert.title,
        detected_at=alert.first_signal_at,
        first_signal_at=alert.first_signal_at,
        system=alert.system,
        source="alert",
        notes=(_in_words(alert),),
        evidence_file=EvidenceFile(name="alert.json", content=kept),
    )


def parse_alert(content: bytes) -> IncomingAlert:
    """Recognise the shape and take what is kept."""
    try:
        body = json.loads(content)
    # ValueError covers both kinds of broken text, and a number of more than 4,300 digits, which Python refuses to read.
    # RecursionError: thousands of nested brackets are valid JSON to its first lines, and no traceback is an answer.
    except (ValueError, RecursionError) as error:
        message = f"the alert is not JSON ({error.__class__.__name__}): give the body of the webhook as it came"
        raise AlertRefusedError(message) from error
    if not isinstance(body, dict):
        message = "the alert must be a JSON object"
        raise AlertRefusedError(message)
    return _alertmanager(body) if isinstance(body.get("alerts"), list) else _plain(body)


def _alertmanager(body: dict[str, Any]) -> IncomingAlert:
    # A webhook may carry both: what is resolved opens nothing, and with nothing else there is no case.
    alerts = [alert for alert in body["alerts"] if isinstance(alert, dict) and alert.get("status") != "resolved"]
    if not alerts:
        message = "the alert holds no firing alert (only resolved ones): there is nothing to open"
        raise AlertRefusedError(message)
    # The alert's own over the common ones, as Alertmanager's templates read them.
    labels = {**_texts(body.get("commonLabels")), **_texts(alerts[0].get("labels"))}
    annotations = {**_texts(body.get("commonAnnotations")), **_texts(alerts[0].get("annotations"))}
    title = annotations.get("summary") or labels.get("alertname")
    if not title:
        message = "the alert has neither annotations.summary nor labels.alertname: give a TITLE"
        raise AlertRefusedError(message)
    # The earliest of all: a group's newest alert would start the clock of detection too late.
    times = [_time(alert.get("startsAt"), "startsAt") for alert in alerts]
    kept_alerts = [_kept(alert) for alert in alerts]
    return IncomingAlert(
        title=title,
        first_signal_at=min(times),
        system=labels.get("service") or labels.get("job"),
        severity=labels.get("severity"),
        # With its start, for the fingerprint is made of labels alone and is the same each time the alert fires.
        identity=f"{kept_alerts[0].get('fingerprint', '')}@{kept_alerts[0].get('startsAt', '')}",
        truncated=_whole(body.get("truncatedAlerts")),
        kept={
            "source": "alertmanager",
            **_plain_values(body, ("version", "receiver", "truncatedAlerts")),
            "alerts": kept_alerts,
        },
    )


def _kept(alert: dict[str, Any]) -> dict[str, Any]:
    labels, annotations = _texts(alert.get("labels", {})), _texts(alert.get("annotations", {}))
    return {
        **_plain_values(alert, ("status", "fingerprint", "startsAt")),
        "labels": {name: labels[name] for name in _KEPT_LABELS if name in labels},
        "annotations": {name: annotations[name] for name in _KEPT_ANNOTATIONS if name in annotations},
    }


def _plain_values(mapping: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the named values that are one text or number."""
    # No lists and no mappings: a ``severity`` that is a mapping could hold a person under any name.
    return {name: mapping[name] for name in names if isinstance(mapping.get(name), (str, int, float))}


def _plain(body: dict[str, Any]) -> IncomingAlert:
    title = body.get("title")
    if not isinstance(title, str) or not title.strip():
        message = "the alert has no `title`: give a TITLE, or the body of an Alertmanager webhook"
        raise AlertRefusedError(message)
    kept = _plain_values(body, _KEPT_KEYS)
    # From what is kept and not from the body: these values are shown on the timeline, too.
    return IncomingAlert(
        title=title,
        first_signal_at=_time(body.get("detected_at"), "detected_at"),
        system=str(kept["source"]) if kept.get("source") else None,
        severity=str(kept["severity"]) if kept.get("severity") else None,
        identity=str(kept.get("external_id", "")),
        kept=kept,
    )


def _texts(value: Any) -> dict[str, str]:
    """The texts of a mapping by name; anything else in it, or instead of it, is left out."""
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _time(value: Any, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
        # Inside the try: a time of the year 1 or 9999 overflows when it is moved to UTC.
        in_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"`{name}` of the alert is not a time (RFC 3339): give --detected"
        raise AlertRefusedError(message) from error
    # Without a zone it may be hours off either way, and the clock of 72 hours may hang on it.
    if moment.tzinfo is None or moment <= _NEVER:
        message = f"`{name}` of the alert has no time zone: give --detected"
        raise AlertRefusedError(message)
    return in_utc


def _in_words(alert: IncomingAlert) -> CodedText:
    severity = f", severity {one_line(alert.severity)}" if alert.severity else ""
    left_out = f"; the sender left out {alert.truncated} more" if alert.truncated else ""
    return timeline_text(
        "signal", what=one_line(alert.title) + severity, identity=one_line(alert.identity), left_out=left_out
    )
