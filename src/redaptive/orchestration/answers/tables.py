"""From arranged rows to the table and the sentence that show them, and what of a wish could not be met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from redaptive.orchestration.answers.arrangement import QUANTITIES, Arrangement
from redaptive.orchestration.answers.figures import AnswerTable, Figure, Sentence
from redaptive.orchestration.answers.ranking import Ranked, figure_at, heading, name_in, own_unit, unit_of
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.plans.signatures import value_at

NAMED: Final = 3
"""How many of the first rows the sentence about their order names."""


def table_of(found: Ranked, node: str, tool: str) -> AnswerTable:
    """The rows as a table; its title says what orders them, where the wish did."""
    view = found.view
    title = f"{view.title.partition(',')[0]}, {_order(found)}" if found.field else view.title
    rows = tuple(tuple(figure_at(row, path) for _, path in view.columns) for row in found.rows)
    headings, fields = tuple(name for name, _ in view.columns), tuple(path for _, path in view.columns)
    limited = tuple(limit.quantity for limit, _ in found.limits)
    return AnswerTable(
        title,
        headings,
        rows,
        node,
        tool,
        view.path,
        found.left_out,
        found.places,
        found.field,
        view.per,
        fields,
        limited,
    )


def told_order(found: Ranked, node: str, tool: str) -> Sentence | None:
    """A sentence that names the first rows with the figure that orders them; None where no wish orders them."""
    first = found.view.columns[0][1]
    rows = [(at, row) for at, row in zip(found.places, found.rows, strict=True) if value_at(row, first) is not None]
    if found.field is None or len(rows) < 2:
        return None
    figures: list[Figure] = []
    parts: list[str] = []
    for at, row in rows[:NAMED]:
        value = figure_at(row, found.field)
        if value is None:
            continue
        shown = f"{_figure(value)} {unit_of(found.field) or own_unit(row)}".strip()
        path = f"{found.view.path}[{at}].{found.field}"
        figures.append(Figure(shown, value, node, tool, path))
        parts.append(f"{value_at(row, first)} ({shown})")
    counted = f" {len(found.rows)} of {found.total} shown." if found.left_out else f" All {found.total} shown."
    order = _order(found)
    return Sentence(f"{order[:1].upper()}{order[1:]}: {', '.join(parts)}.{counted}", tuple(figures)) if parts else None


def told_limits(found: Ranked) -> Sentence | None:
    """A sentence that says how many rows keep the limits of the wish, and that sums are of all; None without limits."""
    named = [
        f"{heading(field).partition(',')[0].lower()} of {limit.words} {unit_of(field)}".strip()
        for limit, field in found.limits
    ]
    if not named:
        return None
    return Sentence(f"{found.total} of {found.listed} rows have {' and '.join(named)}; sums are of all {found.listed}.")


def told_rows(found: Ranked, wish: Arrangement, node: str, tool: str) -> Iterator[Sentence]:
    """A sentence for each row of a few things that were asked for by their codes: its figures under their headings."""
    first, *others = found.view.columns
    if len(wish.things) > NAMED:
        return
    for at, row in zip(found.places, found.rows, strict=True):
        if value_at(row, first[1]) not in wish.things:
            continue
        figures = [
            (name, Figure(_figure(value), value, node, tool, f"{found.view.path}[{at}].{path}"))
            for name, path in others
            if isinstance(value := figure_at(row, path), int | float) and path != "buildings"
        ]
        parts = [_under(name, each.shown) for name, each in figures]
        yield Sentence(f"{value_at(row, first[1])}: {'; '.join(parts)}.", tuple(each for _, each in figures))


def told_sum(found: Ranked, wish: Arrangement, node: str, tool: str) -> Sentence | None:
    """A sentence that adds up the rows of several things that were asked for, where all of them are shown."""
    first = found.view.columns[0][1]
    chosen = [
        (at, row) for at, row in zip(found.places, found.rows, strict=True) if value_at(row, first) in wish.things
    ]
    if len(chosen) < 2 or len(chosen) < found.total:
        return None
    figures: list[Figure] = []
    for field in found.view.sums:
        terms = [(value, at) for at, row in chosen if isinstance(value := figure_at(row, field), int | float)]
        if len(terms) == len(chosen):
            total = sum(value for value, _ in terms)
            path = " + ".join(f"{found.view.path}[{at}].{field}" for _, at in terms)
            figures.append(Figure(f"{_figure(total)} {unit_of(field)}", total, node, tool, path))
    said = "; ".join(each.shown for each in figures)
    return Sentence(f"Together, {len(chosen)} rows: {said}.", tuple(figures)) if figures else None


def _under(head: str, shown: str) -> str:
    """A figure with its heading, behind it where the heading is a unit.

    >>> _under("kWh", "1,200"), _under("Site EUI", "48.4"), _under("YoY, %", "-1.2")
    ('1,200 kWh', 'Site EUI 48.4', 'YoY -1.2 %')
    """
    name, _, unit = head.partition(", ")
    if head in ("kWh", "Therms", "USD", "tCO2e", "kW"):
        return f"{shown} {head}"
    return f"{name} {shown} {unit}".strip()


def fits(sentence: Sentence, wish: Arrangement) -> bool:
    """Whether a sentence tells of a quantity that is wished; one that has no figure of any quantity always does."""
    named = {each.path.rpartition(".")[2] for each in sentence.figures}
    told = [name for name, each in QUANTITIES.items() if named & set(each.fields)]
    if wish.things and any(each.path.startswith("value.total.") for each in sentence.figures):
        return False
    if not told or not (wish.only or wish.without):
        return True
    return any(name not in wish.without and (not wish.only or name in wish.only) for name in told)


def unmet(wish: Arrangement, tables: Sequence[AnswerTable]) -> Iterator[str]:
    """What was wished of the lists and could not be done."""
    if wish.per and tables and all(table.per != wish.per for table in tables):
        yield f"this answer has no figures per {wish.per}"
    if wish.per and any(table.per == wish.per and not {"USD", "Cost, USD"} & set(table.columns) for table in tables):
        yield f"cost is not known per {wish.per}, only for the whole period"
    for limit in wish.within:
        if all(limit.quantity not in table.limited_by for table in tables):
            yield f"no row of this answer has a figure for {limit.quantity}, so no row was left out for it"
    if wish.most and not tables:
        yield f"there is no list in this answer to show {wish.most} rows of"
    elif wish.by and tables and not any(table.ordered_by for table in tables):
        yield f"no row of this answer has a figure for {wish.by}, so the rows are not ordered by it"


def _order(found: Ranked) -> str:
    assert found.field is not None
    known = next((name for name, path in found.view.columns if path == found.field), "")
    name = name_in(heading(found.field) if unit_of(found.field) else known or heading(found.field))
    name = f"{name} per ft2" if "/" in found.field else name
    return f"by {name}, {'lowest' if found.lowest_first else 'highest'} first"


def _figure(value: Json) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
