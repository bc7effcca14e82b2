"""The figures of an answer that is reckoned with: rows, the field that is spoken of, totals; each by its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from redaptive.documents.us_states import state_code
from redaptive.orchestration.answers.arrangement import QUANTITIES, Arrangement, quantity_in
from redaptive.orchestration.answers.figures import AnswerTable, Figure, RunAnswer, Sentence
from redaptive.orchestration.answers.ranking import amount, field_for, figure_at, heading, name_in, own_unit, unit_of
from redaptive.orchestration.answers.templates import Outputs, of_period
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.plans.signatures import value_at

_LIKELY: Final = ("cost", "use", "savings", "intensity", "peak")
ADDED: Final = frozenset(
    {"USD", "kWh", "therms", "kBtu", "tCO2e", "kL", "USD/yr", "tCO2e/yr", "USD/day", "kW/day", "ft2"}
)
"""Units of figures that add up, so that a share of their sum means something."""


@dataclass(frozen=True)
class Basis:
    """What is reckoned with: an answer, its outputs, its wish, the request and the period; and the same of the answer
    before. `rows` are the places of the only rows of the list that are meant; all that are shown if empty.
    """

    answer: RunAnswer
    outputs: Outputs
    wish: Arrangement
    asked: str
    period: str = ""
    before: Basis | None = None
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rows:
    """The rows of a list that are shown, with the field that is spoken of; `records` are all rows of the list."""

    table: AnswerTable
    field: str
    unit: str
    records: Sequence[Json]

    @property
    def count(self) -> int:
        """How many rows are shown."""
        return len(self.table.rows)

    @property
    def summed(self) -> list[Rows]:
        """The same for each column whose figures add up, where one row is shown; else only for what is spoken of."""
        shown = [replace(self, field=each, unit=unit_of(each)) for each in self.table.fields]
        found = [each for each in shown if each.unit in ADDED and each.own(0) is not None]
        return found if self.count == 1 and found else [self]

    @property
    def figures(self) -> list[tuple[str, Figure]]:
        """The name and the figure of each row that has one."""
        return [(self.name(at), own) for at in range(self.count) if (own := self.own(at)) is not None]

    def name(self, at: int) -> str:
        """What the row calls itself, with what it says next where others are called the same."""
        first, *others = self.table.rows[at]
        alike = sum(row[0] == first for row in self.table.rows) > 1
        return f"{first}, {others[0]}" if alike and others and isinstance(others[0], str) else str(first)

    def figure(self, value: float, unit: str, path: str) -> Figure:
        """A figure of the tool that made the list."""
        return Figure(amount(value, unit), value, self.table.node, self.table.tool, path)

    def own(self, at: int) -> Figure | None:
        """The figure of a row as the tool gave it."""
        place = self.table.places[at]
        value = figure_at(self.records[place], self.field)
        path = f"{self.table.path}[{place}].{self.field}"
        return self.figure(float(value), self.unit, path) if isinstance(value, int | float) else None


def value_of(figure: Figure) -> float:
    """The value of a figure that is a number."""
    return float(str(figure.value))


def rows_of(basis: Basis, of: str = "") -> Rows | None:
    """The first list of the answer with the quantity that is spoken of, else the likeliest that its rows have.

    `of` is a quantity that they must have.
    """
    for table in basis.answer.tables:
        records = value_at(basis.outputs.get(table.node), table.path)
        if not isinstance(records, list) or not table.places:
            continue
        field = field_for(of, records) if of else table.ordered_by or _spoken(basis, table, records)
        if field is not None:
            table = _meant_of(table, basis.rows)
            return Rows(table, field, unit_of(field) or own_unit(records[table.places[0]]), records)
    return None


def _meant_of(table: AnswerTable, rows: Sequence[int]) -> AnswerTable:
    """The table with the only rows that are meant, where it shows them."""
    kept = [at for at, place in enumerate(table.places) if place in rows]
    if not kept:
        return table
    places = tuple(table.places[at] for at in kept)
    return replace(table, rows=tuple(table.rows[at] for at in kept), places=places, left_out=0)


def _spoken(basis: Basis, table: AnswerTable, records: Sequence[Json]) -> str | None:
    """The field of the quantity that is spoken of; of its fields one that is shown, where one is."""
    spoken = [quantity for quantity in (basis.wish.by, *basis.wish.only, quantity_in(basis.asked)) if quantity]
    for quantity in (*spoken, *_LIKELY):
        seen = [each for each in QUANTITIES[quantity].fields if each in table.fields]
        number = next((each for each in seen if _has_numbers(each, records)), None)
        if field := number or field_for(quantity, records):
            return field
    return None


def only(rows: Rows, places: Sequence[int]) -> Rows:
    """The rows of the list at these places, whether they were shown or not."""
    shown = tuple(tuple(figure_at(rows.records[at], field) for field in rows.table.fields) for at in places)
    return replace(rows, table=replace(rows.table, rows=shown, places=tuple(places), left_out=0))


def names(rows: Rows, at: int) -> str:
    """What any row of the list calls itself, spelled as `spelled` does."""
    return spelled(str(figure_at(rows.records[at], rows.table.fields[0])))


def spelled(name: str) -> str:
    """A name for comparing: a state by its code, everything else in small letters."""
    plain = name.strip().lower()
    return (state_code(plain) or plain).lower()


def _has_numbers(field: str, records: Sequence[Json]) -> bool:
    return any(isinstance(figure_at(row, field), int | float) for row in records)


def total_of(rows: Rows, outputs: Outputs) -> Figure:
    """The total of the field: as the tool gave it where it did, else the sum over all rows."""
    if (found := given_total(rows, outputs)) is not None:
        return found
    values = [each for row in rows.records if isinstance(each := figure_at(row, rows.field), int | float)]
    return rows.figure(float(sum(values)), rows.unit, f"sum of {rows.table.path}[*].{rows.field}")


def given_total(rows: Rows, outputs: Outputs) -> Figure | None:
    """The total of the field over all rows as the tool gave it; None where it did not."""
    path = f"value.total.{rows.field}"
    found = value_at(outputs.get(rows.table.node), path)
    return rows.figure(float(found), rows.unit, path) if isinstance(found, int | float) else None


def headed(rows: Rows) -> str:
    """The heading of the field with its unit."""
    if unit_of(rows.field):
        return heading(rows.field)
    columns = dict(zip(rows.table.fields, rows.table.columns, strict=False))
    name = columns.get(rows.field, heading(rows.field)).partition(",")[0]
    return f"{name}, {rows.unit}" if rows.unit else name


def named(rows: Rows) -> str:
    """The name of the field as it stands inside a sentence."""
    return name_in(headed(rows))


def answer_of(
    rows: Rows, basis: Basis, sentences: Sequence[Sentence], cells: Sequence[tuple[Json, ...]] = (), last: str = ""
) -> RunAnswer:
    """The sentences, a table where there are several rows, the period, and the citations of the figures used."""
    table = rows.table
    heads = (table.columns[0], headed(rows), last)
    tables = (
        (AnswerTable(table.title, heads, tuple(cells), table.node, table.tool, table.path, table.left_out),)
        if len(cells) > 1
        else ()
    )
    told = (*sentences, *of_period(basis.period))
    return RunAnswer(told, tables, basis.answer.cited(table.node), basis.answer.warnings)
