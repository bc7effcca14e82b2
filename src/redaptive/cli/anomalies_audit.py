"""`redaptive anomalies audit`: what was unusual in a whole history, ranked, explained and priced."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer

from redaptive.cli.anomalies_input import (
    Cumulative,
    Zone,
    cadence_notes,
    flag_limit,
    open_judged,
    register_notes,
    usable,
)
from redaptive.cli.anomalies_output import keep_rejected
from redaptive.cli.file_options import DayFirst, Decimal, Interval, MeterColumn, Readings, TimeColumn, Unit, ValueColumn
from redaptive.cli.frame_files import require_format, write_frame
from redaptive.cli.output import print_json, print_kpis, print_table, progress_bars, say
from redaptive.documents.anomaly_audit import Audited, audit_readings
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.returned_rows import silent_notes
from redaptive.documents.source_files import existing_file
from redaptive.documents.target_files import replacing, require_targets
from redaptive.domain.detectors.history.finding import Finding
from redaptive.domain.detectors.history.retrospective import FLAG_SCORE
from redaptive.domain.intervals import zone
from redaptive.web.blocks import Kpis, page_json
from redaptive.web.render import render_html
from redaptive.web.reports.audit import (
    Size,
    audit_page,
    export_table,
    findings_table,
    largest,
    lasting_table,
    with_units,
)

SHOWN: Final = 15
MOST_SAID: Final = 5
TEXT: Final = frozenset({"meter", "kind", "start", "end", "sentence", "until", "moved", "sure", "unit", "commodity"})
NARROW: Final = frozenset({"meter", "kind", "start", "hours", "excess", "cost", "unit"})
NARROW_LASTING: Final = frozenset({"meter", "since", "until", "per_day", "share", "cost", "unit"})


def audit_history(
    readings: Readings,
    out: Annotated[Path | None, typer.Option(help="Write the findings: .csv, .parquet or .json by its name.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report.")] = None,
    price: Annotated[float | None, typer.Option(min=0.0, help="USD per kWh, to price the findings in kWh.")] = None,
    threshold: Annotated[float, typer.Option(help="Score from which a reading is flagged.")] = FLAG_SCORE,
    timezone: Zone = None,
    unit: Unit = None,
    meters: Annotated[list[str] | None, typer.Option(help="Only these meters; may be given again.")] = None,
    meter_column: MeterColumn = None,
    time_column: TimeColumn = None,
    value_column: ValueColumn = None,
    cumulative: Cumulative = False,
    interval: Interval = None,
    day_first: DayFirst = None,
    decimal: Decimal = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Audit the whole history of a file with hindsight: lasting changes and episodes, ranked, explained, priced.

    \b
      redaptive anomalies audit --readings meters.csv --timezone America/Chicago --price 0.14 --report audit.html
    """
    require_format(out)
    require_targets({"--out": out, "--report": report}, {"--readings": readings})
    zone(timezone or "UTC")
    options = ReadingsOptions(
        timezone=timezone, unit=unit, only=tuple(meters or ()), meter_column=meter_column, time_column=time_column,
        value_column=value_column, cumulative=cumulative, interval_s=interval, day_first=day_first, decimal=decimal,
    )  # fmt: skip
    with open_judged(existing_file(readings), options) as file:
        frame, hints = usable(file, readings, options), file.meters
        used = [path for path in (readings, out, report) if path is not None]
        notes = [*file.summary.assumptions, *file.summary.warnings, *keep_rejected(file.rejected, out or report, used)]
        notes += silent_notes(file)
    notes += cadence_notes(frame, hints)
    notes += [] if cumulative else register_notes(frame.rename({"meter_code": "meter"}))
    with progress_bars() as bars:
        task = bars.add_task("audit", total=frame.height)
        audited = audit_readings(
            frame, hints, timezone or "UTC", price, flag_limit(threshold, FLAG_SCORE), lambda n: bars.advance(task, n)
        )
    size = Size(frame.height, len(hints), price is not None)
    page = audit_page(audited.findings, audited.courses, size, notes, datetime.now(UTC))
    if out is not None:
        _write(audited.findings, out)
    if report is not None:
        with replacing(report) as part:
            part.write_text(render_html(page), encoding="utf-8")
    if as_json:
        print_json(page_json(page))
        return
    _show(audited, next(block for block in page.blocks if isinstance(block, Kpis)), notes)


def _show(audited: Audited, kpis: Kpis, notes: list[str]) -> None:
    for note in notes:
        say(note)
    print_kpis(kpis)
    lasting = [finding for finding in audited.findings if finding.lasting]
    if lasting:
        print_table(with_units(lasting_table(lasting), lasting).only(NARROW_LASTING), limit=SHOWN)
    others = [finding for finding in audited.findings if not finding.lasting]
    print_table(with_units(findings_table(others), others).only(NARROW), limit=SHOWN)
    for finding in largest(audited.findings, MOST_SAID):
        say(f"• {finding.sentence}")


def _write(found: list[Finding], out: Path) -> None:
    table = export_table(found)
    names = [column.key for column in table.columns]
    schema = {name: pl.String if name in TEXT else pl.Float64 for name in names}
    frame = pl.DataFrame(list(table.rows), schema=schema, orient="row")
    for name, moments in (("start", [one.start_s for one in found]), ("end", [one.end_s for one in found])):
        frame = frame.with_columns(pl.from_epoch(pl.Series(name, moments, pl.Int64)).dt.replace_time_zone("UTC"))
    write_frame(frame, out)
