"""Which schema revisions are packaged, as their files are named: known without the program that applies them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


def packaged() -> list[str]:
    """Ids of the packaged revisions, oldest first: `0017` of `v0017_queued_by_queue.py`."""
    return sorted(path.stem[1:].partition("_")[0] for path in VERSIONS.glob("v*.py"))


def newest() -> str:
    """The id of the newest packaged revision."""
    return packaged()[-1]
