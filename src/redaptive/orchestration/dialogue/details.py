"""Rows of an answer's list in full: every plain field of their records, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from redaptive.orchestration.answers.figures import AnswerTable, RunAnswer, Sentence
from redaptive.orchestration.answers.templates import Outputs
from redaptive.orchestration.dialogue.listed import Listed
from redaptive.orchestration.plans.schema import Json

MOST_ROWS: Final = 5
_TEXTS: Final = 3
"""Of a list of texts so many are shown."""


def in_full(listed: Listed, rows: Sequence[int], outputs: Outputs, answer: RunAnswer) -> RunAnswer:
    """The records of these rows of a list, a column for each; `answer` is the one that they are rows of."""
    shown = [at for at in rows if at < len(listed.places)][:MOST_ROWS]
    held = [dict(_fields(record)) for record in listed.records(shown, outputs)]
    names = dict.fromkeys(name for each in held for name in each)
    lines = tuple((name.replace("_", " "), *(each.get(name) for each in held)) for name in names)
    heads = ("Field", *(f"Row {at + 1}" for at in shown))
    citations = answer.cited(listed.node)
    tool = citations[0].tool if citations else ""
    table = AnswerTable(listed.title, heads, lines, listed.node, tool, listed.path)
    places = ", ".join(str(at + 1) for at in shown)
    said = f"Row{'s' if len(shown) > 1 else ''} {places} of {listed.total} in the last list: {_things(listed, shown)}."
    more = f" {len(rows) - len(shown)} more were meant; ask for fewer." if len(rows) > len(shown) else ""
    return RunAnswer((Sentence(said + more),), (table,) if lines else (), citations, answer.warnings)


def _things(listed: Listed, rows: Sequence[int]) -> str:
    return "; ".join(", ".join(listed.rows[at].values()) for at in rows)


def _fields(record: Json, before: str = "") -> Iterator[tuple[str, Json]]:
    """Plain fields of a record, those of records inside it under both names; the first texts of a list."""
    for name, value in record.items() if isinstance(record, dict) else ():
        if isinstance(value, dict):
            yield from _fields(value, f"{before}{name}, ")
        elif isinstance(value, list):
            texts = [each for each in value if isinstance(each, str)]
            if texts:
                yield f"{before}{name}", "; ".join(texts[:_TEXTS])
        elif value is not None:
            yield f"{before}{name}", value
