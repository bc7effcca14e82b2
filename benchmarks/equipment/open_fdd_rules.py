"""Runs in the environment of open-fdd: its pandas rules FC1 to FC15 over a file of rows; prints JSON.

python open_fdd_rules.py rows.csv '{"mat_f": 5, ...}' '{"rules": ["FC1", ...]}'
"""

import json
import sys
import time
from importlib.metadata import version

import pandas as pd
from open_fdd.rules import cookbook_catalog as catalog

NAMES = {
    "sat": "discharge-air-temp", "mat": "mixed-air-temp", "rat": "return-air-temp", "oat": "outside-air-temp",
    "sat_setpoint": "discharge-air-temp-sp", "dsp": "duct-static-pressure", "dsp_setpoint": "duct-static-pressure-sp",
    "fan": "fan-cmd", "heating_valve": "heating-valve", "cooling_valve": "cooling-valve",
    "oa_damper": "outside-air-damper", "cc_enter": "cooling-coil-entering-temp",
    "cc_leave": "cooling-coil-leaving-temp", "hc_enter": "heating-coil-entering-temp",
    "hc_leave": "heating-coil-leaving-temp",
}  # fmt: skip


def main() -> None:
    path, limits, asked = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    rows = pd.read_csv(path)
    frame = pd.DataFrame({theirs: rows[ours] for ours, theirs in NAMES.items()})
    for name in ("fan-cmd", "heating-valve", "cooling-valve", "outside-air-damper"):
        frame[name] = frame[name] / 100.0
    frame.index = pd.date_range("2026-01-05", periods=len(frame), freq="5min", tz="UTC")
    # The OA fraction of FC6 is that of a design flow: 20 of 100.
    frame["vav-total-airflow"] = 100.0
    parameters = {
        "eps_mat": limits["mat_f"], "eps_rat": limits["rat_f"], "eps_oat": limits["oat_f"], "eps_sat": limits["sat_f"],
        "eps_dsp": limits["dsp_inh2o"], "eps_vfd_spd": limits["fan_pct"] / 100 + 0.01,
        "delta_supply_fan": limits["fan_rise_f"], "eps_airflow": limits["oa_fraction_pct"] / 100,
        "delta_t_min": limits["min_delta_f"], "min_cfm_design": 20.0, "eps_ccet": limits["coil_f"],
        "eps_cclt": limits["coil_f"], "eps_hcet": limits["coil_f"], "eps_hclt": limits["coil_f"],
        "econ_min_pos": 0.22, "econ_full_open": 0.98, "clg_on_min": 0.02, "htg_on_min": 0.02, "clg_inactive_max": 0.02,
        "htg_full_min": 0.99, "clg_full_min": 0.99, "fan_on_min": 0.05, "delta_os_max": limits["mode_changes_per_h"],
        "mode_delay_min": 0.0, "mode_delay": 0.0,
    }  # fmt: skip
    # Raw conditions, without their wait after a change of mode.
    catalog._gl36_mode_stable = lambda d, p, poll: pd.Series(True, index=d.index)
    begin = time.process_time()
    hits = {}
    for name in asked["rules"]:
        hits[name] = getattr(catalog, name.lower())(frame, parameters, 300.0).to_numpy()
    spent = time.process_time() - begin
    print(
        json.dumps(
            {
                "version": version("open-fdd"),
                "cpu_s": spent,
                "hits": {name: found.nonzero()[0].tolist() for name, found in hits.items()},
            }
        )
    )


main()
