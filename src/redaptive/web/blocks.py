"""What a page or report is made of: frozen blocks, each with one template, a CSV and a JSON form."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from math import isfinite

from redaptive.web.numbers import grouped

Cell = str | int | float | bool | None
Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True)
class Kpi:
    """One headline figure; `note` says over what or with which caveat."""

    label: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Kpis:
    """A row of headline figures."""

    id: str
    items: tuple[Kpi, ...]
    kind: str = "kpis"


@dataclass(frozen=True)
class Column:
    """One column of a table: `key` in the JSON, `label` for people, unit, decimals of numbers."""

    key: str
    label: str
    unit: str = ""
    decimals: int = 0


@dataclass(frozen=True)
class Table:
    """A table; `rows` hold raw values in the order of `columns`, None is shown as a dash."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    limit: int | None = None
    kind: str = "table"

    def only(self, keys: Set[str]) -> Table:
        """The table with the columns of these keys, in its own order."""
        kept = [i for i, column in enumerate(self.columns) if column.key in keys]
        rows = tuple(tuple(row[i] for i in kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[i] for i in kept), rows=rows)

    def without(self, *keys: str) -> Table:
        """The table without the columns of these keys."""
        return self.only({column.key for column in self.columns}.difference(keys))

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers, in any row; they are set to the right, what is missing in them too."""
        return tuple(any(isinstance(row[i], int | float) for row in self.rows) for i in range(len(self.columns)))


@dataclass(frozen=True)
class Chart:
    """A chart as an ECharts option, with a sentence that says what to see in it."""

    id: str
    title: str
    option: Mapping[str, Json]
    caption: str = ""
    height_px: int = 360
    kind: str = "chart"


@dataclass(frozen=True)
class Text:
    """A heading with paragraphs or a bullet list."""

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    level: int = 2
    kind: str = "text"


Block = Kpis | Table | Chart | Text


@dataclass(frozen=True)
class Page:
    """A whole report: title, when it was made, for whom, and its blocks in order."""

    title: str
    subtitle: str
    generated_at: datetime
    tenant: str
    blocks: tuple[Block, ...]


def is_missing(value: object) -> bool:
    """Whether there is no figure: None, NaN or infinite; shown as a dash, an empty field or null, never as zero."""
    return value is None or (isinstance(value, float) and not isfinite(value))


def cell_text(value: Cell, column: Column) -> str:
    """The value as people read it: grouped digits, yes or no, a dash where there is no figure."""
    if is_missing(value):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return grouped(value, column.decimals) if isinstance(value, (int, float)) else str(value)


def table_csv(table: Table) -> str:
    """The table as CSV with the unit in each header and raw numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([f"{c.key} [{c.unit}]" if c.unit else c.key for c in table.columns])
    writer.writerows([["" if is_missing(v) else v for v in row] for row in table.rows])
    return out.getvalue()


def page_json(page: Page) -> dict[str, Json]:
    """The page as plain JSON: raw numbers with their units; charts are left out, their tables carry the data."""
    blocks = [asdict(block) for block in page.blocks if not isinstance(block, Chart)]
    return {
        "title": page.title,
        "subtitle": page.subtitle,
        "tenant": page.tenant,
        "generated_at": page.generated_at.isoformat(),
        "blocks": [_plain(block) for block in blocks],
    }


def _plain(value: object) -> Json:
    if is_missing(value):
        return None
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, (str, int, float, bool)) else str(value)
