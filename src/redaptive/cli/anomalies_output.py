"""The rejected rows that the commands of `redaptive anomalies` write beside their outputs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from redaptive.documents.csv_text import UNREAD
from redaptive.documents.results import RejectedRows
from redaptive.documents.target_files import free_name, same_file

MOST_REASONS: Final = 5


def keep_rejected(rejected: RejectedRows, beside: Path | None, taken: Collection[Path]) -> list[str]:
    """What is said of rejected rows, which are kept beside an output under a name that is none of those taken."""
    one = len(rejected) == 1
    counted = "1 row was rejected" if one else f"{len(rejected):,} rows were rejected"
    if beside is None:
        told = f"{counted}; with --out or --report {'it is' if one else 'they are'} kept beside it."
        return [told, *_reasons(rejected)] if len(rejected) else []
    usual = beside.with_name(f"{beside.stem}.rejected.csv")
    if not len(rejected):
        old = usual.exists() and not any(same_file(usual, path) for path in taken)
        return [f"{usual} is of an earlier run: no row was rejected now."] if old else []
    kept = free_name(usual, taken)
    rejected.write_csv(kept)
    return [f"{counted} and {'is' if one else 'are'} kept in {kept}.", *_reasons(rejected)]


def _reasons(rejected: RejectedRows) -> list[str]:
    """Why the first rows were rejected, and why nothing was read from a row on."""
    return [*dict.fromkeys([*rejected.messages(MOST_REASONS), *rejected.messages(1, about=UNREAD)])]
