"""`tocsin serve` with a clock that is ahead: a service that comes back minutes after it was killed, without the wait.

    python -m tests.standins.service_later SECONDS

It knows one argument, how far ahead; everything else comes from the environment, as for the service itself.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime, timedelta

from flows import bootstrap, service
from incidents.kernel import clock


def main() -> int:
    """Serve until asked to stop."""
    ahead = timedelta(seconds=float(sys.argv[1]))

    def later() -> datetime:
        return clock.now() + ahead

    return service.serve(replace(bootstrap.build(), clock=later))


if __name__ == "__main__":
    sys.exit(main())
