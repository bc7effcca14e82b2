"""Monthly utility bills of the sample, by each main meter's own read dates, some with an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl

from redaptive.domain.portfolio.records import Commodity, EnergyPrice
from redaptive.sample.metering import Counts
from redaptive.sample.portfolio import SamplePortfolio
from redaptive.sample.randomness import Purpose, integers16
from redaptive.sample.readings import SampleReadings
from redaptive.sample.specs import MeterKind, MeterSpec

KWH_PER_THERM = 100 / 3.412142
FIXED_USD = 25.0
LATE_FEE = 0.015
UNIT_COST_JUMP = 1.3
_BILLED = (MeterKind.MAIN, MeterKind.GAS, MeterKind.WATER)
_UNITS = {Commodity.ELECTRICITY: "kWh", Commodity.GAS: "therm", Commodity.WATER: "L"}

BILL_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "building_code": pl.String,
    "meter_code": pl.String,
    "commodity": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "energy": pl.Float64,
    "unit": pl.String,
    "demand_kw": pl.Float64,
    "usd": pl.Decimal(14, 2),
    "estimated": pl.Boolean,
    "error_code": pl.String,
    "error_usd": pl.Decimal(14, 2),
}


@dataclass(frozen=True)
class Bill:
    """One bill for the local days [period_start, period_end).

    `quantity` is in Wh or litres; `error_usd` is the overcharge.
    """

    building_code: str
    meter_code: str
    commodity: Commodity
    period_start: date
    period_end: date
    quantity: float
    demand_kw: float | None
    usd: float
    estimated: bool = False
    error_code: str | None = None
    error_usd: float = 0.0

    def row(self) -> tuple[object, ...]:
        """The bill in the order of BILL_SCHEMA; money to the cent."""
        scale = {"kWh": 1000.0, "therm": 1000.0 * KWH_PER_THERM, "L": 1.0}[_UNITS[self.commodity]]
        return (
            self.building_code,
            self.meter_code,
            self.commodity.value,
            self.period_start,
            self.period_end,
            round(self.quantity / scale, 3),
            _UNITS[self.commodity],
            None if self.demand_kw is None else round(self.demand_kw, 2),
            _cents(self.usd),
            self.estimated,
            self.error_code,
            _cents(self.error_usd),
        )


def _cents(usd: float) -> Decimal:
    """Dollars as a decimal to the cent."""
    return Decimal(round(usd * 100)).scaleb(-2)


def read_dates(portfolio: SamplePortfolio, meter: int) -> list[date]:
    """Read dates of a meter: one day of the month (1-28), the same every month, within the history."""
    day = 1 + int(integers16(portfolio.seed, Purpose.BILL, (1 << 32) + meter, 0, 1)[0]) % 28
    months = [
        date(year, month, day) for year in range(portfolio.start.year, portfolio.end.year + 1) for month in range(1, 13)
    ]
    return [d for d in months if portfolio.start <= d <= portfolio.end]


def monthly_bills(portfolio: SamplePortfolio, buildings: Sequence[str] | None = None) -> pl.DataFrame:
    """Bills of all main meters (of `buildings`, by code), columns as BILL_SCHEMA.

    Energy is what really flowed, from the intervals: cost is about a second for the demo
    and grows with the mains, so give `buildings` for a part of a large portfolio.
    A duplicate invoice is a second row.
    """
    wanted = None if buildings is None else set(buildings)
    maker = _BillMaker(SampleReadings(portfolio))
    rows = [
        bill.row()
        for spec in portfolio.meter_specs
        if spec.kind in _BILLED and (wanted is None or portfolio.buildings[spec.building].code in wanted)
        for bill in maker.bills(spec)
    ]
    return pl.DataFrame(rows, schema=BILL_SCHEMA, orient="row")


class _BillMaker:
    """Makes the bills of one meter after another."""

    def __init__(self, readings: SampleReadings) -> None:
        self.readings, self.portfolio = readings, readings.portfolio
        self.errors = {(e.meter, e.period): e.code for e in self.portfolio.bill_errors}
        self.prices: dict[tuple[str, Commodity], list[EnergyPrice]] = {}
        for price in self.portfolio.prices:
            self.prices.setdefault((price.site_code, price.commodity), []).append(price)

    def bills(self, spec: MeterSpec) -> Iterator[Bill]:
        """Bills of one meter by date."""
        dates = read_dates(self.portfolio, spec.number)
        first, last = self.readings.hours(spec.building, dates[0], dates[-1])
        values = self.readings.true_values([spec], first, last)[0]
        previous: Bill | None = None
        for period, (start, end) in enumerate(pairwise(dates)):
            low, high = self.readings.hours(spec.building, start, end)
            part = values[(low - first) * spec.quarters : (high - first) * spec.quarters]
            bill = self._correct(spec, start, end, part)
            code = self.errors.get((spec.number, period))
            yield from self._wrong(bill, code, previous) if code and previous else (bill,)
            previous = bill

    def _correct(self, spec: MeterSpec, start: date, end: date, values: Counts) -> Bill:
        """The bill as it should be."""
        meter = self.portfolio.meters[spec.number]
        demand = float(values.max()) * spec.quarters / 1000 if spec.kind is MeterKind.MAIN else None
        bill = Bill(meter.building_code, meter.code, meter.commodity, start, end, float(values.sum()), demand, 0.0)
        return replace(bill, usd=self._usd(bill, spec))

    def _usd(self, bill: Bill, spec: MeterSpec) -> float:
        """Fixed charge, energy at the price of the period's first day, and demand."""
        site = self.portfolio.buildings[spec.building].site_code
        price = next(p for p in reversed(self.prices[site, bill.commodity]) if p.effective_from <= bill.period_start)
        charge = FIXED_USD + bill.quantity / 1000 * price.usd_per_unit
        return charge + (bill.demand_kw or 0.0) * price.demand_usd_per_kw_month

    def _wrong(self, bill: Bill, code: str, previous: Bill) -> tuple[Bill, ...]:
        """The bill with an error; the overcharge is in `error_usd`."""
        variable = bill.usd - FIXED_USD
        if code == "duplicate_invoice":
            return bill, replace(bill, error_code=code, error_usd=bill.usd)
        days = (bill.period_end - bill.period_start).days
        quantity, usd, start = bill.quantity, bill.usd, bill.period_start
        if code == "estimated_not_flagged":
            quantity = previous.quantity * days / (previous.period_end - previous.period_start).days
            usd = FIXED_USD + variable * (quantity / bill.quantity if bill.quantity else 1.0)
        elif code == "wrong_multiplier":
            quantity, usd = bill.quantity * 10, FIXED_USD + variable * 10
        elif code == "unit_cost_jump":
            usd = FIXED_USD + variable * UNIT_COST_JUMP
        elif code == "late_fee":
            usd = bill.usd * (1 + LATE_FEE)
        else:
            start = bill.period_start - timedelta(days=4)
            quantity, usd = bill.quantity * (days + 4) / days, FIXED_USD + variable * (days + 4) / days
        return (
            replace(bill, period_start=start, quantity=quantity, usd=usd, error_code=code, error_usd=usd - bill.usd),
        )
