"""Runs in the environment of opendsm: hourly baselines of meters, one by one, in one process.

    python fit_hourly.py in.npz out.npz

In: `fit`, `test` (M, n) kWh with NaN, `fit_f`, `test_f` (n,) °F, `fit_s`, `test_s` UTC s, `electric` (M,), `zone`.
Out: `predicted` (M, n_test), `fit_seconds`, `predict_seconds` (M,) wall, `cpu_seconds` (M,) processor time of both,
`error` (M,) text, empty where it worked.
The first meter is fitted once before the clock runs.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from contextlib import suppress

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from opendsm.eemeter import HourlyBaselineData, HourlyModel, HourlyReportingData  # noqa: E402


def frame(seconds: np.ndarray, kwh: np.ndarray, fahrenheit: np.ndarray, zone: str) -> pd.DataFrame:
    """Observed energy and temperature on a local index."""
    index = pd.to_datetime(seconds, unit="s", utc=True).tz_convert(zone)
    return pd.DataFrame({"temperature": fahrenheit, "observed": kwh}, index=index)


def one(given: dict, meter: int) -> tuple[np.ndarray, float, float]:
    """Predictions of the test period, and seconds for preparing and fitting, and for predicting."""
    zone, electric = str(given["zone"]), bool(given["electric"][meter])
    begun = time.perf_counter()
    baseline = HourlyBaselineData(
        frame(given["fit_s"], given["fit"][meter], given["fit_f"], zone), is_electricity_data=electric
    )
    model = HourlyModel().fit(baseline, ignore_disqualification=True)
    fitted = time.perf_counter()
    table = frame(given["test_s"], given["test"][meter], given["test_f"], zone)
    reporting = HourlyReportingData(table.copy(), is_electricity_data=electric)
    found = model.predict(reporting, ignore_disqualification=True)["predicted"].reindex(table.index)
    return found.to_numpy(), fitted - begun, time.perf_counter() - fitted


def main() -> None:
    """Every meter; one that fails is counted and said, not dropped."""
    source, target = sys.argv[1:3]
    given = dict(np.load(source))
    meters = len(given["fit"])
    out = np.full(given["test"].shape, np.nan)
    fit_s, predict_s, cpu_s, errors = *np.zeros((3, meters)), np.full(meters, "", dtype="U300")
    with suppress(Exception):  # counted below, where it fails again
        one(given, 0)
    for meter in range(meters):
        used = time.process_time()
        try:
            out[meter], fit_s[meter], predict_s[meter] = one(given, meter)
        except Exception as error:
            errors[meter] = repr(error)[:300]
        cpu_s[meter] = time.process_time() - used
    took = {"fit_seconds": fit_s, "predict_seconds": predict_s, "cpu_seconds": cpu_s}
    np.savez_compressed(target, predicted=out, error=errors, **took)


if __name__ == "__main__":
    main()
