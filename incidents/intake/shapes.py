"""The shapes in which systems send alerts, and of each what is kept: named fields only, the rest may be personal.

Sources: Alertmanager's webhook (prometheus.io/docs/alerting/latest/configuration), Grafana's alerting webhook and the
one of its legacy alerting, Sentry's integration platform, Amazon EventBridge with GuardDuty and Macie, the OCSF
detection finding, Falco's JSON output, Wazuh's alerts, CloudEvents 1.0, PagerDuty's Events API v2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from incidents.kernel.errors import InvalidInputError

Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AlertShape:
    """What one source says, before anything of it is judged."""

    source: str
    titles: tuple[Any, ...]
    """What may serve as a title, best first."""
    times: tuple[Any, ...]
    system: Any = None
    severity: Any = None
    identity: str = ""
    """The same each time the same thing is reported again."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    truncated: int = 0
    """Alerts that the sender left out of the message."""
    count: int = 1
    """How many alerts the message holds."""


class OnlyResolvedError(InvalidInputError):
    """The message says that something is over, and nothing that began."""


# Labels of systems, never of people: a user, an address or a query may stand in any other label.
_LABELS: Final = ("alertname", "severity", "service", "job", "namespace", "cluster", "bucket", "environment", "env")
_ANNOTATIONS: Final = ("summary", "description", "runbook_url")
_TITLES: Final = ("title", "summary", "message", "name", "rule", "alert", "description")
_TIMES: Final = ("detected_at", "time", "timestamp", "@timestamp", "startsAt", "datetime", "created_at", "date")


def shape_of(body: Any) -> AlertShape:
    """Recognise a body; any JSON object is at least a plain alert.

    Raises:
        OnlyResolvedError: every alert in it is resolved.

    """
    if isinstance(body, list):
        # The first Alertmanager API sent a bare list.
        body = {"alerts": body}
    body = _unwrapped(body)
    for recognises, read in _READERS:
        if recognises(body):
            return read(body)
    return _plain(body)


def _unwrapped(body: Body) -> Body:
    """Take the message out of an SNS notification."""
    if body.get("Type") == "Notification" and isinstance(body.get("Message"), str):
        try:
            inner = json.loads(body["Message"])
        except (ValueError, RecursionError):
            return {"title": body.get("Subject") or body["Message"], "timestamp": body.get("Timestamp")}
        return inner if isinstance(inner, dict) else body
    return body


def _alert_list(body: Body) -> AlertShape:
    # A webhook may carry both: what is resolved opens nothing, and with nothing else there is no case.
    alerts = [alert for alert in body["alerts"] if isinstance(alert, dict) and alert.get("status") != "resolved"]
    if not alerts:
        raise OnlyResolvedError
    common_labels, common_annotations = texts(body.get("commonLabels")), texts(body.get("commonAnnotations"))
    # The alert's own over the common ones, as Alertmanager's templates read them.
    labels = {**common_labels, **texts(alerts[0].get("labels"))}
    annotations = {**common_annotations, **texts(alerts[0].get("annotations"))}
    kept = [_kept_alert(alert) for alert in alerts]
    # Made of the labels alone by whoever sends one; without it, the same is what has the same words, too.
    fingerprint = kept[0].get("fingerprint") or json.dumps([kept[0]["labels"], kept[0]["annotations"]], sort_keys=True)
    return AlertShape(
        source="grafana" if "orgId" in body else "alertmanager",
        titles=(annotations.get("summary"), annotations.get("description"), labels.get("alertname"), body.get("title")),
        # The earliest of all: a group's newest alert would start the clock of detection too late.
        times=tuple(alert.get("startsAt") for alert in alerts),
        system=labels.get("service") or labels.get("job"),
        severity=labels.get("severity"),
        identity=str(fingerprint),
        truncated=_whole(body.get("truncatedAlerts")),
        count=len(alerts),
        kept={**plain_values(body, ("version", "receiver", "truncatedAlerts")), "alerts": kept},
    )


def _kept_alert(alert: Body) -> dict[str, Any]:
    labels, annotations = texts(alert.get("labels")), texts(alert.get("annotations"))
    return {
        **plain_values(alert, ("status", "fingerprint", "startsAt")),
        "labels": {name: labels[name] for name in _LABELS if name in labels},
        "annotations": {name: annotations[name] for name in _ANNOTATIONS if name in annotations},
    }


def _legacy_grafana(body: Body) -> AlertShape:
    kept = plain_values(body, ("title", "ruleName", "ruleId", "state", "message", "dashboardId", "panelId", "orgId"))
    if body.get("state") == "ok":
        raise OnlyResolvedError
    return AlertShape(
        source="grafana", titles=(body.get("ruleName"), body.get("title"), body.get("message")), times=(),
        identity=f"rule {body.get('ruleId')}", kept=kept,
    )  # fmt: skip


def _sentry(body: Body) -> AlertShape:
    data: Body = body["data"]
    name = next(name for name in _SENTRY if isinstance(data.get(name), dict))
    event: Body = data[name]
    titles = (event.get("title"), data.get("description_title"), data.get("triggered_rule"), body.get("action"))
    return AlertShape(
        source="sentry",
        titles=titles,
        times=_first_of(
            event.get("firstSeen"), event.get("datetime"), event.get("timestamp"), event.get("date_started"),
            event.get("received"),
        ),
        system=event.get("project") if isinstance(event.get("project"), str) else event.get("culprit"),
        severity=event.get("level"),
        identity=f"issue {event.get('issue_id') or event.get('id') or event.get('event_id')}",
        kept={
            **plain_values(body, ("action",)),
            **plain_values(data, ("triggered_rule", "description_title")),
            name: plain_values(event, ("title", "level", "issue_id", "event_id", "id", "datetime", "platform")),
        },
    )  # fmt: skip


_SENTRY: Final = ("event", "error", "issue", "metric_alert")


def _eventbridge(body: Body) -> AlertShape:
    detail: Body = body["detail"] if isinstance(body.get("detail"), dict) else {}
    findings = detail.get("findings")
    if isinstance(findings, list) and findings and isinstance(findings[0], dict):
        detail = findings[0]  # Security Hub puts each finding into a list
    service: Body = detail["service"] if isinstance(detail.get("service"), dict) else {}
    keys = ("title", "Title", "type", "severity", "id", "Id", "createdAt", "CreatedAt", "region", "category")
    return AlertShape(
        source=str(body.get("source")),
        titles=(detail.get("title"), detail.get("Title"), detail.get("type"), body.get("detail-type")),
        times=_first_of(
            service.get("eventFirstSeen"), detail.get("FirstObservedAt"), detail.get("createdAt"),
            detail.get("CreatedAt"), body.get("time"),
        ),
        system=service.get("serviceName") or detail.get("ProductName") or body.get("source"),
        severity=_label_of(detail.get("severity", detail.get("Severity"))),
        # A finding keeps its id when it is updated.
        identity=str(detail.get("id") or detail.get("Id") or body.get("id")),
        kept={
            **plain_values(body, ("detail-type", "source", "time", "region", "id")),
            "detail": {
                **plain_values(detail, keys),
                "service": plain_values(service, ("serviceName", "count", "eventFirstSeen", "eventLastSeen")),
            },
        },
    )  # fmt: skip


def _ocsf(body: Body) -> AlertShape:
    info: Body = body["finding_info"]
    return AlertShape(
        source="ocsf", titles=(info.get("title"), body.get("message"), body.get("class_name")),
        times=_first_of(info.get("first_seen_time"), info.get("created_time"), body.get("time")),
        severity=body.get("severity"), identity=str(info.get("uid", "")),
        kept={
            **plain_values(body, ("class_name", "severity", "time", "status")),
            "finding_info": plain_values(info, ("title", "uid", "created_time", "first_seen_time")),
        },
    )  # fmt: skip


def _falco(body: Body) -> AlertShape:
    # Not its `output`: it quotes users, files and commands.
    return AlertShape(
        source="falco", titles=(body.get("rule"),), times=(body.get("time"),), system=body.get("hostname"),
        severity=body.get("priority"), identity=f"{body.get('rule')} on {body.get('hostname')}",
        kept=plain_values(body, ("rule", "priority", "hostname", "source", "time")),
    )  # fmt: skip


def _wazuh(body: Body) -> AlertShape:
    rule: Body = body["rule"]
    agent: Body = body["agent"]
    return AlertShape(
        source="wazuh", titles=(rule.get("description"),), times=(body.get("timestamp"),), system=agent.get("name"),
        severity=rule.get("level"), identity=f"rule {rule.get('id')} on {agent.get('id') or agent.get('name')}",
        kept={
            **plain_values(body, ("timestamp", "id")),
            "rule": plain_values(rule, ("id", "description", "level")),
            "agent": plain_values(agent, ("id", "name")),
        },
    )  # fmt: skip


def _cloudevent(body: Body) -> AlertShape:
    data: Body = body["data"] if isinstance(body.get("data"), dict) else {}
    inner = [data.get(name) for name in _TITLES]
    return AlertShape(
        source="cloudevents", titles=(*inner, body.get("subject"), body.get("type")),
        times=_first_of(*(data.get(name) for name in _TIMES), body.get("time")),
        system=data.get("system") or body.get("source"), severity=data.get("severity"),
        identity=f"{body.get('source')} {body.get('id')}",
        kept={
            **plain_values(body, ("specversion", "type", "source", "subject", "id", "time")),
            "data": plain_values(data, ("title", "summary", "severity", "system")),
        },
    )  # fmt: skip


def _pagerduty(body: Body) -> AlertShape:
    if body.get("event_action") == "resolve":
        raise OnlyResolvedError
    payload: Body = body["payload"] if isinstance(body.get("payload"), dict) else {}
    keys = ("summary", "source", "severity", "timestamp", "component", "group", "class")
    return AlertShape(
        source="pagerduty", titles=(payload.get("summary"),), times=(payload.get("timestamp"),),
        system=payload.get("component") or payload.get("source"), severity=payload.get("severity"),
        identity=str(body.get("dedup_key") or payload.get("summary")),
        kept={**plain_values(body, ("event_action", "dedup_key")), "payload": plain_values(payload, keys)},
    )  # fmt: skip


def _plain(body: Body) -> AlertShape:
    if body.get("status") == "resolved":
        raise OnlyResolvedError
    kept = plain_values(body, ("title", "summary", "detected_at", "time", "timestamp", "severity", "source", "system",
                               "external_id", "id"))  # fmt: skip
    return AlertShape(
        source="alert",
        titles=tuple(body.get(name) for name in _TITLES),
        times=_first_of(*(body.get(name) for name in _TIMES)),
        # From what is kept and not from the body: these values are shown on the timeline, too.
        system=kept.get("system") or kept.get("source"),
        severity=kept.get("severity"),
        identity=str(kept.get("external_id") or kept.get("id") or ""),
        kept=kept,
    )


_Reader = tuple[Callable[[Body], bool], Callable[[Body], AlertShape]]
_READERS: Final[tuple[_Reader, ...]] = (
    (lambda body: isinstance(body.get("alerts"), list), _alert_list),
    (lambda body: "ruleName" in body and "state" in body, _legacy_grafana),
    (
        lambda body: (
            isinstance(body.get("data"), dict) and any(isinstance(body["data"].get(name), dict) for name in _SENTRY)
        ),
        _sentry,
    ),
    (lambda body: "detail-type" in body and "source" in body, _eventbridge),
    (lambda body: isinstance(body.get("finding_info"), dict), _ocsf),
    (lambda body: "specversion" in body and "type" in body, _cloudevent),
    (lambda body: "event_action" in body, _pagerduty),
    (lambda body: isinstance(body.get("rule"), dict) and isinstance(body.get("agent"), dict), _wazuh),
    (lambda body: isinstance(body.get("rule"), str) and "priority" in body, _falco),
)


def texts(value: Any) -> dict[str, str]:
    """The texts of a mapping by name; anything else in it, or instead of it, is left out."""
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}


def plain_values(mapping: Body, names: Iterable[str]) -> dict[str, Any]:
    """Those of the named values that are one text or number."""
    # No lists and no mappings: a ``severity`` that is a mapping could hold a person under any name.
    return {name: mapping[name] for name in names if isinstance(mapping.get(name), (str, int, float))}


def _first_of(*values: Any) -> tuple[Any, ...]:
    """Give the first value that there is: of several times of one event the most telling, not the earliest."""
    return next(((value,) for value in values if value not in (None, "")), ())


def _label_of(severity: Any) -> Any:
    """Security Hub's severity is a mapping with a word in it."""
    return severity.get("Label") if isinstance(severity, dict) else severity


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
