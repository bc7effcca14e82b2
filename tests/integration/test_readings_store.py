"""The readings store on real Delta tables against a plain Python model of the same rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from redaptive.domain.quality.flags import DOUBTFUL
from redaptive.errors import Exhausted, InvalidInput
from redaptive.infrastructure.readings.aggregates import HOUR_SCHEMA
from redaptive.infrastructure.readings.batches import BATCH_COLUMNS
from redaptive.infrastructure.readings.engine import Cancellation
from redaptive.infrastructure.readings.months import month_label
from redaptive.infrastructure.readings.store import ReadingsStore

ZONES = {
    1: "America/New_York",
    2: "Asia/Kolkata",
    3: "Australia/Lord_Howe",
    4: "UTC",
    7: "Pacific/Kiritimati",
    900: "America/Los_Angeles",
}
STEP_S = {1: 900, 2: 900, 3: 1800, 4: 3600, 7: 900, 900: 300}
CALENDAR = pl.DataFrame(
    {"meter_id": list(ZONES), "timezone": list(ZONES.values()), "interval_s": list(STEP_S.values())}
)
# Month ends and the clock changes of New York (9 March, 2 November 2025) and Lord Howe (6 April, 5 October).
WINDOWS = [(2025, 2, 27, 4), (2025, 3, 8, 3), (2025, 3, 30, 8), (2025, 10, 4, 2), (2025, 10, 30, 5)]
SLOTS = [datetime(y, m, d, tzinfo=UTC) + timedelta(minutes=15 * k) for y, m, d, n in WINDOWS for k in range(n * 96)]
UTC_MONTHS = sorted({date(t.year, t.month, 1) for t in SLOTS})
SPAN = date(2025, 2, 1), date(2025, 12, 1)
Key = tuple[int, datetime]


class Model:
    """The rules in plain Python: corrections win, sealed keys ignore plain appends, the last append wins else."""

    def __init__(self) -> None:
        self.rows: dict[Key, tuple[int, int]] = {}
        self.corrected: set[Key] = set()
        self.sealed: set[Key] = set()

    def append(self, batch: pl.DataFrame) -> None:
        for meter, ts, value, quality in batch.iter_rows():
            if (meter, ts) not in self.corrected | self.sealed:
                self.rows[meter, ts] = (value, quality)

    def correct(self, batch: pl.DataFrame) -> None:
        for meter, ts, value, quality in batch.iter_rows():
            self.rows[meter, ts] = (value, quality)
            self.corrected.add((meter, ts))

    def seal(self, month: date) -> None:
        self.sealed |= {key for key in self.rows if (key[1].year, key[1].month) == (month.year, month.month)}

    def readings(self, meters: set[int]) -> list[tuple[int, datetime, int, int]]:
        return sorted((m, t, v, q) for (m, t), (v, q) in self.rows.items() if m in meters)

    def hours(self, meters: set[int]) -> list[tuple[object, ...]]:
        groups: dict[Key, list[tuple[int, int]]] = defaultdict(list)
        for m, t, v, q in self.readings(meters):
            groups[m, t.replace(minute=0)].append((v, q))
        return [
            (
                m,
                t,
                sum(v for v, _ in g),
                max(v for v, _ in g),
                len(g),
                sum(q & DOUBTFUL != 0 for _, q in g),
                sum(q & 1 for _, q in g),
            )
            for (m, t), g in sorted(groups.items())
        ]

    def months(self, meters: set[int]) -> list[tuple[object, ...]]:
        groups: dict[tuple[int, date], list[tuple[int, datetime, int]]] = defaultdict(list)
        for m, t, v, q in self.readings(meters):
            local = t.astimezone(ZoneInfo(ZONES[m]))
            groups[m, date(local.year, local.month, 1)].append((v, t, q))
        return [
            (
                m,
                month,
                sum(v for v, _, _ in g),
                round(max(v for v, _, _ in g) * 3600 / STEP_S[m]),
                min(t for v, t, _ in g if v == max(x for x, _, _ in g)),
                len(g),
                sum(q & DOUBTFUL != 0 for _, _, q in g),
                sum(q & 1 for _, _, q in g),
            )
            for (m, month), g in sorted(groups.items())
        ]


def _random_batch(seed: int, rows: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    dense = seed % 3 == 0
    low = int(rng.integers(0, len(SLOTS) - 200)) if dense else 0
    slots = rng.integers(low, low + 200 if dense else len(SLOTS), rows)
    return pl.DataFrame(
        {
            "meter_id": rng.choice(list(ZONES)[: 2 if dense else None], rows),
            "ts": [SLOTS[k] for k in slots],
            "value": rng.integers(-50, 300, rows),
            "quality": rng.choice([0, 0, 0, 1, 5, 16, 64], rows),
        }
    ).cast(BATCH_COLUMNS)  # type: ignore[arg-type]


def _assert_same(store: ReadingsStore, model: Model, meters: set[int]) -> None:
    start, end = SLOTS[0] - timedelta(days=1), SLOTS[-1] + timedelta(days=1)
    assert store.readings(list(meters), start, end).rows() == model.readings(meters)
    assert store.hourly(list(meters), start, end).rows() == model.hours(meters)
    sums = store.hour_sums(list(meters), start, end).sort("meter_id", "hour")
    hours = pl.DataFrame(model.hours(meters), schema=HOUR_SCHEMA, orient="row")
    assert sums.rows() == hours.select("meter_id", pl.col("hour_ts").dt.epoch("s") // 3600, "value_sum", "n").rows()
    marked = store.hour_sums(list(meters), start, end, estimates=True).sort("meter_id", "hour")
    assert marked.drop("n_estimated").equals(sums)
    assert marked["n_estimated"].to_list() == hours["n_estimated"].to_list()
    assert store.monthly(list(meters), *SPAN, CALENDAR).drop("n_expected").rows() == model.months(meters)
    covered = store.coverage(list(meters)).select("meter_id", "first_ts", "last_ts", "n").rows()
    times = {m: [t for k, t in model.rows if k == m] for m in sorted(meters)}
    assert covered == [(m, min(t), max(t), len(t)) for m, t in times.items() if t]
    last = [(m, max(t), *model.rows[m, max(t)]) for m, t in times.items() if t]
    assert store.latest(list(meters)).rows() == last


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["append", "append", "correct", "seal", "compact"]), st.integers(0, 10_000)),
    min_size=2,
    max_size=7,
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ReadingsStore]]:
    opened: list[ReadingsStore] = []
    yield opened
    for store in opened:
        store.close()


@settings(
    max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(operations=OPERATIONS, seed=st.integers(0, 1000))
def test_any_mixture_of_writes_seals_and_corrections_reads_like_the_model(
    operations: list[tuple[str, int]],
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
    stores: list[ReadingsStore],
) -> None:
    store, model = ReadingsStore.open(str(tmp_path_factory.mktemp("readings"))), Model()
    stores.append(store)
    for token, (kind, number) in enumerate([("append", seed), *operations]):
        batch = _random_batch(number, 150 + number % 300)
        if kind == "append":
            store.append(batch, source="test", token=token)
            model.append(batch)
        elif kind == "correct":
            store.correct(batch, source="test", token=token)
            model.correct(batch)
        elif kind == "seal":
            month = UTC_MONTHS[number % len(UTC_MONTHS)]
            store.seal(month, CALENDAR)
            model.seal(month)
        else:
            store.compact(threshold=1)
    for meters in (set(ZONES), {2}, {1, 900}):
        _assert_same(store, model, meters)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReadingsStore]:
    opened = ReadingsStore.open(str(tmp_path / "store"))
    yield opened
    opened.close()


def _constant(meter: int, value: int, start: datetime, n: int) -> pl.DataFrame:
    ts = [start + timedelta(minutes=15 * k) for k in range(n)]
    rows = {"meter_id": [meter] * n, "ts": ts, "value": [value] * n, "quality": [0] * n}
    return pl.DataFrame(rows).cast(BATCH_COLUMNS)  # type: ignore[arg-type]


def test_complete_months_hold_what_the_calendar_expects(store: ReadingsStore) -> None:
    start = datetime(2025, 2, 1, tzinfo=UTC)
    for token, meter in enumerate((1, 2)):
        store.append(_constant(meter, 25, start, 96 * 320), source="year", token=token)
    for sealed in (False, True):
        if sealed:
            store.seal_all(CALENDAR)
        months = store.monthly([1, 2], date(2025, 3, 1), date(2025, 12, 1), CALENDAR)
        assert months.height == 18
        assert months["n"].to_list() == months["n_expected"].to_list()
        ny = dict(months.filter(pl.col("meter_id") == 1).select("month", "n").iter_rows())
        assert (ny[date(2025, 3, 1)], ny[date(2025, 11, 1)]) == (31 * 96 - 4, 30 * 96 + 4)
        assert months["peak_w"].unique().to_list() == [100]


def test_the_plan_says_where_each_month_came_from(store: ReadingsStore) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for meter in (1, 2):
        store.append(_constant(meter, 10, start, 96 * 90), source="x", token=meter)
    store.seal(date(2025, 1, 1), CALENDAR)
    store.seal(date(2025, 2, 1), CALENDAR)
    ask = [1, 2], date(2025, 1, 1), date(2025, 4, 1), CALENDAR
    assert store.plan(*ask).sources() == {"2025-01": "rollup", "2025-02": "rollup", "2025-03": "hot"}
    before = store.monthly(*ask)
    store.correct(_constant(1, 11, datetime(2025, 2, 3, tzinfo=UTC), 4), source="fix", token=1)
    plan = store.plan(*ask)
    assert plan.sources()["2025-02"] == "rollup+merged"
    assert plan.months[1].raw_meters == 1
    after = store.monthly(*ask)
    assert after["value_sum"].sum() == before["value_sum"].sum() + 4
    store.seal(date(2025, 2, 1), CALENDAR)
    assert store.plan(*ask).sources()["2025-02"] == "rollup"
    assert store.monthly(*ask).equals(after)


def test_a_changed_time_zone_never_yields_the_old_months(store: ReadingsStore) -> None:
    store.append(_constant(1, 10, datetime(2025, 1, 1, tzinfo=UTC), 96 * 59), source="x", token=1)
    store.seal_all(CALENDAR)
    moved = CALENDAR.with_columns(timezone=pl.lit("Asia/Kolkata"))
    ask = [1], date(2025, 1, 1), date(2025, 3, 1)
    months = store.monthly(*ask, moved)
    # India's January began 5.5 h before UTC's and February ends 5.5 h before: 22 quarter hours.
    assert months["n"].to_list() == [31 * 96 - 22, 28 * 96]
    assert set(store.plan(*ask, moved).sources().values()) == {"sealed"}
    store.seal_all(moved)
    assert set(store.plan(*ask, moved).sources().values()) == {"rollup"}
    assert store.monthly(*ask, moved).equals(months)


def test_a_meter_unknown_at_sealing_is_answered_later(store: ReadingsStore) -> None:
    store.append(_constant(1, 10, datetime(2025, 1, 1, tzinfo=UTC), 96 * 31), source="x", token=1)
    store.seal_all(CALENDAR.filter(pl.col("meter_id") != 1))
    months = store.monthly([1], date(2025, 1, 1), date(2025, 2, 1), CALENDAR)
    assert months["n"].to_list() == [31 * 96 - 20]


def test_readers_see_only_the_meters_they_are_given(store: ReadingsStore) -> None:
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
    for meter in range(1, 8):
        store.append(_constant(meter, meter, start, 96 * 40), source="x", token=meter)
    calendar = pl.DataFrame({"meter_id": range(1, 8), "timezone": ["UTC"] * 7, "interval_s": [900] * 7})
    for sealed in (False, True):
        if sealed:
            store.seal(date(2025, 1, 1), calendar)
        # Dense, sparse, single, unknown and empty sets: each takes another path through the planner.
        for allowed in ([1, 3, 4, 6], [2, 7], [5], [99], []):
            expected = set(allowed) & set(range(1, 8))
            frames = [
                store.readings(allowed, start, end),
                store.hourly(allowed, start, end),
                store.monthly([m for m in allowed if m != 99], date(2025, 1, 1), date(2025, 3, 1), calendar),
                store.latest(allowed),
                store.coverage(allowed),
            ]
            assert [set(f["meter_id"]) for f in frames] == [expected] * 5


def test_an_empty_set_keeps_the_columns(store: ReadingsStore) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    assert store.readings([], now, now).schema == pl.Schema(BATCH_COLUMNS)
    assert store.monthly([], date(2025, 1, 1), date(2025, 2, 1), CALENDAR).width == 9


def test_a_long_scattered_set_of_meters_is_read_exactly(store: ReadingsStore) -> None:
    meters = list(range(1, 6000, 4))
    ts = [datetime(2025, 1, 1, tzinfo=UTC)] * 6000
    rows = {"meter_id": range(6000), "ts": ts, "value": range(6000), "quality": [0] * 6000}
    store.append(pl.DataFrame(rows).cast(BATCH_COLUMNS), source="x", token=1)  # type: ignore[arg-type]
    calendar = pl.DataFrame({"meter_id": range(6000), "timezone": ["UTC"] * 6000, "interval_s": [900] * 6000})
    for _ in range(2):
        assert store.readings(meters, ts[0], ts[0] + timedelta(hours=1))["value"].to_list() == meters
        assert store.monthly(meters, date(2025, 1, 1), date(2025, 2, 1), calendar)["value_sum"].to_list() == meters
        store.seal_all(calendar)


def test_hours_cut_at_the_ends_count_only_their_part(store: ReadingsStore) -> None:
    store.append(_constant(1, 10, datetime(2025, 1, 1, tzinfo=UTC), 96 * 31), source="x", token=1)
    store.seal_all(CALENDAR)
    hours = store.hourly([1], datetime(2025, 1, 5, 0, 30, tzinfo=UTC), datetime(2025, 1, 5, 2, 15, tzinfo=UTC))
    assert hours["value_sum"].to_list() == [20, 40, 10]


def test_negative_values_and_ties_keep_the_earliest_peak(store: ReadingsStore) -> None:
    start = datetime(2025, 5, 1, tzinfo=UTC)
    store.append(_constant(4, -7, start, 8), source="x", token=1)
    months = store.monthly([4], date(2025, 5, 1), date(2025, 6, 1), CALENDAR)
    assert months.select("value_sum", "peak_w", "peak_ts").row(0) == (-56, -7, start)


def test_a_cancelled_read_stops_and_says_so(store: ReadingsStore) -> None:
    store.append(_constant(1, 10, datetime(2025, 1, 1, tzinfo=UTC), 96), source="x", token=1)
    cancel = Cancellation()
    cancel.cancel()
    with pytest.raises(Exhausted, match="cancelled"):
        store.latest([1], cancel=cancel)


def test_a_calendar_without_the_meter_is_refused(store: ReadingsStore) -> None:
    with pytest.raises(InvalidInput, match="meter 5"):
        store.monthly([1, 5], date(2025, 1, 1), date(2025, 2, 1), CALENDAR)


def test_object_stores_and_short_vacuums_are_refused(store: ReadingsStore) -> None:
    with pytest.raises(InvalidInput, match="s3"):
        ReadingsStore.open("s3://bucket/readings")
    with pytest.raises(InvalidInput, match="168"):
        store.vacuum(retention_hours=24)
    assert store.vacuum() == 0


def test_sealed_files_drop_seq_and_are_small(store: ReadingsStore) -> None:
    rng, start = np.random.default_rng(1), datetime(2025, 1, 1, tzinfo=UTC)
    n = 96 * 31
    shape = 2000 + 1500 * np.sin(np.arange(n) / 96 * 2 * np.pi)
    for meter in range(60):
        value = np.round(shape * (0.5 + meter / 30) * rng.normal(1, 0.05, n) / 10).astype(np.int32)
        batch = _constant(meter, 0, start, n).with_columns(value=pl.Series(value))
        store.append(batch, source="x", token=meter)
    store.seal(date(2025, 1, 1), CALENDAR)
    files = list(Path(store.root).glob("readings/month=2025-01/bucket=0/tier=1/*.parquet"))
    assert [pl.read_parquet_schema(f).names() for f in files] == [["meter_id", "ts", "value", "quality", "rev"]]
    assert store.statistics().sealed_rows == 60 * n
    assert store.statistics().sealed_bytes_per_reading < 1.7
    assert month_label(start.date()) == "2025-01"
