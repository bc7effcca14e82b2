"""The commodity and unit of each meter, and the factor to the stored unit; every assumption is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import polars as pl

from redaptive.documents.columns import UNITS
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.results import ImportSummary, MeterHint
from redaptive.domain.constants import KBTU_PER_CCF_GAS
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.units import CUBIC_FEET, GALLONS, POUNDS, canonical_unit, stored_factor
from redaptive.errors import InvalidInput

_OF_UNIT = {
    **dict.fromkeys(("therm", "dth", *CUBIC_FEET), Commodity.GAS),
    **dict.fromkeys((*GALLONS, "l"), Commodity.WATER),
    **dict.fromkeys(POUNDS, Commodity.STEAM),
    **dict.fromkeys(("ton", "ton-hour"), Commodity.CHILLED_WATER),
}
_OF_SUFFIX = {
    **dict.fromkeys(("e", "el", "elec", "electric", "electricity"), Commodity.ELECTRICITY),
    **dict.fromkeys(("g", "gas"), Commodity.GAS),
    **dict.fromkeys(("w", "water"), Commodity.WATER),
    **dict.fromkeys(("s", "steam"), Commodity.STEAM),
    **dict.fromkeys(("cw", "chw"), Commodity.CHILLED_WATER),
    **dict.fromkeys(("hw", "hhw"), Commodity.HOT_WATER),
    **dict.fromkeys(("pv", "solar"), Commodity.SOLAR),
}
DEFAULT_UNIT = "kWh"
WH_PER_KWH = 1000.0
VOLUMES = frozenset({"m3"})
"""Units of gas as of water."""
OTHER_UNITS = frozenset(
    {
        *("varh", "kvarh", "mvarh", "vah", "kvah", "mvah", "var", "kvar", "mvar", "va", "kva", "mva"),
        *(
            "v",
            "kv",
            "a",
            "ma",
            "hz",
            "%",
            "c",
            "°c",
            "degc",
            "f",
            "°f",
            "degf",
            "k",
            "ppm",
            "lux",
            "pa",
            "kpa",
            "bar",
            "psi",
        ),
        *("m3/h", "l/s", "l/min", "gpm", "cfm", "kg/h", "lb/h", "h", "hours", "count", "counts", "pulse", "pulses"),
    }
)
"""Units of what is neither energy nor water: judged as they stand where nothing is stored."""
KNOWN = frozenset({*UNITS, *OTHER_UNITS, *CUBIC_FEET, *GALLONS, *POUNDS})
STORED = ("Wh", "L")
SPELLED = {name.lower(): name for name in ("Wh", "kWh", "MWh", "GWh", "W", "kW", "MW", "kBtu", "MMBtu", "GJ", "MJ")}
IN_CODES = frozenset({"kw", "mw", "wh", "kwh", "mwh", "kbtu", "mmbtu", "therm", "ccf", "mcf", "ton-hour"})
"""Units that are believed as the last word of a meter's code, as in `Hall kW`."""


def commodity_of(code: str, unit: str, options: ReadingsOptions, summary: ImportSummary) -> Commodity:
    """The commodity of a meter: the option, else what only the unit can mean, else the code's suffix, else power."""
    if options.commodity is not None:
        return options.commodity
    suffix = code.lower().replace("-", "_").rpartition("_")[2] if "_" in code.replace("-", "_") else ""
    by_unit, by_suffix = _OF_UNIT.get(canonical_unit(unit)), _OF_SUFFIX.get(suffix)
    # Propane and oil are sold by the gallon and water by the cubic foot: the suffix decides between fuel and water.
    if by_suffix is not None and (by_unit is None or _accepts(unit, by_suffix)):
        summary.assume(f"Meters whose code ends in _{suffix} measure {by_suffix}.")
        return by_suffix
    if by_unit is None and options.lenient and canonical_unit(unit) in VOLUMES:
        # Gas says so by its code; how much heat it holds is not asked where nothing is stored.
        by_unit = Commodity.WATER
    if by_unit is not None:
        summary.assume(f"Meters in {unit} measure {by_unit}.")
        return by_unit
    summary.assume("Meters that do not say what they measure measure electricity.")
    return Commodity.ELECTRICITY


def unit_of_code(code: str) -> str | None:
    """The unit that is the last word of a meter's code; None where it is none.

    >>> unit_of_code("Hall 3 kW"), unit_of_code("CHW-1")
    ('kW', None)
    """
    words = code.replace("_", " ").split()
    return words[-1] if len(words) > 1 and canonical_unit(words[-1]) in IN_CODES else None


def assume_heat_content(unit: str, commodity: Commodity, options: ReadingsOptions, summary: ImportSummary) -> None:
    """Say by which heat content a volume of gas is taken for energy, where nobody gave one."""
    volume = canonical_unit(unit) in CUBIC_FEET
    if commodity is Commodity.GAS and volume and options.heat_content_kbtu_per_unit is None:
        summary.assume(
            f"Gas in {unit} has {KBTU_PER_CCF_GAS:g} kBtu per ccf (EPA default); "
            "--heat-content gives that of the bill, where the command has it."
        )


def unit_of_values(hint: MeterHint) -> str:
    """The unit of a meter's values where they are judged: kWh, m3 of water, or that of the file which is neither."""
    try:
        found = stored_factor(hint.unit, hint.commodity, interval_s=hint.interval_s)
    except InvalidInput:
        return hint.unit
    return "m3" if found.stored_unit == "L" else DEFAULT_UNIT


def _accepts(unit: str, commodity: Commodity) -> bool:
    try:
        stored_factor(unit, commodity, interval_s=3600, heat_content_kbtu_per_unit=1.0)
    except InvalidInput:
        return False
    return True


def factor_frame(
    pairs: pl.DataFrame,
    codes: Sequence[str],
    intervals: dict[int, int],
    options: ReadingsOptions,
    summary: ImportSummary,
) -> pl.DataFrame:
    """Per (meter, unit) of `pairs` (and `rows`): `factor` to Wh or litres, `commodity`; else `reason` and `fix`.

    Read leniently a unit may be kept as it stands, but a meter has amounts of one kind: those of most of its rows.
    """
    if options.lenient:
        pairs = pairs.sort("meter", "rows", "unit", descending=[False, True, False])
    found: list[_Factor] = []
    usual: dict[int, _Factor] = {}
    for meter, unit in pairs.select("meter", "unit").iter_rows():
        row = _factor_row(meter, unit, codes[meter], intervals.get(meter), options, summary)
        if options.lenient and row.factor is not None:
            row = _of_the_kind(row, usual.setdefault(meter, row))
            if row.factor is not None and row.kind not in STORED:
                summary.assume(f"Values of {row.commodity} in {unit} are judged as they stand, not in kWh.")
        found.append(row)
    rows = [(row.meter, row.unit, row.commodity, row.factor, row.reason, row.fix) for row in found]
    schema = {"meter": pl.Int32, "unit": pl.String, "commodity": pl.String, "factor": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, "reason": pl.String, "fix": pl.String}, orient="row")


@dataclass(frozen=True)
class _Factor:
    """How values of a meter in one unit are stored; `kind`: of what they are amounts, where there is a factor."""

    meter: int
    unit: str
    commodity: str
    factor: float | None = None
    reason: str | None = None
    fix: str | None = None
    kind: str = ""


def _of_the_kind(row: _Factor, usual: _Factor) -> _Factor:
    """The row, or none of its values where the meter's other ones are amounts of something else."""
    if row.kind == usual.kind:
        return row
    reason = f"A value in {row.unit} cannot stand among readings in {usual.unit}."
    return replace(row, factor=None, reason=reason, fix="Correct the unit, or give these rows as another meter.")


def _factor_row(
    meter: int, unit: str, code: str, interval_s: int | None, options: ReadingsOptions, summary: ImportSummary
) -> _Factor:
    name = canonical_unit(unit)
    if options.lenient and name not in KNOWN:
        return _Factor(meter, unit, "", None, f"The unit {unit!r} is unknown.", _near(name))
    commodity = commodity_of(code, unit, options, summary)
    assume_heat_content(unit, commodity, options, summary)
    try:
        found = stored_factor(
            unit, commodity, interval_s=interval_s, heat_content_kbtu_per_unit=options.heat_content_kbtu_per_unit
        )
    except InvalidInput as error:
        if options.lenient:
            return _Factor(meter, unit, commodity.value, WH_PER_KWH, kind=name)
        hint = "" if options.commodity else " Or name what the meter measures with --commodity."
        return _Factor(meter, unit, commodity.value, None, error.message, (error.fix or "") + hint)
    return _Factor(meter, unit, commodity.value, found.factor, kind=found.stored_unit)


def _near(name: str) -> str:
    """What may have been meant by an unknown unit."""
    if name == "mbtu":
        return "It is read as a thousand or as a million Btu; write kBtu or MMBtu."
    near = get_close_matches(name, sorted(UNITS), 1)
    if near:
        return f"Did you mean {SPELLED.get(near[0], near[0])}?"
    return "Use one of kWh, Wh, MWh, kW, kBtu, MMBtu, therm, GJ, ccf, m3, gal, L, lb, ton-hour."
