"""Speed of the fault rules, how well they find seeded faults, trend intervals, and risk ranking, all with known truth.

    python benchmarks/bench_equipment.py [--seeds 12] [--open-fdd /path/to/python]

Prints Markdown. Rows per second are CPU seconds of one process. With `--open-fdd` the pandas rules FC1 to FC15 of
open-fdd 4.4.9 (MIT, in an environment of its own: `pip install open-fdd==4.4.9 pandas pyyaml`) run over the same
rows in the same run, on the same thresholds; the rows on which its raw conditions are true are counted beside ours.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from redaptive.domain.equipment.degradation import Degradation, degradation
from redaptive.domain.equipment.evaluate import evaluate, evaluate_fleet
from redaptive.domain.equipment.remaining_life import life_left
from redaptive.domain.equipment.risk import auc, calibration, fit_risk
from redaptive.domain.equipment.rules import BY_KIND, RULES
from redaptive.domain.equipment.service_life import ServiceLife
from redaptive.domain.equipment.states import ahu_states
from redaptive.domain.equipment.trend import Trend
from redaptive.reference.equipment import rule_limits
from redaptive.reference.loader import load_all
from redaptive.sample.equipment_lives import MEDIAN_Y, SHAPE, simulate_lives
from redaptive.sample.equipment_units import PER_DAY, STEP_S, UnitFault, simulate_air_handler, simulate_chiller

LIMITS = rule_limits(load_all())
DAYS = (15, 60, 100, 130, 160, 200, 240, 280, 320)
COILS = ("cc_enter", "cc_leave", "hc_enter", "hc_leave")
PEER = Path(__file__).parent / "equipment" / "open_fdd_rules.py"
INSTANT = LIMITS.replaced({"suppress_min": 0.0, "alarm_min": 0.0, "merge_h": 0.0, "flatline_h": 1e5})


def year(days: int = 364) -> dict[str, np.ndarray]:
    """Trends of an air handler with every point that a rule needs."""
    columns = dict(simulate_air_handler(1, UnitFault.DAMPER_OPEN, days=days, day_of_year=1).columns)
    rng, rows = np.random.default_rng(2), days * PER_DAY
    for name in COILS:
        columns[name] = columns["mat" if name.endswith("enter") else "sat"] + rng.normal(0.0, 0.3, rows)
    return columns


def mixed() -> dict[str, np.ndarray]:
    """Fortnights of every fault in a season in which it shows, one after the other."""
    seasons = {UnitFault.DAMPER_OPEN: 15, UnitFault.COOLING_LEAK: 15, UnitFault.COOLING_STUCK: 200}
    parts = [simulate_air_handler(9, fault, day_of_year=seasons.get(fault, 120)).columns for fault in UnitFault]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rng, rows = np.random.default_rng(2), columns["fan"].size
    for name in COILS:
        columns[name] = columns["mat" if name.endswith("enter") else "sat"] + rng.normal(0.0, 0.3, rows)
    return columns


def speed() -> None:
    """Rows a second of all rules of an air handler, by the length of a trend and by units in turn."""
    columns = year()
    rows = columns["fan"].size
    print("## Speed\n\n| case | rows | CPU s | M rows/s |\n|---|---|---|---|")
    for name, length in (("a day", PER_DAY), ("a week", 7 * PER_DAY), ("a month", 28 * PER_DAY), ("a year", rows)):
        parts = [
            Trend("U", 0, STEP_S, {k: v[i : i + length] for k, v in columns.items()}) for i in range(0, rows, length)
        ]
        evaluate(parts[0], "ahu", BY_KIND["ahu"], LIMITS)
        done = sum(part.rows for part in parts)
        begin = time.process_time()
        for part in parts:
            evaluate(part, "ahu", BY_KIND["ahu"], LIMITS)
        between = time.process_time()
        evaluate_fleet(parts, "ahu", BY_KIND["ahu"], LIMITS)
        rules = f"{len(BY_KIND['ahu'])} rules and sensor checks, {name} at a time"
        for how, spent in (("one by one", between - begin), ("together", time.process_time() - between)):
            print(f"| {rules}, {how} | {done:,} | {spent:.2f} | {done / spent / 1e6:.2f} |")
    growth(columns)


def growth(columns: dict[str, np.ndarray]) -> None:
    """Units with a day each, up to ten thousand."""
    last = columns["fan"].size // PER_DAY
    print("\n| units, a day each, together | rows | CPU s | M rows/s |\n|---|---|---|---|")
    for units in (10, 100, 1_000, 10_000):
        spans = [slice(day * PER_DAY, (day + 1) * PER_DAY) for day in (unit % last for unit in range(units))]
        days = [Trend("U", 0, STEP_S, {k: v[span] for k, v in columns.items()}) for span in spans]
        begin = time.process_time()
        evaluate_fleet(days, "ahu", BY_KIND["ahu"], LIMITS)
        spent, rows = time.process_time() - begin, units * PER_DAY
        print(f"| {units:,} | {rows:,} | {spent:.2f} | {rows / spent / 1e6:.2f} |")


def detection(seeds: int) -> None:
    """Unit-days flagged, faulty and not, over seasons and severities; the rules are not tuned on them."""
    print("\n## Seeded faults, by working day\n")
    print(
        "TPR over faulty days (a fault without effect in its season counts as missed), FPR over days before the fault"
    )
    print("and of healthy units.\n")
    print("| fault | severity 1 | 0.5 | most frequent rules |\n|---|---|---|---|")
    total = {1.0: [0, 0], 0.5: [0, 0]}
    false, healthy = 0, 0
    for fault in UnitFault:
        if fault is UnitFault.NONE:
            continue
        shares, rules = [], Counter[str]()
        for severity in (1.0, 0.5):
            found, all_days = 0, 0
            for day in DAYS:
                for seed in range(seeds):
                    unit = simulate_air_handler(seed * 1_000 + day, fault, day_of_year=day, severity=severity)
                    flagged, names = flagged_days(unit.columns)
                    working = np.arange(14) % 7 < 5
                    sick = working & (np.arange(14) >= 7)
                    found, all_days = found + int((flagged & sick).sum()), all_days + int(sick.sum())
                    false, healthy = (
                        false + int((flagged & working & ~sick).sum()),
                        healthy + int((working & ~sick).sum()),
                    )
                    rules.update(names)
            total[severity][0] += found
            total[severity][1] += all_days
            shares.append(f"{found / all_days:.2f}")
        common = ", ".join(name for name, _ in rules.most_common(4))
        print(f"| {fault.value} | {shares[0]} | {shares[1]} | {common} |")
    for day in DAYS:
        for seed in range(4 * seeds):
            flagged, _ = flagged_days(simulate_air_handler(seed * 1_000 + day + 500, day_of_year=day).columns)
            false, healthy = false + int(flagged.sum()), healthy + 10
    plain, half = (found / days for found, days in (total[1.0], total[0.5]))
    print(f"\nPooled TPR {plain:.3f} (severity 1), {half:.3f} (0.5).")
    print(f"FPR {false / healthy:.4f} ({false} of {healthy:,} days).")


def flagged_days(columns: dict[str, np.ndarray]) -> tuple[np.ndarray, list[str]]:
    """(14 days, whether any rule has a fault that day; names of the rules)."""
    flagged, names = np.zeros(14, bool), []
    for verdict in evaluate(
        Trend("U", 0, STEP_S, columns), "ahu", BY_KIND["ahu"], LIMITS.replaced({"merge_h": 0.0})
    ).faults:
        names.append(verdict.rule_id)
        for episode in verdict.episodes:
            flagged[episode.start_s // 86_400 : (episode.end_s - 1) // 86_400 + 1] = True
    return flagged, names


def trends(seeds: int) -> None:
    """Coverage of the 95 % interval, false trends, and when a fouling ramp is noticed."""
    held = sign = false_alarm = 0
    late: list[int] = []
    for seed in range(seeds):
        steady = chiller(seed, 8.0, 365, 0)
        held += steady.low_pct_per_y <= 8.0 <= steady.high_pct_per_y
        none = chiller(seed, 0.0, 120, 150)
        sign, false_alarm = sign + none.significant, false_alarm + (none.alarm_index is not None)
        index = chiller(seed, 15.0, 120, 150).alarm_index
        late += [index - 150] if index is not None and index >= 150 else []
    print(f"\n## Degradation, {seeds} seeded chillers of a year\n\n| figure | value |\n|---|---|")
    print(f"| 95 % interval holds 8 %/yr | {held / seeds:.3f} |\n| trend claimed without one | {sign / seeds:.3f} |")
    print(f"| CUSUM alarm without a change, a year | {false_alarm / seeds:.3f} |")
    print(f"| 0 to 15 % in 120 days: noticed | {len(late) / seeds:.3f} |")
    print(
        f"| days until noticed: P10, median, P90 | {', '.join(f'{d:.0f}' for d in np.percentile(late, [10, 50, 90]))} |"
    )


def chiller(seed: int, fouling: float, ramp: int, first: int) -> Degradation:
    """The trend of one simulated chiller."""
    made = simulate_chiller(seed, fouling_pct=fouling, ramp_days=ramp, first_day=first)
    return degradation(made.day, made.kw_per_ton, made.load, made.wet_bulb_f)


def risk() -> None:
    """AUC and calibration of the risk ranking on held-out years and units, beside Weibull by age alone."""
    fleet, life = simulate_lives(42, units=4_000), ServiceLife(MEDIAN_Y, SHAPE)
    print("\n## Risk ranking on simulated units (no real failures: a ranking, no validated prediction)\n")
    print("| split | unit-years | failures | AUC | AUC, Weibull by age | AUC, Weibull by age and duty |")
    print("|---|---|---|---|---|---|")
    curves = []
    for name, train in (
        ("time: fit years 0-4, test 5-7", fleet.year < 5),
        ("units: fit even, test odd", fleet.unit % 2 == 0),
    ):
        model = fit_risk(fleet.x[train], fleet.failed[train])
        said, truth = model.probability(fleet.x[~train]), fleet.failed[~train]
        ages, duties = fleet.age_y[~train], fleet.duty[~train]
        plain = np.array([life_left(life, a).failure_probability_12_months for a in ages])
        duty = np.array(
            [life_left(life, a, duty=d).failure_probability_12_months for a, d in zip(ages, duties, strict=True)]
        )
        scores = " | ".join(f"{auc(score, truth):.3f}" for score in (said, plain, duty))
        print(f"| {name} | {truth.size:,} | {truth.sum():,} | {scores} |")
        curves.append((name, calibration(said, truth, 8)))
    print("\nCalibration, bins of equal count: predicted / observed")
    for name, bins in curves:
        print(f"- {name}: " + ", ".join(f"{b.predicted:.3f}/{b.observed:.3f}" for b in bins))


def peer(python: Path) -> None:
    """open-fdd's pandas rules on the same rows, in the same run."""
    columns = mixed()
    names = {"mode": "raw", "rules": [f"FC{n}" for n in range(1, 16)]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        pl.DataFrame(columns).write_csv(path)
        command = [str(python), str(PEER), str(path), json.dumps(dict(LIMITS)), json.dumps(names)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"\nopen-fdd did not run: {done.stderr[-500:]}")
        return
    theirs = json.loads(done.stdout)
    mine = {
        v.rule_id: v
        for v in evaluate(Trend("U", 0, STEP_S, columns), "ahu", [RULES[n] for n in theirs["hits"]], INSTANT).verdicts
    }
    begin = time.process_time()
    for _ in range(5):
        evaluate(Trend("U", 0, STEP_S, columns), "ahu", [RULES[f"FC{n}"] for n in range(1, 16)], LIMITS)
    ours_s, rows = (time.process_time() - begin) / 5, columns["fan"].size
    print(f"\n## open-fdd {theirs['version']} (pandas), FC1 to FC15, {rows:,} rows\n")
    print("| | CPU s | M rows/s |\n|---|---|---|")
    for who, spent in (("open-fdd", theirs["cpu_s"]), ("ours, with sensor checks", ours_s)):
        print(f"| {who} | {spent:.3f} | {rows / spent / 1e6:.2f} |")
    state = ahu_states(Trend("U", 0, STEP_S, columns), INSTANT)
    print("\n| rule | rows true, open-fdd | of these in the states of Guideline 36 | ours |\n|---|---|---|---|")
    for name, hits in theirs["hits"].items():
        wanted = RULES[name].states if RULES[name].system == "ahu" else {1, 2, 3, 4, 5}
        inside = int(np.isin(state[np.array(hits, np.int64)], list(wanted)).sum())
        print(f"| {name} | {len(hits):,} | {inside:,} | {round(mine[name].true_h * 3600 / STEP_S):,} |")


def main() -> None:
    """Everything, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4, help="Units per fault, season and severity.")
    parser.add_argument("--open-fdd", type=Path, help="Python of the environment that has open-fdd 4.4.9.")
    given = parser.parse_args()
    print("# Equipment\n")
    speed()
    if given.open_fdd:
        peer(given.open_fdd)
    else:
        print("\nopen-fdd was not compared: --open-fdd names no environment.")
    detection(given.seeds)
    trends(50 * given.seeds)
    risk()


if __name__ == "__main__":
    main()
