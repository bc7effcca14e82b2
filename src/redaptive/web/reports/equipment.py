"""The report of fault rules over equipment: what is wrong, what is sound, what could not be judged and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from redaptive.domain.equipment.limits import Limit
from redaptive.domain.equipment.points import POINTS
from redaptive.domain.equipment.sensor_verdicts import STANDARD as SENSOR_CHECK
from redaptive.domain.equipment.verdict import Episode, Evaluation, Outcome, Verdict
from redaptive.web.blocks import Block, Cell, Chart, Column, Kpi, Kpis, Page, Table, Text
from redaptive.web.charts import stacked_columns

MOST_RULES: Final = 20
FAULT_COLUMNS: Final = (
    Column("equipment", "equipment"),
    Column("rule", "rule"),
    Column("title", "what is wrong"),
    Column("start", "from (UTC)"),
    Column("end", "to (UTC)"),
    Column("active_h", "active", "h", 1),
    Column("state", "state"),
    Column("evidence", "means while it was active"),
    Column("thresholds", "thresholds used"),
)


def report_page(evaluations: Sequence[Evaluation], title: str, tenant: str, at: datetime, notes: Sequence[str]) -> Page:
    """The report of evaluated equipment; `notes` say what the reader must know of the data."""
    faults = fault_table(evaluations).without("thresholds")  # they have a table of their own
    blocks: list[Block] = [_kpis(evaluations), faults]
    if any(evaluation.faults for evaluation in evaluations):
        blocks.append(_chart(evaluations))
    blocks += [threshold_table(evaluations), outcome_table(evaluations), unjudged_table(evaluations)]
    if notes:
        blocks.append(Text("notes", "What to know of the data", bullets=tuple(notes)))
    first, last = min(e.start_s for e in evaluations), max(e.end_s for e in evaluations)
    return Page(title, f"{_moment(first)} to {_moment(last)} UTC", at, tenant, tuple(blocks))


def fault_table(evaluations: Sequence[Evaluation]) -> Table:
    """One row per fault and episode, the longest first."""
    rows = [
        _fault_row(evaluation.equipment_id, verdict, episode)
        for evaluation in evaluations
        for verdict in evaluation.faults
        for episode in verdict.episodes
    ]
    rows.sort(key=lambda row: (-float(row[5] or 0), str(row[0]), str(row[1])))
    return Table("faults", "Faults", FAULT_COLUMNS, tuple(rows), _timing(evaluations))


def _timing(evaluations: Sequence[Evaluation]) -> str:
    """When a condition is a fault, in the minutes that were used."""
    used = {x.name: x.value for e in evaluations for v in e.verdicts for x in v.limits}
    said = f"A fault is a condition that is true on end for {used.get('alarm_min', 0):g} minutes"
    if "suppress_min" in used:
        said += f"; rules of one operating state rest for {used['suppress_min']:g} minutes after a change of state"
    return said + ". Times in between are not all faulty: active counts the hours that are."


def outcome_table(evaluations: Sequence[Evaluation]) -> Table:
    """How many rules ended how, by equipment."""
    names = [outcome.value for outcome in Outcome]
    ends = (Column("rows", "rows"), Column("bad", "samples that are no measurement"))
    columns = (Column("equipment", "equipment"), *(Column(n, n.replace("_", " ")) for n in names), *ends)
    rows: list[tuple[Cell, ...]] = []
    for evaluation in evaluations:
        counts = Counter(verdict.outcome for verdict in evaluation.verdicts)
        found = [counts[outcome] for outcome in Outcome]
        rows.append((evaluation.equipment_id, *found, evaluation.rows, evaluation.bad_samples))
    return Table("outcomes", "Outcomes of the rules", columns, tuple(rows))


def unjudged_table(evaluations: Sequence[Evaluation]) -> Table:
    """Rules that could not be judged and the points that are missing."""
    columns = (Column("equipment", "equipment"), Column("missing", "missing points"), Column("rules", "rules"))
    rows = []
    for evaluation in evaluations:
        by_points: dict[str, list[str]] = {}
        for verdict in evaluation.verdicts:
            if verdict.outcome is Outcome.MISSING_POINT:
                by_points.setdefault(", ".join(verdict.missing), []).append(verdict.rule_id)
        rows += [(evaluation.equipment_id, points, ", ".join(rules)) for points, rules in by_points.items()]
    note = "No fault of these rules does not mean that nothing is wrong."
    return Table("unjudged", "Rules that could not be judged", columns, tuple(rows), note)


def threshold_table(evaluations: Sequence[Evaluation]) -> Table:
    """Every threshold that a rule used, once, with how many faults it decided."""
    used = {x.name: x for e in evaluations for v in e.verdicts if v.standard != SENSOR_CHECK for x in v.limits}
    counts = Counter(x.name for e in evaluations for v in e.faults for x in v.limits)
    columns = (
        Column("name", "threshold"), Column("value", "value", "", 1), Column("unit", "unit"),
        Column("faults", "faults decided"), Column("checked", "checked at its source"), Column("version", "from"),
    )  # fmt: skip
    rows = tuple((x.name, x.value, x.unit, counts[x.name], x.checked, x.version) for x in used.values())
    versions = sorted({x.version for x in used.values()})
    table = Table("thresholds", "Thresholds used", columns, rows)
    return replace(table.without("version"), note=f"From {versions[0]}.") if len(versions) == 1 else table


def limits_text(limits: Sequence[Limit]) -> str:
    """Thresholds as one line; those that nobody has checked at their source have a question mark."""
    return ", ".join(f"{x.name} {x.value:g} {x.unit}".rstrip() + ("" if x.checked else " (?)") for x in limits)


def _fault_row(equipment: str, verdict: Verdict, episode: Episode) -> tuple[Cell, ...]:
    evidence = ", ".join(f"{name} {mean:.1f} {POINTS[name].unit}".rstrip() for name, mean in episode.means)
    span = _moment(episode.start_s), _moment(episode.end_s)
    what = verdict.rule_id, verdict.title, *span, round(episode.active_h, 2), episode.state
    return (equipment, *what, evidence, limits_text(verdict.limits))


def _kpis(evaluations: Sequence[Evaluation]) -> Kpis:
    verdicts = [verdict for evaluation in evaluations for verdict in evaluation.verdicts]
    judged = [v for v in verdicts if v.outcome in (Outcome.FAULT, Outcome.CLEAR)]
    faulty = sum(bool(evaluation.faults) for evaluation in evaluations)
    hours = sum(episode.active_h for v in verdicts for episode in v.episodes)
    return Kpis(
        "kpis",
        (
            Kpi("Equipment", str(len(evaluations)), "", f"{faulty} with a fault"),
            Kpi("Rules with a fault", str(sum(v.outcome is Outcome.FAULT for v in verdicts))),
            Kpi("Hours of faults", f"{hours:,.0f}", "h", "added over rules"),
            Kpi("Rules judged", str(len(judged)), "", f"of {len(verdicts)}"),
        ),
    )


def _chart(evaluations: Sequence[Evaluation]) -> Chart:
    hours: Counter[str] = Counter()
    for evaluation in evaluations:
        for verdict in evaluation.faults:
            hours[verdict.rule_id] += sum(episode.active_h for episode in verdict.episodes)  # type: ignore[assignment]
    most = hours.most_common(MOST_RULES)
    option = stacked_columns([rule for rule, _ in most], {"active": [round(h, 1) for _, h in most]}, "h")
    return Chart("hours", "Hours of faults by rule", option, "Several rules may show one cause.")


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
