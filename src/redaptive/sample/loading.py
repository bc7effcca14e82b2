"""Puts a sample portfolio into the stores of one tenant; a second load of the same sample changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import polars as pl
from anyio import to_thread

from redaptive.domain.intervals import next_month
from redaptive.domain.portfolio.records import Commodity
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.bill_store import Bill, BillStore
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.sample.bills import monthly_bills
from redaptive.sample.portfolio import SamplePortfolio
from redaptive.sample.readings import SampleReadings
from redaptive.sample.weather_hours import weather_hours

Progress = Callable[[str, int, int], None]
"""Called with the name of the step, how much of it is done and how much there is."""
ROWS_A_COMMIT = 6_000_000
PORTFOLIO_CODE = "all"


@dataclass(frozen=True)
class LoadReport:
    """What was loaded: counts of records and of readings written now (0 when they were there already)."""

    buildings: int
    meters: int
    stations: int
    bills: int
    readings: int


@dataclass(frozen=True)
class SampleLoader:
    """Loads sample portfolios for one tenant."""

    pools: ConnectionPoolManager
    readings: ReadingsStore
    tenant_id: UUID
    progress: Progress

    async def load(self, portfolio: SamplePortfolio) -> LoadReport:
        """Everything of the portfolio: records, weather, readings (sealed, with roll-ups) and bills."""
        numbers = await self._records(portfolio)
        await self._weather(portfolio)
        written = await self._readings(portfolio, numbers)
        bills = await self._bills(portfolio)
        return LoadReport(len(portfolio.buildings), len(portfolio.meters), len(portfolio.stations), bills, written)

    async def _records(self, portfolio: SamplePortfolio) -> list[int]:
        """Writes the records; the integer key of each meter, in the portfolio's order."""
        store = PortfolioStore(self.pools, self.tenant_id)
        self.progress("buildings and meters", 0, 1)
        await store.upsert_customers(portfolio.customers)
        await store.upsert_sites(portfolio.sites)
        await store.upsert_buildings(portfolio.buildings)
        await store.upsert_meters(portfolio.meters)
        await store.upsert_prices(portfolio.prices)
        await store.create_portfolio(PORTFOLIO_CODE, "All buildings", [b.code for b in portfolio.buildings])
        by_code = {meter.code: meter.meter_no for meter in await store.meters()}
        self.progress("buildings and meters", 1, 1)
        return [number for m in portfolio.meters if (number := by_code[m.code]) is not None]

    async def _weather(self, portfolio: SamplePortfolio) -> None:
        store = WeatherStore(self.pools, self.tenant_id)
        for done, station in enumerate(portfolio.stations):
            self.progress("weather", done, len(portfolio.stations))
            frame = await to_thread.run_sync(weather_hours, portfolio, station, portfolio.start, portfolio.end)
            await store.upsert_hours(station, frame)
        self.progress("weather", len(portfolio.stations), len(portfolio.stations))

    async def _readings(self, portfolio: SamplePortfolio, numbers: list[int]) -> int:
        sample, spans = SampleReadings(portfolio), list(_spans(portfolio))
        keys = pl.DataFrame({"meter_index": range(len(numbers)), "meter_id": numbers}).cast(pl.Int32)
        source, written = f"sample:{self.tenant_id}:{portfolio.size}:{portfolio.seed}:{portfolio.end}", 0
        seen = await to_thread.run_sync(self.readings.last_token, source)
        for token, (start, end) in enumerate(spans, start=1):
            self.progress("readings", token - 1, len(spans))
            if seen is None or token > seen:
                frame = await to_thread.run_sync(sample.frame, range(len(numbers)), start, end)
                batch = frame.join(keys, on="meter_index").select("meter_id", "ts", "value", "quality")
                written += await to_thread.run_sync(self._append, batch, source, token)
        self.progress("readings", len(spans), len(spans))
        calendar = await PortfolioStore(self.pools, self.tenant_id).calendar()
        await to_thread.run_sync(
            lambda: self.readings.seal_all(calendar, progress=lambda d, t: self.progress("sealing months", d, t))
        )
        return written

    def _append(self, batch: pl.DataFrame, source: str, token: int) -> int:
        return self.readings.append(batch, source=source, token=token).rows

    async def _bills(self, portfolio: SamplePortfolio) -> int:
        self.progress("bills", 0, 1)
        frame = await to_thread.run_sync(monthly_bills, portfolio)
        bills = [_bill(number, row) for number, row in enumerate(frame.iter_rows(named=True))]
        await BillStore(self.pools, self.tenant_id).upsert_bills(bills)
        self.progress("bills", 1, 1)
        return len(bills)


def _spans(portfolio: SamplePortfolio) -> Iterator[tuple[date, date]]:
    """Consecutive spans of whole months with at most about ROWS_A_COMMIT readings each."""
    rows_a_month = sum(2_628_000 // meter.interval_s for meter in portfolio.meters)
    months = max(1, min(6, ROWS_A_COMMIT // max(1, rows_a_month)))
    start = portfolio.start
    while start < portfolio.end:
        end = min(next_month(start.replace(day=1), months), portfolio.end)
        yield start, end
        start = end


def _bill(number: int, row: dict[str, object]) -> Bill:
    """A bill of the sample as the store takes it; the planted error stays in the truth table."""
    code = f"{row['meter_code']}:{row['period_start']}:{number}"
    return Bill(
        code=code,
        building_code=str(row["building_code"]),
        utility="Sample utility",
        account=f"A-{row['building_code']}",
        number=f"I-{number:06d}",
        commodity=Commodity(str(row["commodity"])),
        period_start=_typed(row["period_start"], date),
        period_end=_typed(row["period_end"], date),
        usage=_decimal(row["energy"]),
        usage_unit=str(row["unit"]),
        total_usd=_decimal(row["usd"]) or Decimal(0),
        meter_code=str(row["meter_code"]),
        demand_kw=_decimal(row["demand_kw"]),
        estimated=bool(row["estimated"]),
        source="sample",
    )


def _typed(value: object, kind: type[date]) -> date:
    assert isinstance(value, kind)
    return value


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
