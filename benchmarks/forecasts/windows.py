"""Forecasts issued every midnight of a window, and their scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from redaptive.domain.forecast.features import FleetFeatures
from redaptive.domain.forecast.fleet_days import HOURS
from redaptive.domain.forecast.global_model import CALIBRATION_DAYS, Fleet, ForecastModel, calibrated, forecast
from redaptive.domain.forecast.scores import Scores, scores


@dataclass(frozen=True)
class Window:
    """Local days [first, end) with a name."""

    name: str
    first: date
    end: date


@dataclass(frozen=True)
class Judged:
    """Scores of one window; `by_hour` (24,) share of readings from P10 to P90 by hour of the day."""

    window: Window
    names: tuple[str, ...]
    scores: Scores
    by_hour: np.ndarray


@dataclass(frozen=True)
class Issued:
    """Forecasts of a window: kWh (meters, hours) of the readings, P10, P50, P90 and naive; local hour (hours,)."""

    window: Window
    names: tuple[str, ...]
    actual: np.ndarray
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray
    naive: np.ndarray
    hour: np.ndarray


def issued(
    model: ForecastModel, fleet: Fleet, window: Window, ahead: int = 1, *, every: int = 0, unseen: int = 0
) -> Issued:
    """Day `ahead` of forecasts issued each midnight; intervals as trained, or anew from the last three months.

    `every`: days after which intervals are set anew, beginning with the first; `unseen`: first day new to the trees.
    """
    first, end = fleet.days.index(window.first), fleet.days.index(window.end)
    ready = model
    columns = slice(HOURS * (ahead - 1), HOURS * ahead)
    parts = []
    features = FleetFeatures(fleet.days, end, regression=model.recipe.regression)
    for day in range(first, end):
        begun = day - ahead + 1
        if every and (day - first) % every == 0:
            ready = calibrated(
                model, [fleet], [(begun - CALIBRATION_DAYS, begun)], unseen=[unseen], features=[features]
            )
        made = forecast(ready, fleet, begun, ahead, features)
        parts.append([values[:, columns] for values in (made.p10, made.p50, made.p90, made.naive)])
    low, middle, high, naive = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    actual = fleet.days.energy[:, first:end].reshape(len(fleet.names), -1)
    return Issued(window, fleet.names, actual, low, middle, high, naive, np.tile(fleet.days.hour, end - first))


def together(parts: list[Issued], name: str) -> Issued:
    """Windows one after the other as one."""
    window = Window(name, parts[0].window.first, parts[-1].window.end)
    fields = ("actual", "low", "middle", "high", "naive")
    joined = [np.concatenate([getattr(part, field) for part in parts], axis=1) for field in fields]
    return Issued(window, parts[0].names, *joined, np.concatenate([part.hour for part in parts]))


def judge(made: Issued) -> Judged:
    """The scores of forecasts."""
    inside = (made.actual >= made.low) & (made.actual <= made.high)
    known = np.isfinite(made.actual) & np.isfinite(made.middle)
    by_hour = np.array([inside[:, made.hour == h][known[:, made.hour == h]].mean() for h in range(HOURS)])
    return Judged(made.window, made.names, scores(made.actual, made.low, made.middle, made.high, made.naive), by_hour)


HEAD = ("window", "meters", "WAPE median", "mean", "90th pct", "naive 168 h median", "below naive", "MASE median",
        "P10-P90 held", "meters >= 70 %", "10th pct of meters", "pinball / mean")  # fmt: skip


def row(judged: Judged) -> list[str]:
    """One line of the table over the meters that have readings in the window."""
    mine = np.isfinite(judged.scores.wape)
    s = judged.scores
    wape, naive, cover, hours = s.wape[mine], s.naive_wape[mine], s.coverage[mine], s.hours[mine]
    below, mase = 1 - np.median(wape) / np.median(naive), np.nanmedian(s.mase[mine])
    return [judged.window.name, str(mine.sum()), f"{np.median(wape):.4f}", f"{wape.mean():.4f}",
            f"{np.quantile(wape, 0.9):.4f}", f"{np.median(naive):.4f}", f"{below:.1%}", f"{mase:.3f}",
            f"{(cover * hours).sum() / hours.sum():.1%}", f"{(cover >= 0.7).sum()} of {mine.sum()}",
            f"{np.quantile(cover, 0.1):.1%}", f"{np.median(s.pinball[mine]):.4f}"]  # fmt: skip


def worst(judged: Judged, count: int = 10) -> Iterator[list[str]]:
    """The meters with the largest errors."""
    s = judged.scores
    mine = np.flatnonzero(np.isfinite(s.wape)).tolist()
    for i in sorted(mine, key=lambda i: -s.wape[i])[:count]:
        yield [judged.names[i], f"{s.wape[i]:.4f}", f"{s.naive_wape[i]:.4f}", f"{s.coverage[i]:.1%}", str(s.hours[i])]


def table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = ["| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)
