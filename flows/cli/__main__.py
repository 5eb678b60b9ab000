"""`python -m flows.cli` is `tocsin`; knows nothing else."""

import sys

from flows.cli import main

if __name__ == "__main__":
    sys.exit(main())
