"""The Prefect flows: thin, asynchronous, with nothing but a case's reference as parameter.

Prefect keeps parameters, results and error texts in plain text in its own database: so no result is kept, and an
error that reaches Prefect says what kind it was and nothing more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from prefect import flow, task

from flows.workflows import respond, send_letters
from incidents.kernel.errors import DefectError

if TYPE_CHECKING:
    from flows.bootstrap import App

log = logging.getLogger(__name__)
T = TypeVar("T")

# Kept for the process, since it cannot be handed to a flow: Prefect would store it with the parameters.
_current: list[App] = []
"""The app of this process: set once by the service or the drill, built from the environment in a worker."""


class ResponseFailedError(DefectError):
    """A step of the response failed; the service's own log has the details, Prefect is told only the kind."""


def use_app(app: App) -> None:
    """Let the flows of this process work with *app*."""
    _current[:] = [app]


def _app() -> App:
    if not _current:
        from flows.bootstrap import build

        use_app(build())
    return _current[0]


async def _quietly(work: Callable[..., T], *arguments: Any) -> T:
    """Run blocking work in a thread; let no error text reach Prefect."""
    try:
        return await asyncio.to_thread(work, *arguments)
    except Exception as error:
        log.exception("a step of the response failed")
        # `from None`: Prefect stores the whole chain of a failure in plain text, and the cause may quote an address.
        message = f"{type(error).__name__}; the service's log has the details"
        raise ResponseFailedError(message) from None


# No retries of Prefect's: the rows still ask, and the dispatcher tries again with waits of its own.
@task(name="go as far as the record allows", persist_result=False)
async def respond_task(reference: str) -> int:
    """Drive one incident; give how many things were done."""
    outcome = await _quietly(respond.respond, _app(), reference)
    for line in outcome.did:
        log.info("%s: %s", reference, line)
    return len(outcome.did)


@task(name="send a chunk of letters", persist_result=False)
async def send_task(reference: str) -> int:
    """Send up to one chunk of letters; give how many were handled."""
    sent = await _quietly(send_letters.send_chunk, _app(), reference)
    return sent.handled


# `validate_parameters=False`: for one text, each run would build a pydantic model of the signature.
@flow(name="respond", flow_run_name="respond {reference}", persist_result=False, validate_parameters=False)
async def respond_flow(reference: str) -> int:
    """Drive one incident as far as its record allows, and end where a person is needed."""
    return await respond_task(reference)


@flow(name="communicate", flow_run_name="communicate {reference}", persist_result=False, validate_parameters=False)
async def communicate_flow(reference: str) -> int:
    """Send the letters of one incident for one turn; then see which duties that fulfils.

    What is left asks again by its rows, once every other case with letters had its turn.
    """
    # A task per chunk of ten thousand: one per letter would cost 5 ms each and fill Prefect's database with people.
    handled = await send_task(reference)
    # A task and no subflow: a subflow costs several calls to the server, a task 5 ms.
    await respond_task(reference)
    return handled
