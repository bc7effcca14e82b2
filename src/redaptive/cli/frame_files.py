"""Tables as files, by the ending of a name: CSV, Parquet or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from redaptive.documents.target_files import replacing
from redaptive.errors import InvalidInput

SUFFIXES: Final = (".csv", ".parquet", ".json")
MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"


def require_format(out: Path | None) -> None:
    """Nothing, or InvalidInput for a file whose name ends in none of the formats."""
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise InvalidInput(f"{out.name} has no known format.", field="--out", fix=f"End it with {', '.join(SUFFIXES)}.")


def write_frame(frame: pl.DataFrame, out: Path, *, digits: int | None = None) -> None:
    """Write the table whole or not at all; moments as ISO 8601 in UTC where they are text.

    `digits` behind the point of numbers in CSV; None: all that they have.
    """
    with replacing(out) as part:
        if out.suffix.lower() == ".parquet":
            frame.write_parquet(part)
        elif out.suffix.lower() == ".json":
            frame.with_columns(pl.col(pl.Datetime).dt.strftime(MOMENT)).write_json(part)
        else:
            frame.write_csv(part, datetime_format=MOMENT, float_precision=digits)
