"""`python -m redaptive` is the command line."""

import sys

from redaptive.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
