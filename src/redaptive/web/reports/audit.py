"""The report of an audit: what was unusual in a history, what it cost, ranked and explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from redaptive.domain.detectors.history.finding import WORDS, Finding
from redaptive.web.blocks import Block, Chart, Column, Kpi, Kpis, Page, Table, Text
from redaptive.web.charts import stacked_columns

MOST_ROWS: Final = 200
MOST_METERS: Final = 20
MOST_SAID: Final = 12


def audit_page(findings: Sequence[Finding], readings: int, meters: int, notes: Sequence[str], at: datetime) -> Page:
    """The page of an audit of `readings` readings of `meters` meters."""
    blocks: list[Block] = [_kpis(findings, meters)]
    if findings:
        said = tuple(finding.sentence for finding in findings[:MOST_SAID])
        blocks += [Text("largest", "The largest in words, in local time", (), said), _chart(findings)]
    blocks.append(shown_table(findings))
    method = (
        "Each reading is compared with the same hour of the week in six weeks before and after it. This knows what "
        "came later, so it is right for an audit and says nothing of how soon a live alert would have come.",
        "Kinds multiplier, stuck, zero and gap speak of the meter: they have no price and stand last. The energy of "
        "the others is more or less than usual, not necessarily waste.",
    )
    blocks.append(Text("method", "Method", method, tuple(notes)))
    return Page("Audit of readings", f"{readings:,} readings of {meters:,} meters", at, "", tuple(blocks))


def findings_table(findings: Sequence[Finding]) -> Table:
    """One row an episode, in the order given."""
    columns = (
        Column("meter", "meter"), Column("kind", "kind"), Column("start", "from (UTC)"), Column("end", "to (UTC)"),
        Column("hours", "readings", "h", 0), Column("score", "score", "", 1), Column("actual", "read", "kWh", 1),
        Column("expected", "usual", "kWh", 1), Column("excess", "difference", "kWh", 1),
        Column("cost", "difference", "USD", 2), Column("sentence", "what it is"),
    )  # fmt: skip
    rows = tuple(
        (f.meter, f.kind, _moment(f.start_s), _moment(f.end_s), f.hours, round(f.score, 2), round(f.actual_kwh, 3),
         round(f.expected_kwh, 3), round(f.excess_kwh, 3), f.cost_usd, f.sentence)
        for f in findings
    )  # fmt: skip
    return Table(
        "findings", "Findings, the largest difference first, faults of meters last", columns, rows, limit=MOST_ROWS
    )


def shown_table(findings: Sequence[Finding]) -> Table:
    """The same for a page: kinds in words, no sentences."""
    in_words = [replace(finding, kind=finding.kind.replace("_", " ")) for finding in findings]
    return findings_table(in_words).without("sentence")


def _kpis(findings: Sequence[Finding], meters: int) -> Kpis:
    building = [f for f in findings if not f.of_meter]
    more = sum(max(0.0, f.excess_kwh) for f in building)
    cost = sum(max(0.0, f.cost_usd or 0.0) for f in building)
    priced = any(f.cost_usd is not None for f in findings)
    affected = len({f.meter for f in findings})
    return Kpis("figures", (
        Kpi("findings", f"{len(findings):,}", "", f"on {affected:,} of {meters:,} meters"),
        Kpi("more than usual", f"{more:,.0f}", "kWh", "without faults of meters"),
        Kpi("cost of it", f"{cost:,.0f}" if priced else "–", "USD", "" if priced else "no price was given"),
        Kpi("faults of meters", f"{len(findings) - len(building):,}", "", "multiplier, stuck, zero, gap"),
    ))  # fmt: skip


def _chart(findings: Sequence[Finding]) -> Chart:
    meters = [name for name, _ in Counter(f.meter for f in findings).most_common(MOST_METERS)]
    counts = Counter((f.meter, f.kind) for f in findings)
    kinds = [kind for kind in WORDS if any(counts[(m, kind)] for m in meters)]
    series = {kind.replace("_", " "): [float(counts[(m, kind)]) for m in meters] for kind in kinds}
    option = stacked_columns(meters, series, "findings")
    option["legend"] = {"top": 0, "show": True, "type": "scroll"}  # one line, also on a phone
    return Chart("by-meter", "Findings by meter and kind", option,
                 f"The {len(meters)} meters with the most findings.")  # fmt: skip


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
