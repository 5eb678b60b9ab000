"""Commands that explain a clock: clock explain, and clock due, which needs no case and no database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from flows.cli import options, say
from flows.cli.visit import Visit, visiting

if TYPE_CHECKING:
    from incidents.casefile import ObligationFile
    from incidents.deadlines import Rung, Terms

app = options.commands()
_clock = options.group("clock", "Explain a clock, or compute a due time without any case.")
app.add_typer(_clock)


@_clock.command()
def explain(reference: options.Reference, as_json: options.AsJson = False) -> None:
    """Explain every clock of a case: event, rule, law, arithmetic, and what happened so far."""
    with visiting(as_json=as_json) as visit:
        case = visit.case(reference)
        if as_json:
            say.answer([_explained(row, visit.zone) for row in case.obligations])
            return
        say.out("\n\n".join(_block(row, visit.zone) for row in case.obligations) or "No clock runs in this case.")


def _explained(row: ObligationFile, zone: ZoneInfo) -> dict[str, Any]:
    from incidents.deadlines import explain as arithmetic

    return {
        "obligation": row.key,
        "standing": row.standing.value,
        "started_at": say.utc(row.started_at),
        "due_at": say.utc(row.due_at),
        "due_local": _local(row.due_at, zone),
        "latest_reg_1182_71": say.utc(row.latest_reg_1182_71),
        "rule": row.terms.rule,
        "citation": _citation(row.terms),
        "arithmetic": list(arithmetic(row.terms, row.started_at, zone)),
        "moves": [
            {"from": move.from_standing, "to": move.to_standing, "cause": move.cause, "due_at": say.utc(move.due_at),
             "noticed_at": say.utc(move.noticed_at)}
            for move in row.moves
        ],
        "rungs": [
            {"key": alert.rung, "at": say.utc(alert.due_at), "noticed_at": say.utc(alert.noticed_at),
             "told_by": alert.told_by, "acknowledged_by": alert.acknowledged_by}
            for alert in row.alerts
        ],
        "next_rung": _rung(row.next_rung) if row.next_rung else None,
    }  # fmt: skip


def _block(row: ObligationFile, zone: ZoneInfo) -> str:
    from flows.cli.standings import SIGNS
    from incidents.deadlines import explain as arithmetic

    sign, word, _ = SIGNS[row.standing]
    moves = (f"  {say.local(move.due_at, zone)}  {move.from_standing} → {move.to_standing} ({move.cause})"
             for move in row.moves)  # fmt: skip
    rungs = (f"  {say.local(alert.due_at, zone)}  rung {alert.rung}" for alert in row.alerts)
    following = (f"next:   {row.next_rung.says}, {say.both(row.next_rung.at, zone)}",) if row.next_rung else ()
    return "\n".join((f"{sign} {word}: {row.key}", *arithmetic(row.terms, row.started_at, zone), *following,
                      *moves, *rungs))  # fmt: skip


@_clock.command()
def due(
    regime: Annotated[str, typer.Option("--regime", metavar="ID", help="A file of config/regimes, such as eu-gdpr.")],
    duty: Annotated[str, typer.Option("--duty", metavar="ID", help="Such as authority-initial.")],
    aware: Annotated[
        str, typer.Option("--aware", "--start", metavar="TIME", help="The event that starts this duty's clock.")
    ],
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ZONE", help="IANA name; else the organisation's.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compute when a duty would be due; nothing is read from the database, nothing is stored."""
    with visiting(as_json=as_json) as visit:
        from flows.cli.times import understand, zone_named

        place = zone_named(zone) if zone else visit.zone
        start = understand(aware, visit.now, place).at
        terms = _terms(visit, regime, duty, start)
        if as_json:
            say.answer(_due(terms, start, place))
            return
        _print_due(terms, start, place)


def _terms(visit: Visit, regime: str, duty: str, start: datetime) -> Terms:
    from incidents.casework.desk import NotFoundError, NotUnderstoodError
    from incidents.obligations import terms_for

    known = {each.id: each for each in visit.house.regimes}
    if regime not in known:
        message = f"{regime!r} is no regime; there are: {', '.join(known)}"
        raise NotFoundError(message)
    law = known[regime]
    if not law.applies_on(start.date()):
        message = f"{law.name} was not in force on {start:%Y-%m-%d} (from {law.valid_from} to {law.valid_to or 'now'})"
        raise NotUnderstoodError(message)
    return terms_for(law, law.duty(duty), visit.house.targets)


def _due(terms: Terms, start: datetime, zone: ZoneInfo) -> dict[str, Any]:
    from incidents.deadlines import due_at, latest_for

    due = due_at(terms.period, start, zone=zone)
    return {
        "regime": terms.regime,
        "duty": terms.duty,
        "aware_at": say.utc(start),
        "due_at": say.utc(due),
        "due_local": _local(due, zone),
        "zone": zone.key,
        "latest_reg_1182_71": say.utc(latest_for(terms, start, zone)),
        "rule": terms.rule,
        "due_kind": terms.due_kind.value,
        "citation": _citation(terms),
        "rungs": [_rung(rung) for rung in _ladder(terms, start, due)],
    }


def _print_due(terms: Terms, start: datetime, zone: ZoneInfo) -> None:
    from incidents.deadlines import due_at
    from incidents.deadlines import explain as arithmetic

    for line in arithmetic(terms, start, zone):
        say.out(line)
    say.out("rungs:")
    for rung in _ladder(terms, start, due_at(terms.period, start, zone=zone)):
        say.out(f"  {say.local(rung.at, zone)}  {rung.says}")


def _ladder(terms: Terms, start: datetime, due: datetime) -> tuple[Rung, ...]:
    """The rungs that are written down; after the last one they repeat without end."""
    from incidents.deadlines import rungs

    until = due + max(terms.ladder.after, default=terms.ladder.then_every)
    return rungs(terms.ladder, due, until, since=start)


def _rung(rung: Rung) -> dict[str, Any]:
    return {"key": rung.key, "at": say.utc(rung.at), "says": rung.says}


def _citation(terms: Terms) -> dict[str, str]:
    return {"article": terms.citation.article, "text": terms.citation.text, "url": terms.citation.url}


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()
