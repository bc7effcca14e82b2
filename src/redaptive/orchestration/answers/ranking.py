"""Rows of an answer's list, ordered and cut as it was wished; what was left out is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from redaptive.orchestration.answers.arrangement import QUANTITIES, Arrangement
from redaptive.orchestration.answers.limits import Limit
from redaptive.orchestration.answers.views import TableView
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.plans.signatures import value_at

UNITS: Final = (
    ("usd_per_day", "USD/day"), ("usd_per_y", "USD/yr"), ("tco2e", "tCO2e"), ("t_co2e_per_y", "tCO2e/yr"),
    ("kbtu_per_ft2", "kBtu/ft2.yr"), ("kbtu", "kBtu"), ("kwh", "kWh"), ("therms", "therms"), ("kw", "kW"),
    ("usd", "USD"), ("y", "years"), ("pct", "%"), ("ft2", "ft2"), ("kl", "kL"), ("ratio_to_median", "x median"),
)  # fmt: skip
"""Ends and parts of field names, and the unit that they stand for, the longest first."""


_SHORT: Final = {"eui": "EUI", "yoy": "change on year before", "capex": "cost", "avoided": "avoided emissions"}
"""Words of field names that people write otherwise."""


@dataclass(frozen=True)
class Ranked:
    """Rows in the order in which they are shown, with their places in the list. `field` is what orders them, if any.

    `total` are the rows that could be shown, `listed` all of the list; `limits` are those that were applied, by field.
    """

    view: TableView
    rows: tuple[Json, ...]
    places: tuple[int, ...]
    total: int
    field: str | None = None
    lowest_first: bool = False
    listed: int = 0
    limits: tuple[tuple[Limit, str], ...] = ()

    @property
    def left_out(self) -> int:
        """How many rows are not shown."""
        return self.total - len(self.rows)


def unit_of(field: str) -> str:
    """The unit that the name of a field ends with; empty where it names none.

    >>> unit_of("cost_usd"), unit_of("site_eui_kbtu_per_ft2"), unit_of("cost_usd/floor_area_ft2")
    ('USD', 'kBtu/ft2.yr', 'USD/ft2')
    """
    if "/" in field:
        return "/".join(unit_of(each) for each in field.split("/"))
    name = field.partition(".")[0]
    return next((unit for end, unit in UNITS if name == end or name.endswith(f"_{end}")), "")


def own_unit(row: Json) -> str:
    """The unit that a row says itself; empty where it says none."""
    unit = value_at(row, "unit")
    return unit if isinstance(unit, str) else ""


def amount(value: float, unit: str) -> str:
    """A figure of a row with its unit.

    >>> amount(1234.5, "USD"), amount(1.234, "years"), amount(33.333, "%")
    ('1,234 USD', '1.23 years', '33.3 %')
    """
    digits = 1 if unit == "%" else 0 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f} {unit}".strip()


def figure_at(row: Json, field: str) -> Json:
    """The value of a field of a row; of `a/b` the quotient, None where one of both is no number or b is zero.

    >>> figure_at({"usd": 6.0, "ft2": 2.0}, "usd/ft2"), figure_at({"usd": 6.0}, "usd/ft2")
    (3.0, None)
    """
    above, _, below = field.partition("/")
    value = value_at(row, above)
    if not below:
        return value
    top, share = _number(value), _number(value_at(row, below))
    return None if top is None or not share else top / share


def field_for(quantity: str, rows: Sequence[Json]) -> str | None:
    """The first field of a quantity that holds a number in some row."""
    return next(
        (f for f in QUANTITIES[quantity].fields if any(_number(figure_at(row, f)) is not None for row in rows)), None
    )


def ranked(view: TableView, rows: Sequence[Json], wish: Arrangement) -> Ranked:
    """The rows as wished: ordered by a field that they have, else as they are; rows without the figure come last."""
    quantity = wish.by or (view.by if wish.most is not None or wish.end is not None else None)
    field = field_for(quantity, rows) if quantity else None
    places, low = _wished(view, rows, wish), wish.lowest_first(quantity)
    if field is not None:
        places.sort(key=lambda at: _key(figure_at(rows[at], field), low))
    elif _from_the_other_end(view, wish):
        places.reverse()
    most = max(view.most, len(wish.things)) if wish.most is None else (wish.most or len(rows))
    chosen = places[:most]
    shown = _with_columns(view, field, wish, rows)
    found = tuple(rows[at] for at in chosen)
    return Ranked(shown, found, tuple(chosen), len(places), field, low, len(rows), tuple(_limits(rows, wish)))


def _wished(view: TableView, rows: Sequence[Json], wish: Arrangement) -> list[int]:
    """The places of the rows of the things that are wished; of all rows where none of them is one of these."""
    found = [at for at, row in enumerate(rows) if value_at(row, view.columns[0][1]) in wish.things]
    limits = list(_limits(rows, wish))
    return [at for at in found or range(len(rows)) if all(_keeps(rows[at], *each) for each in limits)]


def _limits(rows: Sequence[Json], wish: Arrangement) -> Iterator[tuple[Limit, str]]:
    """The limits for whose quantity the rows have a field."""
    for limit in wish.within:
        if (field := field_for(limit.quantity, rows)) is not None:
            yield limit, field


def _keeps(row: Json, limit: Limit, field: str) -> bool:
    """Whether a row keeps a limit; one without the figure does not."""
    value = _number(figure_at(row, field))
    return value is not None and limit.keeps(value)


def _from_the_other_end(view: TableView, wish: Arrangement) -> bool:
    """Whether rows that the tool ordered, the worst or the best first, are wished from their other end."""
    return bool(view.ranked) and wish.end in ("lowest", "best" if view.ranked == "worst" else "worst")


def _with_columns(view: TableView, field: str | None, wish: Arrangement, rows: Sequence[Json]) -> TableView:
    """The view with the column that orders it, and without those of quantities that are not wished."""
    columns = list(view.columns)
    for path in dict.fromkeys([*([field] if field else []), *(f for q in wish.only if (f := field_for(q, rows)))]):
        if all(path != known for _, known in columns):
            columns.insert(1, (heading(path), path))
    gone = {f for name in wish.without for f in QUANTITIES[name].fields}
    kept = {f for name in wish.only for f in QUANTITIES[name].fields}
    chosen = [each for at, each in enumerate(columns) if at == 0 or _stays(each[1], gone, kept, rows)]
    return replace(view, columns=tuple(chosen))


def _stays(path: str, gone: set[str], kept: set[str], rows: Sequence[Json]) -> bool:
    named = any(isinstance(value_at(row, path), str) for row in rows)
    return path not in gone and (not kept or path in kept or named)


def heading(field: str) -> str:
    """A heading for a field that no view names.

    >>> heading("energy_kbtu"), heading("peak_kw")
    ('Energy, kBtu', 'Peak, kW')
    """
    name, unit = re.split(r"[./]", field)[0], unit_of(field)
    name = f"cost_{name}" if name.startswith("usd_per_") else name
    for end, _ in UNITS:
        if name.endswith(f"_{end}"):
            name = name.removesuffix(f"_{end}")
            break
    words = [_SHORT.get(word, word) for word in name.split("_")]
    return f"{words[0][:1].upper()}{' '.join(words)[1:]}{f', {unit}' if unit else ''}"


def name_in(head: str) -> str:
    """The name in a heading as it stands inside a sentence, without the unit.

    >>> name_in("Site EUI, kBtu/ft2.yr"), name_in("EUI")
    ('site EUI', 'EUI')
    """
    name = head.partition(",")[0]
    return name if name.split()[0].isupper() else name[:1].lower() + name[1:]


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _key(value: Json, lowest_first: bool) -> tuple[bool, float]:
    number = _number(value)
    return (True, 0.0) if number is None else (False, number if lowest_first else -number)
