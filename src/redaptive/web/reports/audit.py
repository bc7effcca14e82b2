"""The report of an audit: what was unusual in a history, what it cost, ranked and explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from redaptive.domain.detectors.history.finding import ENERGY, WORDS, Finding
from redaptive.domain.detectors.history.lasting_change import Course
from redaptive.web.blocks import Block, Cell, Chart, Column, Kpi, Kpis, Page, Table, Text
from redaptive.web.charts import stacked_columns
from redaptive.web.numbers import day_text
from redaptive.web.reports.lasting_charts import lasting_charts

MOST_ROWS: Final = 200
MOST_METERS: Final = 20
MOST_SAID: Final = 12


@dataclass(frozen=True)
class Size:
    """How many readings of how many meters were audited, and whether there was a price."""

    readings: int
    meters: int
    priced: bool = True


def audit_page(
    findings: Sequence[Finding], courses: Mapping[str, Course], size: Size, notes: Sequence[str], at: datetime
) -> Page:
    """The page of an audit; `courses` holds the daily use of the meters that have a lasting change."""
    blocks: list[Block] = [_kpis(findings, size)]
    lasting = [finding for finding in findings if finding.lasting]
    if findings:
        said = tuple(finding.sentence for finding in largest(findings, MOST_SAID))
        blocks.append(Text("largest", "The largest in words, faults of meters last, in local time", (), said))
    if lasting:
        blocks += [*lasting_charts(lasting, courses), with_units(lasting_table(lasting), lasting)]
    blocks += [_chart(findings)] if findings else []
    blocks += [shown_table([finding for finding in findings if not finding.lasting]), _method(notes)]
    return Page("Audit of readings", f"{size.readings:,} readings of {size.meters:,} meters", at, "", tuple(blocks))


def largest(findings: Sequence[Finding], most: int) -> list[Finding]:
    """Of findings in order the first ones of buildings and the first faults of meters, these at most half as many.

    A fault of a meter has no price, but bills hang on it: it must not hide behind small things of a building.
    """
    buildings = [finding for finding in findings if not finding.of_meter]
    meters = [finding for finding in findings if finding.of_meter]
    return [*buildings[:most], *meters[: most // 2]]


def findings_table(findings: Sequence[Finding]) -> Table:
    """One row an episode or lasting change, in the order given."""
    unit = _unit(findings)
    digits = 0 if all(finding.hours >= 1 for finding in findings) else 2
    columns = (
        Column("meter", "meter"), Column("kind", "kind"), Column("start", "from (UTC)"), Column("end", "to (UTC)"),
        Column("hours", "readings", "h", digits), Column("score", "score", "", 1), Column("actual", "read", unit, 1),
        Column("expected", "usual", unit, 1), Column("excess", "difference", unit, 1),
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


def export_table(findings: Sequence[Finding]) -> Table:
    """The findings with what lasting changes add, empty there for episodes, and with unit and commodity."""
    table = findings_table(findings)
    more = (
        Column("until", "until"), Column("per_day", "a day", _unit(findings), 1), Column("share", "change", "%", 1),
        Column("per_year", "a year of it", "USD", 2), Column("moved", "hours"), Column("sure", "sure"),
        Column("unit", "unit"), Column("commodity", "commodity"),
    )  # fmt: skip
    rows = tuple(
        (*row, *_lasting_cells(finding), finding.unit, finding.commodity)
        for row, finding in zip(table.rows, findings, strict=True)
    )
    return replace(table, columns=(*table.columns, *more), rows=rows)


def lasting_table(findings: Sequence[Finding]) -> Table:
    """One row a lasting change, in the order given, with its size a day and in percent."""
    unit = _unit(findings)
    columns = (
        Column("meter", "meter"), Column("kind", "kind"), Column("since", "since"), Column("until", "until"),
        Column("per_day", "a day", unit, 1), Column("share", "change", "%", 1),
        Column("excess", "in all", unit, 0), Column("cost", "in all", "USD", 0),
        Column("per_year", "a year of it", "USD", 0), Column("moved", "hours"), Column("sure", "sure"),
    )  # fmt: skip
    rows = []
    for finding in findings:
        until, per_day, share, per_year, moved, sure = _lasting_cells(finding)
        since = day_text(finding.lasting.first_day) if finding.lasting else None
        rows.append((finding.meter, finding.kind.replace("_", " "), since, until, per_day, share,
                     round(finding.excess_kwh, 1), finding.cost_usd, per_year, moved, sure))  # fmt: skip
    return Table("lasting", "Lasting changes, the largest first, those of meters last", columns, tuple(rows),
                 limit=MOST_ROWS)  # fmt: skip


def shown_table(findings: Sequence[Finding]) -> Table:
    """The same for a page: kinds in words, no sentences."""
    in_words = [replace(finding, kind=finding.kind.replace("_", " ")) for finding in findings]
    return with_units(findings_table(in_words).without("sentence"), findings)


def with_units(table: Table, findings: Sequence[Finding]) -> Table:
    """The table with a column of the findings' units, where these are not all the same."""
    if _unit(findings):
        return table
    rows = tuple((*row, finding.unit) for row, finding in zip(table.rows, findings, strict=True))
    return replace(table, columns=(*table.columns, Column("unit", "unit")), rows=rows)


def _unit(findings: Sequence[Finding]) -> str:
    """The unit of all findings; empty where they have several."""
    units = {finding.unit for finding in findings} or {ENERGY}
    return units.pop() if len(units) == 1 else ""


def _lasting_cells(finding: Finding) -> tuple[Cell, ...]:
    """Until, amount a day, percent, USD a year, hours, how sure; empty for episodes."""
    lasting = finding.lasting
    if lasting is None:
        return (None,) * 6
    until = "still so" if lasting.still else day_text(lasting.last_day)
    percent = round(100 * lasting.share, 1)
    return until, round(lasting.kwh_per_day, 2), percent, lasting.usd_per_year, lasting.hours, lasting.sure


def _method(notes: Sequence[str]) -> Text:
    paragraphs = (
        "Each reading is compared with the same hour of the week in six weeks before and after it. This knows what "
        "came later, so it is right for an audit and says nothing of how soon a live alert would have come.",
        "A lasting change is a step of a meter's weekly use that stays for four weeks or more, beside the course that "
        "the file's meters share and, from two years of readings on, the seasons of the meter itself. What it adds is "
        "not counted again in the other findings. Slow drifts are none.",
        "Kinds multiplier, stuck, zero and gap speak of the meter: they have no price and stand last. The energy of "
        "the others is more or less than usual, not necessarily waste. Units are never summed together; "
        "only what is in kWh has a price.",
    )
    return Text("method", "Method", paragraphs, tuple(notes))


def _kpis(findings: Sequence[Finding], size: Size) -> Kpis:
    building = [f for f in findings if not f.of_meter]
    affected = len({f.meter for f in findings})
    lasting = [f.lasting for f in building if f.lasting]
    return Kpis("figures", (
        Kpi("findings", f"{len(findings):,}", "", f"on {affected:,} of {size.meters:,} meters"),
        Kpi("lasting changes", f"{len(lasting):,}", "", f"{sum(one.still for one in lasting):,} still so"),
        *_more(building),
        _cost(building, priced=size.priced),
        Kpi("faults of meters", f"{len(findings) - len(building):,}", "", "multiplier, stuck, zero, gap"),
    ))  # fmt: skip


def _more(building: Sequence[Finding]) -> list[Kpi]:
    """What was used more than usual, by commodity and unit where the findings have several."""
    more: dict[tuple[str, str], float] = {}
    for finding in building:
        what = (finding.commodity, finding.unit)
        more[what] = more.get(what, 0.0) + max(0.0, finding.excess_kwh)
    note = "without faults of meters"
    if len(more) < 2:
        _, unit = next(iter(more), ("", ENERGY))
        return [Kpi("more than usual", f"{sum(more.values()):,.0f}", unit, note)]
    order = sorted(more.items(), key=lambda item: (item[0][1] != ENERGY, *item[0]))
    return [Kpi(f"more {what.replace('_', ' ')} than usual", f"{n:,.0f}", unit, note) for (what, unit), n in order]


def _cost(building: Sequence[Finding], *, priced: bool) -> Kpi:
    """What that cost: of what is in kWh, as prices are."""
    energy = [finding for finding in building if finding.unit == ENERGY]
    known = priced and (len(energy) == 0 or any(finding.cost_usd is not None for finding in energy))
    if not known or (building and not energy):
        return Kpi("cost of it", "–", "USD", "nothing in kWh" if known else "no price was given")
    cost = sum(max(0.0, finding.cost_usd or 0.0) for finding in energy)
    return Kpi("cost of it", f"{cost:,.0f}", "USD", "of the kWh alone" if len(energy) < len(building) else "")


def _chart(findings: Sequence[Finding]) -> Chart:
    meters = [name for name, _ in Counter(f.meter for f in findings).most_common(MOST_METERS)]
    counts = Counter((f.meter, f.kind) for f in findings)
    kinds = [kind for kind in WORDS if any(counts[(m, kind)] for m in meters)]
    series = {kind.replace("_", " "): [float(counts[(m, kind)]) for m in meters] for kind in kinds}
    option = stacked_columns(meters, series, "findings")
    option["legend"] = {"top": 0, "show": True, "type": "scroll"}  # one line, also on a phone
    shown = "The only meter with findings." if len(meters) == 1 else f"The {len(meters)} meters with the most findings."
    return Chart("by-meter", "Findings by meter and kind", option, shown)


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
