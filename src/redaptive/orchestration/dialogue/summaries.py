"""Sums, averages, medians, counts and outliers of the rows of an answer; each figure names those that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median, quantiles
from typing import Final

from redaptive.orchestration.answers.figures import AnswerTable, Figure, RunAnswer, Sentence
from redaptive.orchestration.answers.limits import Limit
from redaptive.orchestration.answers.ranking import amount, field_for, figure_at, heading, unit_of
from redaptive.orchestration.answers.templates import of_period
from redaptive.orchestration.dialogue.basis import ADDED, Basis, Rows, answer_of, headed, named, total_of, value_of
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.plans.signatures import value_at

MOST_NAMED: Final = 10
FENCE: Final = 1.5
"""Beyond so many distances of the quartiles a figure is an outlier (Tukey 1977)."""
LEAST_FOR_OUTLIERS: Final = 5
_MIDDLES: Final[dict[str, tuple[str, Callable[[list[float]], float]]]] = {
    "mean": ("on average", mean),
    "median": ("in the middle (median)", median),
}


def middle(kind: str, rows: Rows, basis: Basis) -> RunAnswer | str:
    """The average or the median of the rows, between the lowest and the highest."""
    found = rows.figures
    if len(found) < 2:
        return f"The last answer has only one figure of {named(rows)}. The average of what?"
    said, of = _MIDDLES[kind]
    figure = rows.figure(of([value_of(own) for _, own in found]), rows.unit, f"{kind} of {_places(rows)}")
    low, high = min(found, key=lambda each: value_of(each[1])), max(found, key=lambda each: value_of(each[1]))
    text = (
        f"{headed(rows).partition(',')[0]} of {_those(rows, basis)}, {said}: {figure.shown}; "
        f"lowest {low[0]} ({low[1].shown}), highest {high[0]} ({high[1].shown})."
    )
    told = [Sentence(text, (figure, low[1], high[1]))]
    told += [] if rows.unit in ADDED else [Sentence("Each row counts once, whatever its size.")]
    return answer_of(rows, basis, told)


def summed(rows: Rows, basis: Basis, *, only: bool) -> RunAnswer | str:
    """The sum of the rows, and its share of all rows of the list; of every column that adds up, unless `only` one."""
    columns = [rows] if only else [replace(rows, field=each, unit=unit_of(each)) for each in rows.table.fields]
    told = [said for each in columns if each.unit in ADDED and (said := _sum(each, basis)) is not None]
    if not told:
        return f"Figures of {named(rows)} do not add up. Ask for their average."
    return answer_of(rows, basis, told)


def _sum(rows: Rows, basis: Basis) -> Sentence | None:
    found = [own for _, own in rows.figures]
    if not found:
        return None
    figure, total = (
        rows.figure(sum(map(value_of, found)), rows.unit, f"sum of {_places(rows)}"),
        total_of(rows, basis.outputs),
    )
    text, figures = f"{headed(rows).partition(',')[0]} of {_those(rows, basis)}: {figure.shown}", [figure]
    if len(found) < len(rows.records) and value_of(total):
        share = rows.figure(100 * value_of(figure) / value_of(total), "%", f"({figure.path}) / {total.path}")
        text += f", {share.shown} of the {total.shown} of all {len(rows.records)}"
        figures += [share, total]
    return Sentence(f"{text}.", tuple(figures))


def counted(limit: Limit | None, basis: Basis) -> RunAnswer | str:
    """How many rows the last list has, or how many of all its rows keep a limit, and which."""
    table = next((each for each in basis.answer.tables if each.places), None)
    records = value_at(basis.outputs.get(table.node), table.path) if table is not None else None
    if table is None or not isinstance(records, list):
        return "The last answer has no list to count. How many of what?"
    if limit is None:
        return _cited(basis, table, [_all_counted(table)])
    field = field_for(limit.quantity, records) if limit.quantity else table.ordered_by
    if field is None and limit.quantity:
        return f"No row of the last list has a figure for {limit.quantity}."
    if field is None:
        return f"{limit.words} of what: {', '.join(table.columns[1:])}?".capitalize()
    return _cited(basis, table, [_kept(table, records, field, limit)])


def _all_counted(table: AnswerTable) -> Sentence:
    rows = len(table.rows) + table.left_out
    figure = Figure(f"{rows:,}", rows, table.node, table.tool, f"count of {table.path}")
    more = f", {len(table.rows)} of them shown" if table.left_out else ""
    return Sentence(f'{figure.shown} in "{table.title}"{more}.', (figure,))


def _kept(table: AnswerTable, records: Sequence[Json], field: str, limit: Limit) -> Sentence:
    """How many rows keep the limit, those that keep it by the most first."""
    values = [(at, value) for at, row in enumerate(records) if isinstance(value := figure_at(row, field), int | float)]
    kept = sorted((each for each in values if limit.keeps(each[1])), key=lambda each: each[1])
    kept = kept if limit.way == "most" else kept[::-1]
    unit = unit_of(field)
    count = Figure(f"{len(kept):,}", len(kept), table.node, table.tool, f"count of {table.path}[*].{field}")
    shown = [
        Figure(amount(value, unit), value, table.node, table.tool, f"{table.path}[{at}].{field}")
        for at, value in kept[:MOST_NAMED]
    ]
    first = table.fields[0]
    names = [f"{value_at(records[at], first)} ({each.shown})" for (at, _), each in zip(kept, shown, strict=False)]
    more = f" and {len(kept) - MOST_NAMED} more" if len(kept) > MOST_NAMED else ""
    limited = f"{heading(field).partition(',')[0].lower()} of {limit.words} {unit}".strip()
    which = f": {', '.join(names)}{more}" if names else ""
    return Sentence(f"{count.shown} of {len(records)} have a {limited}{which}.", (count, *shown))


@dataclass(frozen=True)
class Spread:
    """The rows that stay without the outliers, by their names, and what is said of those that go."""

    kept: tuple[str, ...]
    told: Sentence


def without_outliers(rows: Rows) -> Spread | str:
    """Which of the rows that are shown are no outliers of the quantity spoken of."""
    found = rows.figures
    if len(found) < LEAST_FOR_OUTLIERS:
        few = f"Of {len(found)} rows none can be told to be an outlier."
        return f"{few} Say which to leave out, such as: without the first."
    lower, _, upper = quantiles([value_of(own) for _, own in found], n=4, method="inclusive")
    low, high = lower - FENCE * (upper - lower), upper + FENCE * (upper - lower)
    gone = [(name, own) for name, own in found if not low <= value_of(own) <= high]
    fences = [rows.figure(each, rows.unit, f"quartiles of {_places(rows)}") for each in (low, high)]
    between = f"{FENCE:g} distances of the quartiles beyond them, from {fences[0].shown} to {fences[1].shown}"
    names = ", ".join(f"{name} ({own.shown})" for name, own in gone)
    said = f"Left out by {named(rows)}: {names}" if gone else f"No outlier by {named(rows)}"
    told = Sentence(f"{said}; the limit is {between}.", (*(own for _, own in gone), *fences))
    out = {name for name, _ in gone}
    return Spread(tuple(name for name, _ in found if name not in out), told)


def _places(rows: Rows) -> str:
    return f"{rows.table.path}[{','.join(map(str, rows.table.places))}].{rows.field}"


def _those(rows: Rows, basis: Basis) -> str:
    """How the rows are called that are reckoned with."""
    if basis.rows:
        return " and ".join(rows.name(at) for at in range(rows.count)) if rows.count < 4 else f"these {rows.count}"
    return f"all {rows.count}" if rows.count == len(rows.records) else f"the {rows.count} that are shown"


def _cited(basis: Basis, table: AnswerTable, told: Sequence[Sentence]) -> RunAnswer:
    return RunAnswer((*told, *of_period(basis.period)), (), basis.answer.cited(table.node), basis.answer.warnings)
