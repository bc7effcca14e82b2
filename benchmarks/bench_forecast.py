"""Accuracy of day-ahead and week-ahead forecasts on real meters, and the speed of a fleet.

    python benchmarks/bench_forecast.py --development   tune: October-December 2018
    python benchmarks/bench_forecast.py                 report: October-December 2019
    python benchmarks/bench_forecast.py --seasons       the quarters of 2019, one model trained until September 2018
    python benchmarks/bench_forecast.py --seasons --development        the same a year before
    python benchmarks/bench_forecast.py --weekly        intervals set anew every week, as `redaptive forecast calibrate`
    python benchmarks/bench_forecast.py --speed         features and forecasts of 1,200 and 12,000 meters

Meters are chosen by the year before the judged one. The model is trained until the window begins, its intervals come
from the three months before (with `--seasons` anew for each window). Every forecast is issued at local midnight, from
readings and temperatures until then. Prints Markdown.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import replace
from datetime import date

import numpy as np
from forecasts import estates
from forecasts.windows import HEAD, Judged, Window, issued, judge, row, table, together, worst

from redaptive.domain.forecast.boosters import Recipe
from redaptive.domain.forecast.features import FleetFeatures
from redaptive.domain.forecast.global_model import CALIBRATION_DAYS, DAY, WEEK, Fleet, ForecastModel, forecast, train

QUARTERS = [Window(f"{y}-Q{q}", date(y, 3 * q - 2, 1), date(y + q // 4, 3 * q % 12 + 1, 1))
            for y in (2017, 2018, 2019) for q in (1, 2, 3, 4)]  # fmt: skip

EVERY, ONCE = 7, 10_000
"""Days between two settings of the intervals."""


def main() -> None:
    """Parse arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--development", action="store_true", help="judge 2018 in place of 2019")
    parser.add_argument("--seasons", action="store_true", help="judge the four quarters and the year")
    parser.add_argument("--weekly", action="store_true", help="set the intervals anew every week, as calibrate does")
    parser.add_argument("--speed", action="store_true", help="time 1,200 and 12,000 meters")
    parser.add_argument("--week", action="store_true", help="also day 7 of week-ahead forecasts")
    parser.add_argument("--gas", action="store_true", help="gas meters in place of electricity meters")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    if not estates.FOLDER.exists():
        sys.exit(f"No data in {estates.FOLDER}.")
    recipe = replace(Recipe(), threads=given.threads, regression=not given.gas)
    if given.speed:
        speed(recipe)
        return
    year = 2018 if given.development else 2019
    fleet = estates.load(year - 1, date(year + 1, 1, 1), "_g" if given.gas else "_e")
    if given.seasons:
        model, until = trained(fleet, date(year - 1, 10, 1), recipe, week=given.week, calibration_days=0)
        windows = [w for w in QUARTERS if w.first.year == year]
    else:
        model, until = trained(fleet, date(year, 10, 1), recipe, week=given.week)
        windows = [w for w in QUARTERS if w.first == date(year, 10, 1)]
    for ahead in (1, 7) if given.week else (1,):
        every = EVERY if given.weekly else ONCE if given.seasons else 0
        made = [issued(model, fleet, w, ahead, every=every, unseen=until) for w in windows]
        found = [judge(one) for one in (made if len(made) == 1 else [*made, together(made, str(year))])]
        print(f"\n{'gas' if given.gas else 'electricity'}, day {ahead}\n")
        print(table(HEAD, [row(j) for j in found]), flush=True)
        show_worst(found[-1])


def trained(
    fleet: Fleet, until: date, recipe: Recipe, *, week: bool, calibration_days: int = CALIBRATION_DAYS
) -> tuple[ForecastModel, int]:
    """A model of the days before `until`, and the place of that day."""
    begun = time.perf_counter()
    place = fleet.days.index(until)
    past = Fleet(fleet.names, fleet.days.until(place))
    horizons = (DAY, WEEK) if week else (DAY,)
    model = train([past], recipe, horizons=horizons, calibration_days=calibration_days)
    print(f"\nTrained until {until} on {len(fleet.names)} meters in {time.perf_counter() - begun:.0f} s.", flush=True)
    gains = sorted(model.horizons[DAY].boosters.gains().items(), key=lambda g: -g[1])[:12]
    print("Largest gains: " + ", ".join(f"{name} {gain:.0%}" for name, gain in gains))
    return model, place


def show_worst(judged: Judged) -> None:
    """The worst meters, and coverage by hour of the day."""
    print(f"\nWorst meters, {judged.window.name}\n")
    print(table(("meter", "WAPE", "naive 168 h", "P10-P90 held", "hours"), list(worst(judged))))
    print(f"\nP10-P90 held by hour of the day, all meters: {judged.by_hour.min():.1%} to {judged.by_hour.max():.1%}")


def speed(recipe: Recipe) -> None:
    """Seconds of features and forecasts of one day for replicas of real meters; a test of speed only."""
    fleet = estates.load(2018, date(2019, 1, 1), "_e")
    few = Fleet(fleet.names[:4], fleet.days.take(slice(0, 4)))  # as many trees as of all meters, made sooner
    model = train([few], recipe, horizons=(DAY,), calibration_days=0)
    rows = []
    for count in (1_200, 12_000):
        place = np.arange(count) % len(fleet.names)
        noise = np.random.default_rng(3).lognormal(0, 0.3, count).astype(np.float32)
        days = fleet.days.until(fleet.days.n_days)
        since = slice(days.n_days - 430, None)
        kwh = days.energy[place, since] * noise[:, None, None]
        cut = {n: getattr(days, n)[since] for n in ("kind", "holiday", "day_of_year", "to_holiday", "since_holiday",
                                                    "temperature_c")}  # fmt: skip
        last_year = np.maximum(-1, days.last_year[since] - (days.n_days - 430))
        replica = Fleet(tuple(f"r{i}" for i in range(count)), replace(
            days, first_day=days.first_day + days.n_days - 430, energy=kwh, last_year=last_year, **cut))  # fmt: skip
        begun, own = time.perf_counter(), time.process_time()
        for low in range(0, count, 1_000):
            FleetFeatures(replica.days.take(slice(low, low + 1_000))).block(429, 1)
        between, owned = time.perf_counter(), time.process_time()
        forecast(model, replica, 429, 1)
        end, worked = time.perf_counter(), time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        rows.append([f"{count:,}", f"{between - begun:.1f} s ({owned - own:.1f})",
                     f"{end - between:.1f} s ({worked - owned:.1f})",
                     f"{count * 24 / (end - between):,.0f}", f"{peak:.2f} GB"])  # fmt: skip
    print(table(("meters", "features alone", "features and forecast, s (processor)", "hours / s", "peak memory"), rows))


if __name__ == "__main__":
    main()
