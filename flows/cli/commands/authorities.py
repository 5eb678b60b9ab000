"""Commands about the supervisory authorities: which there are, and how the one of a place is notified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from flows.cli import options, output
from flows.cli.context import CommandContext, command_context

if TYPE_CHECKING:
    from config.authorities import Authority
    from flows.reference.authority_directory import Directory, LookupResult

app = options.commands()
# Not `options.group`: called without a command, this one lists.
_authorities = typer.Typer(
    name="authorities",
    help="List the supervisory authorities, or show the one of a place and its form.",
    rich_markup_mode=None,
    add_completion=False,
)
app.add_typer(_authorities)

_WHOM: Final = (
    "Who is established in the EEA notifies the authority of the main establishment (Art. 56 GDPR); without an "
    "establishment there, the authority of each place where affected people live (EDPB Guidelines 9/2022, para 73)."
)
_LEGEND: Final = (
    "`confirmed`: read in the authority's own material. `unverified`: compare with the authority's own site, or with "
    "https://www.edpb.europa.eu/notify-data-breach_en, before you rely on it. `own`: from {file}, whose entries take "
    "the place of those shipped."
)


@_authorities.callback(invoke_without_command=True)
def authorities(context: typer.Context, as_json: options.AsJson = False) -> None:
    """List the supervisory authorities, or show the one of a place and its form."""
    if context.invoked_subcommand is None:
        _list(as_json=as_json)


@_authorities.command(name="list")
def list_(as_json: options.AsJson = False) -> None:
    """List every authority: place, how it is notified, in which languages, confirmed or not."""
    _list(as_json=as_json)


@_authorities.command()
def show(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="A country (FR), a country and its region (DE-BE), EU, or an id.")
    ],
    sector: Annotated[
        str,
        typer.Option(
            "--sector",
            metavar="SECTOR",
            help="private (the default), public, telecommunications, post, federal, eu_institution.",
        ),
    ] = "private",
    as_json: options.AsJson = False,
) -> None:
    """Show the authority that is competent in a place, with its form; where several may be, name them all."""
    with command_context(as_json=as_json) as ctx:
        directory = _directory(ctx)
        answer = _answer(directory, place, sector)
        if as_json:
            output.answer(_answered(answer, directory))
            return
        output.print_out(output.wrapped(answer.because))
        for candidate in answer.candidates:
            output.print_out()
            for line in _page(candidate, directory):
                output.print_out(line)
        if answer.authority is not None and not answer.authority.confirmed:
            output.notice(f"unverified: compare {', '.join(answer.authority.verify)} with the authority's own site")


def _list(*, as_json: bool) -> None:
    with command_context(as_json=as_json) as ctx:
        directory = _directory(ctx)
        if as_json:
            output.answer({"own_file": str(directory.listed.own_file),
                        "authorities": [_whole(entry, directory) for entry in directory.authorities]})  # fmt: skip
            return
        for line in _table(directory):
            output.print_out(line)
        output.print_out()
        output.print_out(output.wrapped(_WHOM))
        output.print_out(output.wrapped(_LEGEND.format(file=f"`{directory.listed.own_file}`")))


def _directory(ctx: CommandContext) -> Directory:
    from flows.reference.authority_directory import Directory

    return Directory.read(ctx.app.settings)


def _answer(directory: Directory, place: str, sector: str) -> LookupResult:
    """Look a place up; what is the id of one authority (``DE-BY-public``) is that authority."""
    from config.authorities import Sector
    from flows.reference.authority_directory import LookupResult
    from incidents.kernel.errors import InvalidInputError

    # Not an enumeration in the signature: `--help` would then have to import the directory's model.
    if sector not in {known.value for known in Sector}:
        message = f"{sector!r} is no sector; there are: {', '.join(known.value for known in Sector)}"
        raise InvalidInputError(message)
    answer = directory.look_up(place, sector=sector)
    named = [authority for authority in directory.authorities if authority.id == place]
    # `DE` is a place and the id of an authority: as a place it is answered with its reasons.
    if named and (not answer.candidates or place != answer.place):
        why = f"competent in {named[0].place} for: {', '.join(part.value for part in named[0].sectors)}"
        return LookupResult(
            place=answer.place, sector=answer.sector, authority=named[0], candidates=(named[0],), because=why
        )
    if not answer.candidates:
        directory.refuse(place, answer.because)
    return answer


def _answered(answer: LookupResult, directory: Directory) -> dict[str, Any]:
    return {
        "place": answer.place,
        "sector": answer.sector.value,
        "authority": _whole(answer.authority, directory) if answer.authority else None,
        "ambiguous": answer.ambiguous,
        "candidates": [_whole(candidate, directory) for candidate in answer.candidates],
        "because": answer.because,
    }


def _whole(authority: Authority, directory: Directory) -> dict[str, Any]:
    """Give an authority for programs: the keys of the file, where it is, and whether it is our own entry."""
    return authority.model_dump(mode="json") | {
        "country": authority.country,
        "region": authority.region,
        "place": authority.place,
        "own": authority.id in directory.listed.own,
    }


def _table(directory: Directory) -> Iterator[str]:
    for authority in directory.authorities:
        mark = "confirmed" if authority.confirmed else "unverified"
        own = " own" if authority.id in directory.listed.own else ""
        languages = ",".join(authority.languages)
        yield f"{authority.id:12}  {authority.channel.value:15}  {languages:11}  {mark:10}{own}  {authority.name}"


def _page(authority: Authority, directory: Directory) -> Iterator[str]:
    """One authority as a block of lines."""
    yield f"{authority.id}: {authority.name}"
    yield f"  channel:   {authority.channel.value.replace('_', ' ')}"
    if authority.site:
        yield f"  portal:    {authority.portal}"
    yield f"  site:      {authority.site or f'{authority.portal} (the address of the form is not known)'}"
    yield f"  languages: {', '.join(authority.languages)}"
    yield output.wrapped(", ".join(sector.value for sector in authority.sectors), first="  sectors:   ")
    if authority.phone:
        yield f"  phone:     {authority.phone}"
    if authority.note:
        yield output.wrapped(authority.note, first="  note:      ")
    yield output.wrapped(authority.source, first="  source:    ")
    state = "confirmed" if authority.confirmed else f"UNVERIFIED; to compare: {', '.join(authority.verify)}"
    own = "; from your own file" if authority.id in directory.listed.own else ""
    yield output.wrapped(f"{state}{own}; certainty {authority.certainty.value}", first="  verified:  ")
