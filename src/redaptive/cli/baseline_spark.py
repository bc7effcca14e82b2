"""`redaptive spark baselines`: the fleet's baselines on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from redaptive.cli.baseline_fleet import Runner, fit_and_show
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.streams.baselines.fleet_job import Done, FleetOutcome, FleetWork
from redaptive.streams.spark.baselines import fit_fleet_on
from redaptive.streams.spark.session import open_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PARTITIONS: Final = 64
"""Of shuffles, which this job does not have."""


def baselines(
    train: Annotated[str, typer.Option(help="Fit period: 2018, 2018-03 or 2018-01-01..2018-12-31, site-local days.")],
    building: Annotated[list[str] | None, typer.Option(help="Building codes; default: all.")] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Folder; default: under REDAPTIVE_HOME.")] = None,
    master: Annotated[
        str, typer.Option(help="Spark master: local[2], local-cluster[2,1,1024], spark://host:7077, k8s://...")
    ] = "local[2]",
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Fit the baseline of every meter in the store on Spark: `baseline fleet` for those who outgrow one machine.

    Executors read the readings store themselves, so its folder must be one that all of them see. The models and figures
    are those of `redaptive baseline fleet`, to the last byte, and each goes on where the other was stopped.

    \b
      redaptive spark baselines --train 2025 --master local[2]
    """
    fit_and_show(train, building, folder, _on(master), as_json=as_json)


@contextmanager
def _on(master: str) -> Iterator[Runner]:
    """A runner on one session of the cluster, opened at its first work."""
    sessions: list[SparkSession] = []

    def run(readings: ReadingsStore, work: FleetWork, target: Path, done: Done) -> FleetOutcome:
        if not sessions:
            sessions.append(open_session(master, partitions=PARTITIONS))
        return fit_fleet_on(sessions[0], readings, work, target, done)

    try:
        yield run
    finally:
        for session in sessions:
            session.stop()
