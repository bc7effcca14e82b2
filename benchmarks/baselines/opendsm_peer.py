"""Calls opendsm in its own environment; its interpreter is given by --opendsm or REDAPTIVE_OPENDSM_PYTHON."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from baselines.real_meters import ZONE, Estate

SCRIPT = Path(__file__).resolve().parents[1] / "opendsm" / "fit_hourly.py"
VARIABLE = "REDAPTIVE_OPENDSM_PYTHON"


@dataclass(frozen=True)
class PeerRun:
    """What opendsm predicted, how long each meter took, and which ones failed."""

    predicted: npt.NDArray[np.float64]
    fit_seconds: npt.NDArray[np.float64]
    predict_seconds: npt.NDArray[np.float64]
    cpu_seconds: npt.NDArray[np.float64]
    error: tuple[str, ...]


def interpreter(given: str | None) -> Path | None:
    """The interpreter of the peer's environment; None where there is none."""
    named = given or os.environ.get(VARIABLE)
    path = Path(named) if named else None
    return path if path and path.exists() else None


def run(
    python: Path, estate: Estate, meters: npt.NDArray[np.int64], fit: int, test: int, cache: Path | None
) -> PeerRun:
    """opendsm's hourly model fitted on a year and applied to another, all meters in one process."""
    kept = cache / f"opendsm_{fit}_{test}_{len(meters)}.npz" if cache else None
    if kept is None or not kept.exists():
        with TemporaryDirectory() as folder:
            source, target = Path(folder) / "in.npz", kept or Path(folder) / "out.npz"
            _write(source, estate, meters, fit, test)
            subprocess.run([python, SCRIPT, source, target], check=True, stdout=subprocess.DEVNULL)
            return _read(target)
    return _read(kept)


def _write(path: Path, estate: Estate, meters: npt.NDArray[np.int64], fit: int, test: int) -> None:
    fahrenheit = estate.celsius * 1.8 + 32
    spans = {"fit": estate.year(fit), "test": estate.year(test)}
    arrays = {name: estate.without_electric_zeros(meters, year) for name, year in (("fit", fit), ("test", test))}
    weather = {f"{name}_f": fahrenheit[span] for name, span in spans.items()}
    times = {f"{name}_s": estate.start_s[span] for name, span in spans.items()}
    np.savez_compressed(path, **arrays, **weather, **times, electric=estate.electric[meters], zone=ZONE)


def _read(path: Path) -> PeerRun:
    found = np.load(path)
    errors = tuple(str(text) for text in found["error"])
    nothing = np.full(len(errors), np.nan)
    seconds = (found.get(name, nothing) for name in ("fit_seconds", "predict_seconds", "cpu_seconds"))
    return PeerRun(found["predicted"], *seconds, errors)
