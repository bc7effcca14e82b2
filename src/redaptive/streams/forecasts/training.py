"""Training of forecast models: one a commodity, kept on disk with its version, and resumed where it was stopped.

Electricity and gas are trained apart: trained together, electricity lost (docs/explanation/forecasts.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from redaptive import __version__
from redaptive.domain.forecast.boosters import Recipe
from redaptive.domain.forecast.features import HISTORY_DAYS
from redaptive.domain.forecast.global_model import CALIBRATION_DAYS, DAY, Fleet, ForecastModel, calibrated, train
from redaptive.domain.forecast.meter_regression import REGRESSED
from redaptive.domain.forecast.model_bytes import ModelOrigin, StoredModel, data_hash, to_bytes, version_of
from redaptive.errors import InvalidInput
from redaptive.streams.forecasts.history import History, fleet_of, last_midnight
from redaptive.streams.forecasts.model_folder import ModelFolder, TrainingFolder

LEAST_DAYS: Final = 14
STEPS: Final = 10
"""How often `progress` is called for one commodity."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """A model that was kept: local dates of its data (both counted), and the stretch of its raw intervals.

    `intervals_until`: last local date of the readings that the stretch was set by.
    """

    path: Path
    version: str
    commodity: str
    meters: int
    first: date
    last: date
    intervals_until: date
    size: int
    interval_stretch: tuple[float, float]


def by_commodity(histories: Sequence[History]) -> dict[str, list[History]]:
    """Histories grouped by commodity, in order of its name."""
    found: dict[str, list[History]] = {}
    for history in sorted(histories, key=lambda h: h.commodity):
        found.setdefault(history.commodity, []).append(history)
    return found


def train_commodity(
    histories: Sequence[History],
    recipe: Recipe,
    folder: ModelFolder,
    out: Path | None = None,
    progress: Progress = lambda _: None,
) -> Trained:
    """The model of the histories of one commodity, in the folder (in `out` instead, where given).

    Raises InvalidInput where there is too little history. Trees fitted so far survive a stop; they are used again
    for the same readings, recipe and version of the code.
    """
    commodity = histories[0].commodity
    recipe = replace(recipe, regression=recipe.regression and commodity in REGRESSED)
    fleets = [fleet for fleet in _fleets(histories) if fleet.days.n_days]
    if not fleets or max(f.days.n_days for f in fleets) <= HISTORY_DAYS + 1:
        raise InvalidInput(
            f"{commodity or 'The meters'}: a forecast model needs more than {HISTORY_DAYS} days of readings.",
            field="readings",
            fix="Train on a longer history.",
        )
    content_hash = data_hash(fleets)
    kept = TrainingFolder(folder.path / f"training-{_name(content_hash, recipe)}")
    model = train(fleets, recipe, progress=progress, checkpoints=kept)
    first, last = _span(fleets)
    origin = ModelOrigin(first, last, content_hash, __version__, commodity, last)
    made = _written(model, origin, folder, out)
    kept.clear()
    return made


def recalibrate(
    histories: Sequence[History],
    stored: StoredModel,
    folder: ModelFolder,
    out: Path | None = None,
    progress: Progress = lambda _: None,
) -> Trained:
    """The same trees with intervals set by the last three months of the histories, kept as a model of its own.

    Raises InvalidInput where none of these days are unseen by the trees.
    """
    fleets = _fleets(histories)
    new = [max(0, f.days.index(date.fromisoformat(stored.origin.last)) + 1) for f in fleets]
    held = all(part.held is not None for part in stored.model.horizons.values())
    spans = [(max(f.days.n_days - CALIBRATION_DAYS, HISTORY_DAYS, 0 if held else day), f.days.n_days)
             for f, day in zip(fleets, new, strict=True)]  # fmt: skip
    if sum(max(0, end - first) for first, end in spans) < LEAST_DAYS:
        raise InvalidInput(
            f"{stored.origin.commodity}: intervals need {LEAST_DAYS} days of readings that the trees have not seen.",
            field="readings",
            fix="Train again with `redaptive forecast train`.",
        )
    spans = [(min(first, end), end) for first, end in spans]
    model = calibrated(stored.model, fleets, spans, progress, new)
    origin = replace(stored.origin, intervals=_span(fleets)[1], code_version=__version__)
    return _written(model, origin, folder, out)


def _fleets(histories: Sequence[History]) -> list[Fleet]:
    """Whole local days since the first reading: empty ones before it would thin out the rows of a training."""
    begun = (history.since_first_reading() for history in histories)
    return [fleet_of(history, last_midnight(history), 0)[0] for history in begun if history.energy.size]


def _written(model: ForecastModel, origin: ModelOrigin, folder: ModelFolder, out: Path | None) -> Trained:
    content = to_bytes(model, origin)
    if out is None:
        path = folder.save(content, origin.commodity or "all", origin.intervals)
    else:
        path = out
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    low, high = model.horizons[DAY].stretch.pooled
    first, last = date.fromisoformat(origin.first), date.fromisoformat(origin.last)
    until = date.fromisoformat(origin.intervals)
    return Trained(path, version_of(content), origin.commodity, len(model.meters), first, last, until, len(content),
                   (low, high))  # fmt: skip


def _span(fleets: Sequence[Fleet]) -> tuple[str, str]:
    firsts = [fleet.days.date(0) for fleet in fleets]
    lasts = [fleet.days.date(fleet.days.n_days - 1) for fleet in fleets]
    return min(firsts).isoformat(), max(lasts).isoformat()


def _name(content_hash: str, recipe: Recipe) -> str:
    """The same data, recipe and code give the same name."""
    return sha256(f"{content_hash}{sorted(asdict(recipe).items())}{__version__}".encode()).hexdigest()[:16]
