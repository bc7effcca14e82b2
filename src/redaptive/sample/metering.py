"""Clean series of meters: each meter's own share and noise, so that a parent is its children and a remainder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from redaptive.sample.model import ELECTRIC, BuildingModel
from redaptive.sample.randomness import Floats, Purpose, ar1, integers16_of, lags
from redaptive.sample.specs import MeterKind, MeterSpec

Counts = npt.NDArray[np.int64]
PHI = {4: 0.9, 1: 0.9**4}
"""Lag-1 autocorrelation of the noise at 15 minutes and at one hour."""
NOISE_LIMIT = 0.17
METERED_SHARE = 0.70
"""Children together hold at most this share of a component; 0.70 x 1.17 < 1 - 0.17, so no remainder is negative."""


def noise(seed: int, specs: Sequence[MeterSpec], first_hour: int, last_hour: int) -> Floats:
    """Relative noise of shape (n_meters, n_intervals); all meters have the same cadence."""
    quarters = specs[0].quarters
    reach = lags(PHI[quarters]) - 1
    first, count = first_hour * quarters - reach, (last_hour - first_hour) * quarters + reach
    raw = integers16_of(seed, Purpose.READING, [spec.number for spec in specs], first, count)
    sd = np.array([spec.noise_sd for spec in specs])[:, None]
    return np.asarray(np.clip(ar1(raw, PHI[quarters]) * sd, -NOISE_LIMIT, NOISE_LIMIT), dtype=np.float64)


def split_quarters(hourly: Counts) -> Counts:
    """Integers per quarter hour whose sums over each hour are exactly `hourly`; the first ones take the remainder."""
    quotient, remainder = np.divmod(hourly, 4)
    return np.asarray((quotient[:, None] + (np.arange(4) < remainder[:, None])).ravel(), dtype=np.int64)


def _needed(specs: Sequence[MeterSpec]) -> frozenset[str]:
    """Components that the meters are made of."""
    uses = {spec.use for spec in specs if spec.kind in (MeterKind.SUB, MeterKind.GAS, MeterKind.WATER)}
    if any(spec.kind is MeterKind.MAIN for spec in specs):
        uses |= set(ELECTRIC)
    return frozenset(uses)


def _base(model: BuildingModel, spec: MeterSpec, parts: dict[str, Floats], load: Floats | None, n: int) -> Floats:
    """Expected series of one meter before its noise."""
    if spec.kind is MeterKind.MAIN and load is not None:
        return load * model.spec.main_weights[spec.main_slot]
    weight = model.spec.main_weights[spec.main_slot] if spec.kind is MeterKind.SUB else 1.0
    return parts[spec.use] * (spec.share * weight) if spec.use in parts else np.zeros(n)


def clean(
    seed: int,
    model: BuildingModel,
    specs: Sequence[MeterSpec],
    first_hour: int,
    last_hour: int,
    *,
    changes: bool = True,
) -> Counts:
    """Wh (litres) without any fault, shape (n_meters, n_intervals); meters of one building and one cadence.

    A main is grid import: its load minus what the building's array generates (all of it
    behind main 0), negative where energy is exported.
    """
    quarters, n = specs[0].quarters, (last_hour - first_hour) * specs[0].quarters
    parts = model.components(_needed(specs), first_hour, last_hour, quarters, changes=changes)
    mains = any(spec.kind is MeterKind.MAIN for spec in specs)
    load: Floats | None = None
    if mains:
        load = np.zeros(n)
        for name in ELECTRIC:
            load = load + parts[name] if name in parts else load
    base = np.stack([_base(model, spec, parts, load, n) for spec in specs])
    base *= 1 + noise(seed, specs, first_hour, last_hour)
    # Children are rounded down and mains to nearest, so that rounding cannot make a remainder negative.
    whole = np.array([spec.kind is MeterKind.SUB for spec in specs])[:, None]
    values = np.where(whole, np.floor(base), np.rint(base)).astype(np.int64)
    if model.spec.pv_kwdc > 0:
        _apply_solar(values, model, specs, first_hour, last_hour)
    return values


def _apply_solar(
    values: Counts, model: BuildingModel, specs: Sequence[MeterSpec], first_hour: int, last_hour: int
) -> None:
    """Write the solar meter's rows and take the generation off main 0."""
    concerned = [
        spec.kind is MeterKind.SOLAR or (spec.kind is MeterKind.MAIN and spec.main_slot == 0) for spec in specs
    ]
    if not any(concerned):
        return
    generated = model.solar_wh(first_hour, last_hour)
    generated = split_quarters(generated) if specs[0].quarters == 4 else generated
    for row, spec in enumerate(specs):
        if concerned[row]:
            values[row] = generated if spec.kind is MeterKind.SOLAR else values[row] - generated
