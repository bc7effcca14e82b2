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


def judge(
    model: ForecastModel, fleet: Fleet, window: Window, ahead: int = 1, *, every: int = 0, unseen: int = 0
) -> Judged:
    """Day `ahead` of forecasts issued each midnight; intervals as trained, or anew from the last three months.

    `every`: days after which intervals are set anew, beginning with the first; `unseen`: first day new to the trees.
    """
    first, end = fleet.days.index(window.first), fleet.days.index(window.end)
    ready = model
    columns = slice(HOURS * (ahead - 1), HOURS * ahead)
    parts = []
    features = FleetFeatures(fleet.days, end)
    for day in range(first, end):
        issued = day - ahead + 1
        if every and (day - first) % every == 0:
            ready = calibrated(
                model, [fleet], [(issued - CALIBRATION_DAYS, issued)], unseen=[unseen], features=[features]
            )
        made = forecast(ready, fleet, issued, ahead, features)
        parts.append([values[:, columns] for values in (made.p10, made.p50, made.p90, made.naive)])
    low, middle, high, naive = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
    actual = fleet.days.energy[:, first:end].reshape(len(fleet.names), -1)
    inside = (actual >= low) & (actual <= high)
    known = np.isfinite(actual) & np.isfinite(middle)
    hour = np.tile(fleet.days.hour, end - first)
    by_hour = np.array([inside[:, hour == h][known[:, hour == h]].mean() for h in range(HOURS)])
    return Judged(window, fleet.names, scores(actual, low, middle, high, naive), by_hour)


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
