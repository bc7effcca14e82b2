"""What a person hears of the rows of a dropped file: their line, their text, and what can be done about them there."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

from redaptive.documents.columns import pick
from redaptive.documents.readings_words import METER
from redaptive.documents.results import ReadingsFile
from redaptive.streams.ingest.messages import Refusal

_OPTION: Final = re.compile(r"--[a-z][a-z-]*")
_ADVICE: Final = {
    "--timezone": "write the times with their offset, such as 2026-01-01T00:00:00-05:00",
    "--interval": "import the meter with its interval (`redaptive import meters`) and drop the file again",
    "--unit": "write the unit into a column `unit`",
    "--max-kw": "correct the unit or the value",
}


def for_a_folder(text: str) -> str:
    """The text; where it names an option, with what can be done for a dropped file, which has none.

    >>> for_a_folder("Give --interval in seconds.")[:60]
    'Give --interval in seconds. A dropped file takes no options:'
    >>> for_a_folder("Correct the time.")
    'Correct the time.'
    """
    options = _OPTION.findall(text)
    if not options:
        return text
    known = [_ADVICE[option] for option in options if option in _ADVICE]
    others = f"read it with `redaptive import readings`, which has {' and '.join(dict.fromkeys(options))}"
    return f"{text} A dropped file takes no options: {', or '.join([*known, others])}."


def unreadable_rows(found: ReadingsFile) -> Iterator[Refusal]:
    """One refusal per row of the file that is no reading, with its text and, where a column has it, its meter."""
    meter_column = pick(found.rejected.columns, METER) or ""
    issues = found.rejected.issues.unique("row", keep="first", maintain_order=True)
    texts = dict(found.rejected.texts())
    for row, field, reason, fix in issues.iter_rows():
        cells = texts.get(row, {})
        meter = cells.get(meter_column, "")[:100]
        detail = for_a_folder(f"{_where(found, row)}: {reason} {fix}")
        yield Refusal(row, "unreadable_row", field, detail, meter, _line(cells))


def _where(found: ReadingsFile, row: int) -> str:
    return f"{found.rejected.file} line {row}"


def _line(cells: Mapping[str, str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells.values())
    return text.getvalue()
