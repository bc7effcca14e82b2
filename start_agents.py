"""Serves agents over HTTP: `python start_agents.py [portfolio-intelligence ...]`; without arguments all of them."""

from __future__ import annotations

import sys

from redaptive.cli.main import run

if __name__ == "__main__":
    ids = sys.argv[1:]
    sys.exit(run(["agents", "start", *(ids or ["--all"])]))
