"""Readings of the sample: any meter and any local day alone, or many at once, the same to the last bit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

import numpy as np
import numpy.typing as npt
import polars as pl

from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput, NotFound
from redaptive.sample.calendars import hour_of
from redaptive.sample.cities import CITIES
from redaptive.sample.faults import Fault, FaultType, Window, metered, physical_extra
from redaptive.sample.metering import Counts, clean, split_quarters
from redaptive.sample.model import BuildingModel
from redaptive.sample.portfolio import SamplePortfolio
from redaptive.sample.specs import MeterKind, MeterSpec

READING_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "meter_index": pl.Int32,
    "ts": pl.Datetime("us", "UTC"),
    "value": pl.Int32,
    "quality": pl.Int8,
}
_Columns = tuple[npt.NDArray[np.int32], npt.NDArray[np.datetime64], npt.NDArray[np.int32]]
_VALUES_PER_CHUNK = 150_000
"""Values made at a time: small enough for the processor's cache, large enough to hide the cost of a call."""


@dataclass(frozen=True)
class DayReadings:
    """Readings of one meter on one local day: UTC interval starts, integer Wh (litres for water) and quality."""

    meter_index: int
    day: date
    ts: npt.NDArray[np.datetime64]
    value: npt.NDArray[np.int32]
    quality: npt.NDArray[np.int8]


class SampleReadings:
    """Makes the readings of a portfolio on demand; holds models of buildings, never readings.

    A day is a local day of the meter's site (23 or 25 hours at clock changes). A value
    depends on the portfolio's seed, the meter and the interval alone.
    """

    def __init__(self, portfolio: SamplePortfolio) -> None:
        self.portfolio = portfolio
        self._index = {meter.code: number for number, meter in enumerate(portfolio.meters)}
        self._models: dict[int, BuildingModel] = {}
        self._metered: dict[int, Fault] = {}
        self._physical: dict[int, list[Fault]] = defaultdict(list)
        for fault in portfolio.faults:
            if fault.physical:
                self._physical[portfolio.meter_specs[fault.meter].building].append(fault)
            else:
                self._metered[fault.meter] = fault

    def index(self, meter: str | int) -> int:
        """Index of a meter given by code or index; raises NotFound."""
        number = self._index.get(meter, -1) if isinstance(meter, str) else meter
        if not 0 <= number < len(self.portfolio.meters):
            raise NotFound(f"No meter {meter!r} in this sample.", field="meter", fix="Take a code of portfolio.meters.")
        return number

    def model(self, building: int) -> BuildingModel:
        """Model of a building, made once."""
        if building not in self._models:
            p = self.portfolio
            self._models[building] = BuildingModel(
                p.building_specs[building],
                p.climate,
                (p.start, p.end),
                tuple(project for project in p.projects if project.building == building),
                tuple(event for event in p.non_routine_events if event.building == building),
            )
        return self._models[building]

    def hours(self, building: int, start: date, end: date) -> tuple[int, int]:
        """UTC hours since 1970 of the local days [start, end); raises InvalidInput outside the horizon."""
        if start >= end or start < self.portfolio.start or end > self.portfolio.horizon:
            bounds = f"{self.portfolio.start} to {self.portfolio.horizon}"
            raise InvalidInput(f"No readings from {start} to {end}.", field="start", fix=f"Ask within {bounds}.")
        zone = CITIES[self.portfolio.building_specs[building].city].timezone
        return hour_of(start, zone), hour_of(end, zone)

    def day(self, meter: str | int, day: date) -> DayReadings:
        """Readings of one meter on one local day."""
        spec = self.portfolio.meter_specs[self.index(meter)]
        first, last = self.hours(spec.building, day, day + timedelta(days=1))
        values = self._observed([spec], first, last)[0]
        kept = self._present(spec, first, last)
        ts = _stamps(first, last, spec.quarters)
        return DayReadings(spec.number, day, ts[kept], values[kept].astype(np.int32), _quality(values[kept]))

    def frame(self, meters: Sequence[str | int], start: date, end: date) -> pl.DataFrame:
        """Readings of meters on the local days [start, end): meter_index, ts, value, quality; by meter and time.

        Meters of one building asked for together share the work on its components.
        """
        chosen = sorted({self.index(meter) for meter in meters})
        specs = [self.portfolio.meter_specs[number] for number in chosen]
        blocks = []
        for (building, _), group in groupby(specs, key=lambda spec: (spec.building, spec.quarters)):
            first, last = self.hours(building, start, end)
            blocks.append(self._block(list(group), first, last))
        if not blocks:
            return pl.DataFrame(schema=READING_SCHEMA)
        numbers, stamps, values = (np.concatenate(column) for column in zip(*blocks, strict=True))
        return pl.DataFrame(
            {
                "meter_index": numbers,
                "ts": pl.Series(stamps).dt.replace_time_zone("UTC"),
                "value": values,
                "quality": _quality(values),
            }
        )

    def clean_values(self, meters: Sequence[MeterSpec], first: int, last: int, *, with_projects: bool = True) -> Counts:
        """Integer readings without faults, shape (n_meters, n_intervals); one building and one cadence."""
        model = self.model(meters[0].building)
        return clean(self.portfolio.seed, model, meters, first, last, changes=with_projects)

    def true_values(self, meters: Sequence[MeterSpec], first: int, last: int) -> Counts:
        """What really flowed: clean readings and what physical faults add; shape as `clean_values`."""
        values = self.clean_values(meters, first, last)
        for fault in self._physical.get(meters[0].building, ()):
            child = self.portfolio.meter_specs[fault.meter]
            rows = [row for row, spec in enumerate(meters) if _sees(spec, child)]
            if not rows:
                continue
            window = self._window(fault, child, first, last)
            if not window.active.any():
                continue
            own = self.clean_values([child], first, last)[0]
            extra = physical_extra(fault, self.model(child.building), child, own, window)
            for row in rows:
                values[row] += _as_seen(extra, meters[row], child)
        return values

    def expected_kwh_without_fault(self, meter: str | int, start: date, end: date) -> float:
        """Energy (kWh; for water litres / 1000) of the local days [start, end) if nothing were faulty."""
        spec = self.portfolio.meter_specs[self.index(meter)]
        first, last = self.hours(spec.building, start, end)
        return int(self.clean_values([spec], first, last).sum()) / 1000

    def true_kwh(self, meter: str | int, start: date, end: date) -> float:
        """Energy (kWh; for water litres / 1000) that really flowed: with physical faults, without meter errors."""
        spec = self.portfolio.meter_specs[self.index(meter)]
        first, last = self.hours(spec.building, start, end)
        return int(self.true_values([spec], first, last).sum()) / 1000

    def unmetered(self, main: str | int, start: date, end: date) -> Counts:
        """Wh per hour of a main's load that no submeter holds: import + solar - submeters, without meter errors."""
        spec = self.portfolio.meter_specs[self.index(main)]
        if spec.kind is not MeterKind.MAIN:
            raise InvalidInput(f"Meter {main!r} is not an electric main.", field="main", fix="Take a main's code.")
        first, last = self.hours(spec.building, start, end)
        rest = _hourly(self.true_values([spec], first, last)[0], spec.quarters)
        for child in self.portfolio.meter_specs:
            if child.building == spec.building and child.number != spec.number and _sees(spec, child):
                part = _hourly(self.true_values([child], first, last)[0], child.quarters)
                rest = rest + part if child.kind is MeterKind.SOLAR else rest - part
        return rest

    def _window(self, fault: Fault, spec: MeterSpec, first: int, last: int) -> Window:
        """The window of a fault on a meter."""
        zone = CITIES[self.portfolio.building_specs[spec.building].city].timezone
        return Window(first, last, hour_of(fault.start, zone), hour_of(fault.end, zone))

    def _observed(self, meters: Sequence[MeterSpec], first: int, last: int) -> Counts:
        """What the meters report, rows of a dropout included."""
        values = self.true_values(meters, first, last)
        for row, spec in enumerate(meters):
            fault = self._metered.get(spec.number)
            if fault is None:
                continue
            window = self._window(fault, spec, first, last)
            if not window.active.any():
                continue
            if fault.type is FaultType.CLOCK:
                shift = int(fault.severity)
                late = self.true_values([spec], first - shift, last - shift)[0]
                values[row] = np.where(np.repeat(window.active, spec.quarters), late, values[row])
            else:
                begin = self.true_values([spec], window.fault_first, window.fault_first + 1)[0, 0]
                values[row] = metered(fault, self.portfolio.seed, spec, values[row], int(begin), window)
        return values

    def _present(self, spec: MeterSpec, first: int, last: int) -> npt.NDArray[np.bool_]:
        """Which intervals arrive: all but those of a dropout."""
        fault = self._metered.get(spec.number)
        if fault is None or fault.type is not FaultType.DROPOUT:
            return np.ones((last - first) * spec.quarters, dtype=np.bool_)
        return ~np.repeat(self._window(fault, spec, first, last).active, spec.quarters)

    def _block(self, specs: list[MeterSpec], first: int, last: int) -> _Columns:
        """Numbers, stamps and values of meters of one building and cadence, without what never arrived."""
        quarters = specs[0].quarters
        values = np.empty((len(specs), (last - first) * quarters), dtype=np.int32)
        step = max(24, _VALUES_PER_CHUNK // (len(specs) * quarters))
        for begin in range(first, last, step):
            stop = min(begin + step, last)
            values[:, (begin - first) * quarters : (stop - first) * quarters] = self._observed(specs, begin, stop)
        numbers = np.repeat(np.array([spec.number for spec in specs], dtype=np.int32), values.shape[1])
        stamps = np.tile(_stamps(first, last, quarters), len(specs))
        if any(spec.number in self._metered for spec in specs):
            kept = np.concatenate([self._present(spec, first, last) for spec in specs])
            return numbers[kept], stamps[kept], values.ravel()[kept]
        return numbers, stamps, values.ravel()


def _sees(meter: MeterSpec, child: MeterSpec) -> bool:
    """Whether the child's energy passes through the meter: its own, or that of its main."""
    if meter.number == child.number:
        return True
    inside = child.kind in (MeterKind.SUB, MeterKind.SOLAR)
    return meter.kind is MeterKind.MAIN and inside and meter.main_slot == child.main_slot


def _as_seen(extra: Counts, meter: MeterSpec, child: MeterSpec) -> Counts:
    """Extra energy of a child as its parent reads it: at the parent's cadence, generation with the other sign."""
    if meter.number == child.number:
        return extra
    seen = split_quarters(extra) if meter.quarters > child.quarters else extra
    return -seen if child.kind is MeterKind.SOLAR else seen


def _hourly(values: Counts, quarters: int) -> Counts:
    """Sums per hour."""
    return np.asarray(values.reshape(-1, quarters).sum(axis=1))


def _stamps(first: int, last: int, quarters: int) -> npt.NDArray[np.datetime64]:
    """UTC starts of the intervals of a window, microseconds."""
    micros = np.arange(first * quarters, last * quarters, dtype=np.int64) * (3_600_000_000 // quarters)
    return micros.view("datetime64[us]")


def _quality(values: Counts | npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """Export where energy flowed out, else measured: the meters themselves do not know of their faults."""
    return np.where(values < 0, np.int8(Quality.EXPORT), np.int8(0)).astype(np.int8)
