"""The status of live metering on a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from redaptive.cli.output import out, print_table
from redaptive.streams.replay import ReplayReport
from redaptive.streams.status import LateStatus, PartitionStatus, StreamStatus, WorkerStatus
from redaptive.web.blocks import Cell, Column
from redaptive.web.blocks import Table as Block

_QUIET_FOR_S = 15.0


def rendered(status: StreamStatus) -> Group:
    """Headline, workers, partitions, what was put aside."""
    return Group(_headline(status), _workers(status.workers), _partitions(status.partitions), _aside(status))


def headline(status: StreamStatus) -> str:
    """The state in one line, such as `200 readings/s, lag 0 entries (0.0 s), 16 of 16 partitions owned`."""
    owned, workers = sum(p.alive for p in status.partitions), sum(w.alive for w in status.workers)
    lag = f"lag {status.lag_entries:,} entries ({status.lag_seconds:.1f} s)"
    return (
        f"{status.readings_per_second:,.0f} readings/s, {lag}, "
        f"{owned} of {len(status.partitions)} partitions owned by {workers} worker{'' if workers == 1 else 's'}, "
        f"log {status.log_used_bytes / 1e6:.1f} of {status.log_bound_bytes / 1e6:.0f} MB"
    )


def print_report(report: ReplayReport) -> None:
    """A replay against what is live."""
    counts = ", ".join(f"{count:,} {name}" for name, count in report.verdicts.items()) or "none in that time"
    out.print(f"{report.readings:,} readings from the {report.source}, kernel {report.kernel_version}: {counts}")
    if not report.readings and not report.alerts_only_live:
        return
    kinds = sorted({*report.alerts_same, *report.alerts_only_live, *report.alerts_only_shadow})
    founds = (report.alerts_same, report.alerts_only_live, report.alerts_only_shadow)
    columns = tuple(Column(name, name) for name in ("alert", "same", "only live", "only here"))
    rows: tuple[tuple[Cell, ...], ...] = tuple((kind, *(found.get(kind, 0) for found in founds)) for kind in kinds)
    note = (
        f"Only live: {report.usd_per_day_only_live:,.2f} USD/day; "
        f"only here: {report.kwh_per_day_only_shadow:,.1f} kWh/day. "
        f"{_state(report)}"
    )
    print_table(Block("replay", f"Replay {str(report.run_id)[:8]}", columns, rows, note))
    for partition, why in report.differences.items():
        out.print(f"Partition {partition}: {why}.", markup=False)
    if report.accepted:
        out.print("Accepted: the workers go on with this state.")


def _state(report: ReplayReport) -> str:
    """What the states' comparison gave, or that there could be none."""
    compared = report.partitions - report.partitions_ahead
    ahead = "State is not compared: what is live has later readings than were replayed. Leave out --to to compare it."
    if report.partitions_ahead and not compared:
        return ahead
    left = (
        f" {report.partitions_ahead} have later readings live and are not compared." if report.partitions_ahead else ""
    )
    return f"State equal in {report.partitions_equal} of {compared} partitions that have meters.{left}"


def _headline(status: StreamStatus) -> Text:
    well = status.partitions and all(p.alive for p in status.partitions) and status.lag_seconds < _QUIET_FOR_S
    return Text(headline(status), style="bold green" if well else "bold yellow")


def _grid(*columns: str) -> Table:
    grid = Table(box=box.SIMPLE, header_style="dim", pad_edge=False)
    for name in columns:
        grid.add_column(name, justify="left" if name in {"worker", "owner", "aside"} else "right", no_wrap=True)
    return grid


def _workers(workers: tuple[WorkerStatus, ...]) -> Table:
    grid = _grid("worker", "parts", "readings/s", "held", "p50 s", "p99 s", "errors", "seen s")
    for w in workers:
        f = w.figures
        grid.add_row(
            w.worker if w.alive else f"{w.worker} (silent)",
            str(w.partitions),
            f"{f.get('readings_per_second', 0):,.0f}",
            f"{f.get('unflushed', 0):,.0f}",
            f"{f.get('flush_p50_seconds', 0):.3f}",
            f"{f.get('flush_p99_seconds', 0):.3f}",
            f"{f.get('errors', 0):.0f}",
            f"{w.seen_ago_seconds:.1f}",
        )
    return grid


def _partitions(partitions: tuple[PartitionStatus, ...]) -> Table:
    grid = _grid("part", "owner", "epoch", "behind", "lag s", "readings", "flush s", "ago s")
    for p in partitions:
        grid.add_row(
            str(p.partition),
            (p.owner or "–") if p.alive or p.owner is None else f"{p.owner} (silent)",
            str(p.epoch),
            f"{p.lag_entries:,}",
            f"{p.lag_seconds:.1f}",
            f"{p.readings:,}",
            "–" if p.flush_seconds is None else f"{p.flush_seconds:.3f}",
            "–" if p.flushed_ago_seconds is None else f"{p.flushed_ago_seconds:.1f}",
        )
    return grid


def _aside(status: StreamStatus) -> Text:
    counts = status.counts
    late = counts.get("late", 0) + counts.get("filled", 0)
    taken = f"{counts.get('readings', 0):,} readings: {counts.get('ok', 0):,} ok, {late:,} late"
    again = f"{counts.get('duplicate', 0):,} duplicate, {counts.get('known_batches', 0):,} batches sent again"
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in status.rejected.items()) or "none"
    door = ", ".join(f"{n:,} {reason}" for reason, n in status.refused.items()) or "none"
    return Text(f"{taken}, {again}\nput aside: {reasons}\nrefused by ingest, 24 h: {door}\n{_late(status.late)}")


def _late(late: LateStatus) -> str:
    """What came late: waiting, judged again, and what that changed."""
    waiting = f"late, 30 days: {late.readings_waiting:,} readings of {late.days_waiting:,} days wait"
    judged = f"{late.readings_rescored:,} of {late.days_rescored:,} days judged again"
    changed = (
        f"  {late.alarms_found:,} alarms found, {late.alarms_withdrawn:,} withdrawn, {late.gaps_ended:,} gaps ended"
    )
    counts = f"register counts: {late.counts_waiting:,} wait, {late.counts_split:,} used, {late.counts_unused:,} not"
    return f"{waiting}, {judged}\n{changed}; {counts}"
