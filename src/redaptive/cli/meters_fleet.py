"""The sample portfolio as a live fleet: its records in the tenant, and its readings tick by tick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import numpy as np
import polars as pl
from numpy.typing import NDArray

from redaptive.app import App
from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.sample.meters import COUNTS
from redaptive.sample.portfolio import SamplePortfolio, build_portfolio
from redaptive.sample.readings import SampleReadings
from redaptive.sample.specs import SampleSize
from redaptive.sample.weather_hours import weather_hours
from redaptive.streams.ingest.simulation.clock import Tick, minutes_of
from redaptive.streams.ingest.simulation.gateway import NOTHING

DAY_S = 86_400
SAMPLE_STEP_S = 900
WEATHER_DAYS = 60


@dataclass(frozen=True)
class LiveSample:
    """The first `meters` of a sample portfolio, reporting every `interval_s` seconds from `start` on."""

    portfolio: SamplePortfolio
    meters: tuple[Meter, ...]
    interval_s: int
    start: date

    @property
    def units(self) -> list[str]:
        """The unit of each meter's values."""
        return ["L" if meter.commodity is Commodity.WATER else "Wh" for meter in self.meters]

    def ticks(self) -> Iterator[Tick]:
        """Start and values of each interval in order; a meter of a longer cadence speaks in some of them only."""
        steps = self._quarters()
        return minutes_of(steps, SAMPLE_STEP_S, self.interval_s) if self.interval_s < SAMPLE_STEP_S else steps

    def _quarters(self) -> Iterator[Tick]:
        sample, wanted = SampleReadings(self.portfolio), range(len(self.meters))
        held = pl.DataFrame()
        for number in count(-1):  # local days of the sites end some hours after the UTC day
            day = self.start + timedelta(days=number)
            if day + timedelta(days=1) > self.portfolio.horizon:
                return
            frame = sample.frame(wanted, day, day + timedelta(days=1)).select(
                "meter_index", pl.col("ts").dt.epoch("s").alias("at"), pl.col("value").cast(pl.Int64)
            )
            together = pl.concat([held, frame]) if len(held) else frame
            first = _epoch_s(day)
            yield from self._day(together.filter(pl.col("at").is_between(first, first + DAY_S, closed="left")), number)
            held = together.filter(pl.col("at") >= first + DAY_S)

    def _day(self, rows: pl.DataFrame, number: int) -> Iterator[Tick]:
        if number < 0:
            return
        step_s = min(meter.interval_s for meter in self.meters) if self.interval_s >= SAMPLE_STEP_S else SAMPLE_STEP_S
        first = _epoch_s(self.start) + number * DAY_S
        values: NDArray[np.int64] = np.full((DAY_S // step_s, len(self.meters)), NOTHING, np.int64)
        values[((rows["at"] - first) // step_s).to_numpy(), rows["meter_index"].to_numpy()] = rows["value"].to_numpy()
        for place, row in enumerate(values):
            yield first + place * step_s, row


def live_sample(meters: int, interval_s: int, seed: int, start: date | None) -> LiveSample:
    """A live sample of so many meters; raises InvalidInput for a number or cadence that there is none of."""
    size = next((size for size, (_, most) in COUNTS.items() if meters <= most), None)
    if size is None or meters < 1:
        raise InvalidInput(f"There is no sample of {meters:,} meters.", field="meters", fix="Ask for 1 to 100,000.")
    if interval_s > SAMPLE_STEP_S or SAMPLE_STEP_S % interval_s:
        raise InvalidInput(
            f"A cadence of {interval_s} s cannot be played.", field="interval", fix="Give 60, 300 or 900 seconds."
        )
    if interval_s < SAMPLE_STEP_S and size is SampleSize.DEMO:  # most of its meters report hourly
        size = SampleSize.F500
    portfolio = build_portfolio(size, seed=seed)
    begin = start or portfolio.end
    if not portfolio.start < begin < portfolio.horizon:
        bounds = f"{portfolio.start} to {portfolio.horizon}"
        raise InvalidInput(f"The sample has no readings on {begin}.", field="start", fix=f"Choose a day in {bounds}.")
    finer = interval_s < SAMPLE_STEP_S
    chosen = tuple(replace(m, interval_s=interval_s) if finer else m for m in portfolio.meters[:meters])
    return LiveSample(portfolio, chosen, interval_s, begin)


async def register_sample(running: App, tenant_id: UUID, sample: LiveSample) -> None:
    """Write the sample's records and the weather of its first weeks; what is there already stays."""
    store, portfolio = PortfolioStore(running.pools, tenant_id), sample.portfolio
    await store.upsert_customers(portfolio.customers)
    await store.upsert_sites(portfolio.sites)
    await store.upsert_buildings(portfolio.buildings)
    await store.upsert_meters(sample.meters)
    await store.upsert_prices(portfolio.prices)
    weather = WeatherStore(running.pools, tenant_id)
    last = min(portfolio.horizon, sample.start + timedelta(days=WEATHER_DAYS))
    for station in portfolio.stations:
        frame = weather_hours(portfolio, station, sample.start - timedelta(days=1), last)
        await weather.upsert_hours(station, frame)


def _epoch_s(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_S
