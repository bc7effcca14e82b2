"""Verified savings of a lighting retrofit whose true savings are known, so that the answer can be checked.

    python examples/energy/mv_savings_example.py --out savings

Writes two years of hourly readings of 12 meters, weather and one project (meter HALL, 15 % saved from February 2025),
runs `redaptive mv report` on them, and prints the verified savings beside the true ones. No server is started. Without
--out the files go to a temporary folder.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

START = datetime(2024, 1, 1, tzinfo=UTC)
HOURS = 24 * (366 + 365 + 31)
INSTALLED = 24 * (366 + 31)
SAVED = 0.15
OTHERS = 11


def weather(rng: np.random.Generator) -> np.ndarray:
    """Hourly °C: a year, a day, and slow fronts."""
    t = np.arange(HOURS)
    fronts = np.convolve(rng.normal(0, 1, HOURS + 71), np.ones(72) / 8, "valid")
    return 12 + 11 * np.sin(2 * np.pi * (t - 2_600) / 8_766) + 4 * np.sin(2 * np.pi * (t - 9) / 24) + fronts


def meter(rng: np.random.Generator, celsius: np.ndarray, size: float) -> np.ndarray:
    """Hourly kWh of a building that opens on weekdays and cools when it is warm."""
    hour, day = np.arange(HOURS) % 24, np.arange(HOURS) // 24 % 7
    is_open = (hour >= 8) & (hour < 18) & (day < 5)
    load = 30 + 45 * is_open + 1.5 * np.maximum(0, celsius - 16) * (0.4 + 0.6 * is_open)
    noise = np.convolve(rng.normal(0, 0.06, HOURS + 5), np.ones(6) / 6**0.5, "valid")
    drift = np.where(np.arange(HOURS) >= INSTALLED, 1 + rng.normal(0, 0.01), 1.0)
    return size * load * (1 + noise) * drift


def write_table(path: Path, columns: dict[str, np.ndarray]) -> None:
    """A CSV whose first column is the hour."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ts", *columns])
        for i, row in enumerate(zip(*columns.values(), strict=True)):
            writer.writerow([(START + timedelta(hours=i)).isoformat(), *(f"{value:.3f}" for value in row)])


def write_files(folder: Path) -> float:
    """Readings, weather and the project; the kWh truly saved."""
    rng = np.random.default_rng(5)
    celsius = weather(rng)
    meters = {f"OTHER-{i:02d}": meter(rng, celsius, size) for i, size in enumerate(rng.uniform(0.5, 2, OTHERS))}
    without = meter(rng, celsius, 1.0)
    used = np.where(np.arange(HOURS) >= INSTALLED, (1 - SAVED) * without, without)
    write_table(folder / "meters.csv", {"HALL": used, **meters})
    write_table(folder / "weather.csv", {"air_temperature_c": celsius})
    project = "code,measure,meters,install_start,install_end,expected_fraction,stipulated_kwh,usd_per_kwh\n"
    (folder / "projects.csv").write_text(project + "LED-HALL,LED,HALL,2025-01-01,2025-01-31,0.15,60000,0.16\n")
    return float((without - used).sum())


def main() -> None:
    """Write the files, run the report, print what it says beside the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder of files and report; default: a temporary one")
    folder = parser.parse_args().out or Path(mkdtemp(prefix="mv-example-"))
    folder.mkdir(parents=True, exist_ok=True)
    truth = write_files(folder)
    command = [sys.executable, "-m", "redaptive", "mv", "report", "--out", str(folder / "report")]
    for option, name in (("--projects", "projects.csv"), ("--readings", "meters.csv"), ("--weather", "weather.csv")):
        command += [option, str(folder / name)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    (told,) = json.loads((folder / "report" / "savings.json").read_text())
    print("Project LED-HALL, the first year after the installation")
    print(f"Truly saved:  {truth:,.0f} kWh")
    print(f"Verified:     {told['savings_kwh']:,.0f} kWh, {told['low_kwh']:,.0f} to {told['high_kwh']:,.0f} at 90 %")
    print(f"Settle on:    {told['gate']} savings. {told['reason']}")
    print(f"Drift of:     {told['drift'][0]['source']}")
    print(f"Report:       {folder / 'report' / 'report.html'}")


if __name__ == "__main__":
    main()
