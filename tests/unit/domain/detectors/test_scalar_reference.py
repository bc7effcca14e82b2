"""The kernel against the scalar reference, reading by reading, on random dirty streams."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.unit.domain.detectors.scalar_reference import OK, Facts, Meter, Said, Site
from tests.unit.domain.detectors.stream import calendar, rows

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.calendar import SiteHours
from redaptive.domain.detectors.kinds import REGISTER, Kind, Verdict
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import Outcome, Rows

OFFICE = ((7.0, 19.0),) * 5 + (None, None)
SITES = (Site("America/New_York", OFFICE), Site("Asia/Kathmandu"))
CALENDAR = calendar(SiteHours("America/New_York", opening=OFFICE), SiteHours("Asia/Kathmandu"))
HOUR_S, CAP_WH, DIGITS = 3600, 60_000, 6
FACTS = (
    Facts(HOUR_S, SITES[0], CAP_WH),
    Facts(HOUR_S, SITES[1], CAP_WH, may_export=True),
    Facts(HOUR_S, SITES[0], CAP_WH, digits=DIGITS),
    Facts(2 * HOUR_S, SITES[1], CAP_WH),
    Facts(HOUR_S, SITES[0], CAP_WH),
)
DAYS = 40


def _params() -> MeterParams:
    params = MeterParams.blank(1024)
    meters = np.arange(len(FACTS))
    params.put(meters, cadence_s=[f.cadence_s for f in FACTS], cap_wh=CAP_WH, may_export=[f.may_export for f in FACTS])
    params.put(meters, register_digits=[f.digits for f in FACTS], calendar_id=[SITES.index(f.site) for f in FACTS])
    return params


def _load(meter: int, fault: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Starts and Wh of a meter over the spring change of clocks, with a fault of its own in the last two weeks."""
    cadence = FACTS[meter].cadence_s
    start = CALENDAR.first_s + 40 * 86_400 + np.arange(DAYS * 86_400 // cadence) * cadence
    hour, day = start // 3600 % 24, (start - CALENDAR.first_s) // 86_400
    busy = (hour >= 13) & (hour < 23) & ((day + 3) % 7 < 5)
    wh = 800 + 3000 * busy + rng.normal(0, 60, len(start))
    late = np.arange(len(start)) > len(start) * 0.62
    night = (hour >= 3) & (hour < 12)
    faults = (
        lambda: wh * np.where(late, 1.6, 1), lambda: np.where(late, 777, wh), lambda: wh * np.where(late, 10, 1),
        lambda: wh + 2500 * (late & night), lambda: np.where(late & (hour == 5), 0, wh), lambda: np.roll(wh, 2),
        lambda: np.where(late, 800 + 3000 * ((hour >= 13) & (hour < 23)), wh),
        lambda: np.where(np.arange(len(start)) < len(start) // 8, 0, wh),
    )  # fmt: skip
    return start, faults[fault]().astype(np.int64)


def _stream(faults: tuple[int, ...], seed: int) -> Rows:
    """All meters' readings in log order: lost, repeated, late, future, off-grid, negative, huge and register ones."""
    rng, parts = np.random.default_rng(seed), []
    for meter, fault in enumerate(faults):
        start, wh = _load(meter, fault, rng)
        if FACTS[meter].digits:
            wh = (900_000 + np.cumsum(np.abs(wh))) % 10**DIGITS
            wh[len(wh) // 2 :] = (wh[len(wh) // 2 :] + 400_000) % 10**DIGITS
        received = start + FACTS[meter].cadence_s
        chance = rng.random((6, len(start)))
        received = np.where(chance[0] < 0.01, received + 5 * HOUR_S, received)
        start = np.where(chance[1] < 0.003, start + 61, np.where(chance[1] > 0.997, start + 20 * 86_400, start))
        wh = np.where(chance[2] < 0.003, -70, np.where(chance[2] > 0.998, 2_000_000, wh))
        again = np.flatnonzero(chance[3] < 0.01)
        keep = np.concatenate([np.flatnonzero(chance[4] > 0.01), again])
        parts.append(np.stack([np.full(len(keep), meter), start[keep], wh[keep], received[keep]]))
    columns = np.concatenate(parts, axis=1)
    columns = columns[:, np.argsort(columns[3], kind="stable")]
    meter, start, wh, received = columns
    temperature = np.where(rng.random(len(meter)) < 0.05, np.nan, 12 + 9 * np.sin(start / 86_400 * 6.28))
    flags = np.where(np.array([f.digits for f in FACTS])[meter] > 0, REGISTER, 0)
    return rows(
        meter, start, wh, flags=flags, received_s=received, temperature_c=temperature.astype(np.float32),
        entry=np.arange(len(meter)),
    )  # fmt: skip


def _by_reference(stream: Rows) -> list[Said]:
    meters = [Meter(facts) for facts in FACTS]
    columns = (stream.index, stream.start_s, stream.value, stream.flags, stream.received_s, stream.temperature_c)
    return [meters[i].take(*rest) for i, *rest in zip(*(column.tolist() for column in columns), strict=True)]


def _moved(outcome: Outcome) -> dict[int, list[tuple[int, bool]]]:
    found: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    t = outcome.transitions
    for row, kind, opened in zip(t.row.tolist(), t.kind.tolist(), t.opened.tolist(), strict=True):
        found[row].append((kind, opened))
    return found


def _compare(stream: Rows) -> tuple[Counter[str], set[int]]:
    """Assert that both say the same; how many readings of each verdict, and which kinds opened where compared."""
    outcome = kernel.score(State.of_meters(len(FACTS)), stream, _params(), CALENDAR)
    said, moved = _by_reference(stream), _moved(outcome)
    seen: Counter[str] = Counter(Verdict(each.verdict).name for each in said)
    kinds: set[int] = set()
    assert outcome.verdict.tolist() == [each.verdict for each in said]
    assert outcome.energy.tolist() == [each.energy for each in said]
    for row, each in enumerate(said):
        if each.verdict not in (OK, Verdict.BAD) or not each.comparable:
            continue
        seen["compared"] += 1
        where = f"row {row}, meter {stream.index[row]}"
        assert sorted(moved[row]) == sorted(each.moved), where
        assert int(outcome.kinds[row]) == each.kinds, where
        assert outcome.expected[row] == pytest.approx(each.expected, rel=2e-3, abs=0.5, nan_ok=True), where
        assert outcome.score[row] == pytest.approx(each.score, rel=1e-2, abs=2e-2, nan_ok=True), where
        kinds |= {kind for kind, opened in each.moved if opened}
    return seen, kinds


# Without shrinking, which would take minutes: the assertion names the reading.
@settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.tuples(*[st.integers(0, 7)] * len(FACTS)), st.integers(0, 10_000))
def test_the_kernel_says_what_the_scalar_reference_says(faults: tuple[int, ...], seed: int) -> None:
    _compare(_stream(faults, seed))


def test_the_comparison_meets_every_verdict_and_kind() -> None:
    seen: Counter[str] = Counter()
    kinds: set[int] = set()
    for seed in (3, 6):
        counts, found = _compare(_stream(tuple((seed + 3 * k) % 8 for k in range(len(FACTS))), seed))
        seen, kinds = seen + counts, kinds | found
    assert set(seen) >= {v.name for v in Verdict} - {"UNKNOWN", "TOO_LATE"}
    assert seen["compared"] > 0.5 * seen["OK"]
    assert kinds == set(Kind)


def test_a_reading_without_energy_leaves_its_hour_of_the_week_as_it_was() -> None:
    state, params = State.of_meters(1), MeterParams.uniform(1024, HOUR_S, register_digits=DIGITS)
    start = CALENDAR.first_s + 50 * 86_400
    for k in [*range(20), *range(24, 42)]:  # the register's count after the gap covers five intervals
        kernel.score(state, rows(0, start + k * HOUR_S, 500 * k, flags=REGISTER), params, CALENDAR)
    seen = state.columns["expectation.spread"][:, 0] > 0
    hours = [int(CALENDAR.code[0, (start - CALENDAR.first_s) // 900 + 4 * k]) & 255 for k in (1, 19, 24, 25)]
    assert seen[hours].tolist() == [True, True, False, True]
