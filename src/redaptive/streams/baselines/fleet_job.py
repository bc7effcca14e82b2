"""Baselines of every meter of a tenant over the readings store: in pieces, with progress, resumable.

A piece is up to 512 meters of one climate: read, cleaned, checked, fitted, judged, written as one model file and one
table of figures. A piece whose files are there is not done again, so a job that was stopped goes on where it was; other
periods or other readings make other names. Two threads: while one piece is read, another is fitted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from redaptive import __version__
from redaptive.domain.baseline.cleaning import clean
from redaptive.domain.baseline.fitness import DISQUALIFIED_CV, HOURLY_PARAMETERS, LIMITS, fitness
from redaptive.domain.baseline.hour_matrix import Period
from redaptive.domain.baseline.hourly_fit import fit_hourly
from redaptive.domain.baseline.model_file import FORMAT, ModelOrigin, data_hash, to_bytes
from redaptive.domain.baseline.study import SiteEnergy
from redaptive.domain.baseline.sufficiency import check
from redaptive.domain.baseline.weather_basis import weather_basis
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.baselines.store_energy import Climate, StoreMeters

PIECE: Final = 512
THREADS: Final = 2
Done = Callable[[int], None]


@dataclass(frozen=True)
class Piece:
    """Some meters of one climate; `name` is that of its files."""

    climate: Climate
    meters: tuple[MonitoredMeter, ...]
    name: str

    def files(self, folder: Path) -> tuple[Path, Path]:
        """The models and the figures."""
        return folder / f"{self.name}.rbl", folder / f"{self.name}.parquet"


@dataclass(frozen=True)
class FleetWork:
    """The pieces of one time zone, °C of their stations and the period that is fitted."""

    pieces: Sequence[Piece]
    air: Mapping[str, pl.DataFrame]
    span: Period

    def fitted(self, readings: ReadingsStore, piece: Piece) -> FittedPiece:
        """A piece read from the store and fitted; raises InvalidInput for a station without weather."""
        store = StoreMeters(readings, piece.climate, piece.meters, self.air[piece.climate.station])
        return fit_piece(store.of(piece.meters, self.span), piece.climate)


@dataclass(frozen=True)
class FittedPiece:
    """Bytes of the models and the figures of all meters of a piece."""

    models: bytes
    figures: pl.DataFrame


@dataclass(frozen=True)
class FleetOutcome:
    """`figures`: a row a meter; pieces done now and found done already."""

    figures: pl.DataFrame
    fitted: int
    kept: int


def pieces(groups: dict[Climate, list[MonitoredMeter]], span: Period, readings_version: int) -> list[Piece]:
    """The pieces of a fleet; the same meters, period and readings give the same names."""
    found = []
    for climate, meters in groups.items():
        ordered = sorted(meters, key=lambda m: m.number)
        for first in range(0, len(ordered), PIECE):
            some = tuple(ordered[first : first + PIECE])
            content = (
                f"{climate}{[m.number for m in some]}{span.start_s}{span.end_s}{readings_version}{__version__}/{FORMAT}"
            )
            found.append(Piece(climate, some, f"fleet-{sha256(content.encode()).hexdigest()[:16]}"))
    return found


def fit_fleet(readings: ReadingsStore, work: FleetWork, folder: Path, done: Done = lambda _: None) -> FleetOutcome:
    """Every piece that is not done yet; `done` is told of meters. Raises InvalidInput for a station without weather."""
    left = to_do(work.pieces, folder, done)

    def one(piece: Piece) -> None:
        keep(piece, work.fitted(readings, piece), folder)
        done(len(piece.meters))

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(one, piece) for piece in left]:
            future.result()
    return outcome(work.pieces, len(left), folder)


def to_do(work: Sequence[Piece], folder: Path, done: Done = lambda _: None) -> list[Piece]:
    """The pieces whose files are not in the folder, which is made; `done` is told of the meters of the others."""
    folder.mkdir(parents=True, exist_ok=True)
    left = [piece for piece in work if not all(path.exists() for path in piece.files(folder))]
    done(sum(len(p.meters) for p in work) - sum(len(p.meters) for p in left))
    return left


def outcome(work: Sequence[Piece], fitted: int, folder: Path) -> FleetOutcome:
    """The figures of all pieces, in their order, of which so many were fitted now."""
    tables = [pl.read_parquet(piece.files(folder)[1]) for piece in work]
    return FleetOutcome(pl.concat(tables) if tables else pl.DataFrame(), fitted, len(work) - fitted)


def fit_piece(site: SiteEnergy, climate: Climate) -> FittedPiece:
    """Cleaned, checked, fitted with robust passes and judged in sample."""
    cleaned = clean(site.energy, site.hours, site.traits, estimated=site.estimated)
    checks = check(site.energy, cleaned, site.hours, site.traits)
    models = fit_hourly(
        cleaned.energy, site.hours, can_export=site.traits.can_export, heating=site.traits.heating,
        basis=weather_basis(site.hours),
    )  # fmt: skip
    fit = fitness(cleaned.energy, models.of_fit_period().predict(site.hours), HOURLY_PARAMETERS)
    with np.errstate(invalid="ignore"):
        qualifies = checks.sufficient & (fit.cv_rmse <= DISQUALIFIED_CV) & ~site.daily_only
        within = qualifies & (fit.cv_rmse <= LIMITS["hourly"].cv_rmse)
    failed = [";".join(f.code for f in checks.findings(i)) for i in range(len(site.names))]
    figures = pl.DataFrame(
        {"meter": site.names, "qualifies": qualifies, "within_limits": within, "n": fit.n, "cv_rmse": fit.cv_rmse,
         "nmbe": fit.nmbe, "r2": fit.r2, "lag1": fit.autocorrelation, "failed": failed},
    ).with_columns(pl.col("cv_rmse", "nmbe", "r2").fill_nan(None))  # fmt: skip

    origin = ModelOrigin(
        site.names, climate.station, climate.timezone, f"{climate.country} {climate.state}",
        site.hours.start_s, site.hours.end_s,
        data_hash(cleaned.energy, site.hours), __version__,
        tuple(float(v) if np.isfinite(v) else None for v in fit.cv_rmse),
        tuple(tuple(text.split(";")) if text else () for text in failed),
    )  # fmt: skip
    return FittedPiece(to_bytes(models, origin), figures)


def keep(piece: Piece, found: FittedPiece, folder: Path) -> None:
    """Both files whole or not at all; the figures come last and say that the piece is done."""
    models, figures = piece.files(folder)
    part = models.with_suffix(".part")
    part.write_bytes(found.models)
    part.replace(models)
    found.figures.write_parquet(part)
    part.replace(figures)


def summary_of(outcome: FleetOutcome, span: Period) -> str:
    """The counts of a job as JSON."""
    figures = outcome.figures
    reasons: dict[str, int] = {}
    for text in figures["failed"].to_list() if figures.height else []:
        for code in filter(None, text.split(";")):
            reasons[code] = reasons.get(code, 0) + 1
    told = {
        "period": str(span),
        "meters": figures.height,
        "qualify": int(figures["qualifies"].sum()) if figures.height else 0,
        "within_limits": int(figures["within_limits"].sum()) if figures.height else 0,
        "pieces_fitted": outcome.fitted,
        "pieces_kept": outcome.kept,
        "failed_checks": dict(sorted(reasons.items(), key=lambda item: -item[1])),
    }
    return json.dumps(told, indent=1)
