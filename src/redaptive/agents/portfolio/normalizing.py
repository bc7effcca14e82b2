"""A building's use in a normal year: baseline and reporting period under the same weather."""

from __future__ import annotations

import numpy as np
from anyio import to_thread

from redaptive.agents.portfolio.inputs import Portfolio, PortfolioReader
from redaptive.agents.portfolio.periods import Period
from redaptive.agents.portfolio.results import NormalizedYear, WeatherNormalization
from redaptive.agents.portfolio.weather import WeatherYears, daily_use
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.portfolio.weather_normalization import DailySeries, normalize_daily
from redaptive.errors import InvalidInput


class Normalizer:
    """Fits one building's daily use of one commodity."""

    def __init__(
        self, reader: PortfolioReader, portfolio: Portfolio, weather: WeatherYears, commodity: Commodity
    ) -> None:
        self._reader, self._portfolio, self._weather, self._commodity = reader, portfolio, weather, commodity
        self._building = portfolio.buildings[0]
        self._site = portfolio.site_of(self._building)

    async def run(self, baseline: Period, reporting: Period | None) -> tuple[WeatherNormalization, float]:
        """The comparison, and the share of the baseline's days that have use.

        Raises InvalidInput naming the missing input: meter, weather station, its readings, or a normal year.
        """
        if not self._portfolio.numbers(self._commodity):
            raise InvalidInput(f"{self._building.code} has no main {self._commodity} meter.", field="commodity")
        station, zone = self._site.weather_station, self._site.timezone
        normal = self._weather.normal(station, zone) if station else None
        if station is None or normal is None:
            raise InvalidInput(
                f"The site {self._site.code} has no weather for every day of a year.",
                field="weather",
                fix="Import it: redaptive import weather FILE --station CODE, and name the station at the site.",
            )
        first, share = await self._year(baseline, normal)
        second = (await self._year(reporting, normal))[0] if reporting else None
        years = self._weather.years(station, zone)
        value = WeatherNormalization(
            building_code=self._building.code,
            commodity=str(self._commodity),
            station=station,
            normal_year=f"mean of {years[0]}-{years[-1]}",
            baseline=first,
            reporting=second,
            change_pct=_change(first, second),
        )
        return value, share

    async def _year(self, period: Period, normal: DailySeries) -> tuple[NormalizedYear, float]:
        series = self._weather.series(self._site.weather_station or "", self._site.timezone, period)
        if series is None:
            raise InvalidInput(f"The weather station has no day in {period}.", field="weather", fix="Import weather.")
        loads = await self._reader.hourly_loads(self._portfolio, period, self._commodity)
        load = loads.get(self._commodity)
        daily = daily_use(load).get(self._building.code) if load else None
        if daily is None:
            raise InvalidInput(
                f"{self._building.code} has no full day of {self._commodity} in {period}.",
                field="period",
                fix="Import readings, or choose another period.",
            )
        use = daily.on(series.first_day, series.temperature_f.size)
        outcome = (await to_thread.run_sync(normalize_daily, use, series, normal))[0]
        share = float(np.isfinite(use).mean())
        actual = float(np.nansum(use)) if share == 1.0 else None
        return NormalizedYear(str(period), actual, outcome.annual_use, outcome.fit, outcome.failed), share


def _change(first: NormalizedYear, second: NormalizedYear | None) -> float | None:
    if second is None or not first.normal_year_kwh or second.normal_year_kwh is None:
        return None
    return 100.0 * (second.normal_year_kwh / first.normal_year_kwh - 1.0)
