"""Which tests run together on one worker, and which start first.

The mark `xdist_group` does nothing with pytest 9.2: pytest-xdist 3.8 writes the group into a name that pytest no longer
reads, and says nothing of it (pytest-xdist issue 1386). Then every worker starts every server.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

STARTED_FIRST: Final = (
    "tests/stories/",
    "tests/flows/test_service.py",
    "tests/flows/runtime/test_prefect_flows.py",
)
"""Tests that share a server which takes long to start: each line on one worker, and before everything else."""


def group(nodeid: str) -> str:
    """The tests that go to a worker together: those that share a server, else each for itself."""
    return next((path for path in STARTED_FIRST if nodeid.startswith(path)), nodeid)


def place(nodeid: str) -> int:
    """Where a test stands in the queue, so that no long test is left for the end."""
    return STARTED_FIRST.index(group(nodeid)) if group(nodeid) in STARTED_FIRST else len(STARTED_FIRST)


def scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out tests by `group`, in the order in which they stand."""
    # Known only where pytest-xdist is switched on.
    from xdist.scheduler import LoadScopeScheduling

    class ByServer(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist is imported untyped here
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False
    return ByServer(config, log)
