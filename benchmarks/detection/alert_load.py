"""From alarms to alerts: what the desk makes of the kernel's alarms on real meters, and what its rules miss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

import numpy as np

from detection.desk_replay import HOUR_S, Episodes, Place, Replay, Told
from detection.injection import Event, Injected, Matrix
from detection.meters import Span
from detection.metrics import MONTH_H
from detection.ours import outcomes
from detection.study import Case
from detection.tables import table
from redaptive.domain.alerts.comparable import Comparable, Episode
from redaptive.domain.alerts.kinds import Severity
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.rows import Transitions

USD_PER_KWH = {"electricity": 0.12, "gas": 0.04}
LEAST_USD_PER_DAY = 10.0
LEAST_H = 24
AFTER_H = 24
BEFORE_S = 60 * 24 * HOUR_S
"""So long before the judged year the desk begins."""
DATA = ("multiplier", "stuck", "dropout", "clock_shift")
ASKS = (Severity.WARNING, Severity.CRITICAL)


@dataclass(frozen=True)
class Run:
    """What people were told over one set of readings: messages, and USD a day as said over time by alert."""

    told: tuple[Told, ...]
    said: Mapping[UUID, Sequence[tuple[int, float | None]]]
    values: Matrix


@dataclass(frozen=True)
class Loads:
    """The meters, the cases with injected events, and a run of each; the unchanged readings beside them."""

    span: Span
    cases: tuple[Case, ...]
    found: Transitions
    runs: tuple[Run, ...]
    plain: Run


def kernel(span: Span, cases: Sequence[Case]) -> Transitions:
    """Alarms of all cases side by side, the unchanged readings last."""
    kwh = np.concatenate([*(case.injected.values for case in cases), span.kwh], axis=1)
    judged_weeks = outcomes(kwh, span.start_s, span.temperature_c)
    return Transitions.join([outcome.transitions for _, _, outcome in judged_weeks])


def conduct(span: Span, cases: tuple[Case, ...], found: Transitions, *, by_readings: bool) -> Loads:
    """Replay the desk over the alarms, by stored readings or (as before) by the alarms alone."""
    n = len(span.names)
    begin = int(span.start_s[span.since]) - BEFORE_S
    parts = [(case.injected.values, _columns(found, i * n, n, begin)) for i, case in enumerate(cases)]
    parts.append((span.kwh, _columns(found, len(cases) * n, n, begin)))
    runs = tuple(_run(span, kwh, part, by_readings=by_readings) for kwh, part in parts)
    return Loads(span, cases, found, runs[:-1], runs[-1])


def _run(span: Span, kwh: Matrix, found: Transitions, *, by_readings: bool) -> Run:
    replay = Replay(places(span), episodes_of(span, kwh) if by_readings else None)
    return Run(tuple(replay.run(found)), replay.said, kwh)


def places(span: Span) -> list[Place]:
    """Commodity, building and price of each meter."""
    numbers = {name: UUID(int=5_000 + k) for k, name in enumerate(sorted(set(span.buildings)))}
    fuels = ["electricity" if electric else "gas" for electric in span.electric]
    return [Place(f, numbers[b], USD_PER_KWH[f]) for b, f in zip(span.buildings, fuels, strict=True)]


def episodes_of(span: Span, kwh: Matrix) -> Episodes:
    """Episodes of any meter beside the others of its commodity."""
    first_h, air = int(span.start_s[0] // HOUR_S), span.temperature_c.astype(np.float64)
    place: dict[int, tuple[Comparable, int]] = {}
    for electric in (True, False):
        columns = np.flatnonzero(span.electric == electric)
        names = [span.buildings[k] for k in columns]
        peers = list(range(len(columns)))
        block = Comparable(first_h, kwh[:, columns], span.slot, names, peers, air)
        place |= {int(meter): (block, k) for k, meter in enumerate(columns)}

    return lambda meter, since_s: Episode(*place[meter], since_s)


def _columns(found: Transitions, first: int, n: int, since_s: int = 0) -> Transitions:
    mine = (found.index >= first) & (found.index < first + n) & (found.at_s >= since_s)
    columns = {f.name: getattr(found, f.name)[mine] for f in fields(Transitions)}
    return Transitions(**{**columns, "index": columns["index"] - first})


def months(span: Span) -> float:
    """Meter-months read in the judged year."""
    return float(np.isfinite(span.kwh[span.since :]).sum() / MONTH_H)


def judged(loads: Loads, run: Run, severities: Sequence[Severity] = tuple(Severity)) -> list[Told]:
    """Messages of the judged year."""
    first = int(loads.span.start_s[loads.span.since])
    return [t for t in run.told if t.at_s >= first and t.severity in severities]


def load_rows(before: Loads, after: Loads) -> Iterable[str]:
    """Messages a meter-month by kind on unchanged readings, before and after."""
    total, span, n = months(before.span), before.span, len(before.span.names)
    plain = _columns(before.found, len(before.cases) * n, n)
    opened = plain.opened & (plain.at_s >= span.start_s[span.since])
    alarmed = {kind.slug: int((plain.kind[opened] == kind).sum()) for kind in Kind}
    told = [judged(loads, loads.plain) for loads in (before, after)]
    kinds = sorted({*alarmed, *(t.kind for part in told for t in part)}, key=lambda k: -alarmed.get(k, 0))
    rows = [
        _load(kind, alarmed.get(kind, 0), [[t for t in p if t.kind == kind] for p in told], total) for kind in kinds
    ]
    rows.append(_load("all", sum(alarmed.values()), told, total))
    yield from table(("a meter-month", "alarms", "told before", "ask for a person", "told after", "ask"), rows)


def _load(kind: str, alarmed: int, told: list[list[Told]], total: float) -> list[object]:
    cells = [f"{alarmed / total:.2f}"]
    for part in told:
        cells += [f"{len(part) / total:.2f}", f"{sum(t.severity in ASKS for t in part) / total:.3f}"]
    return [kind, *cells]


@dataclass(frozen=True)
class Found:
    """One event that matters: first message in its time that asks for a person, the same by chance, money."""

    event: Event
    true_usd: float
    delay_h: float | None
    chance: bool
    said_usd: float | None
    any_delay_h: float | None


def events(loads: Loads) -> list[Found]:
    """Events of a day and more that cost at least 10 USD a day, and those of data."""
    return [
        _found(loads, run, case.injected, event)
        for case, run in zip(loads.cases, loads.runs, strict=True)
        for event in case.injected.events
        if _matters(loads.span, event)
    ]


def usd_per_day(span: Span, event: Event) -> float:
    """Its true cost: what was added, over its days."""
    fuel = "electricity" if span.electric[event.meter] else "gas"
    return event.excess_kwh / ((event.last - event.first) / 24) * USD_PER_KWH[fuel]


def _matters(span: Span, event: Event) -> bool:
    if event.minor or event.kind == "spike":
        return False
    long = event.last - event.first >= LEAST_H
    return event.kind in DATA or (long and usd_per_day(span, event) >= LEAST_USD_PER_DAY)


def _found(loads: Loads, run: Run, injected: Injected, event: Event) -> Found:
    start = loads.span.start_s[0]
    first, last = int(start + event.first * HOUR_S), int(start + (event.last + AFTER_H) * HOUR_S)
    mine = [t for t in run.told if t.meter == event.meter and first <= t.at_s <= last]
    asks = [t for t in mine if t.severity in ASKS]
    lucky = any(t.meter == event.meter and first <= t.at_s <= last and t.severity in ASKS for t in loads.plain.told)
    said = [
        (at, usd)
        for t in mine[:1] + asks[:1]
        for at, usd in run.said.get(t.alert, ())
        if first <= at <= last - AFTER_H * HOUR_S + HOUR_S
    ] or [(t.at_s, t.usd_per_day) for t in mine[:1]]
    usd = next((usd for _, usd in sorted(said, key=lambda s: s[0], reverse=True)), None)
    delays = [(min(t.at_s for t in part) - first) / HOUR_S if part else None for part in (asks, mine)]
    return Found(event, usd_per_day(loads.span, event), delays[0], lucky, usd, delays[1])


def recall_rows(before: Loads, after: Loads) -> Iterable[str]:
    """Recall, chance, delay and money by kind of event, before and after."""
    pair = [events(loads) for loads in (before, after)]
    kinds = sorted({f.event.kind for f in pair[0]}, key=lambda k: (k in DATA, k))
    groups = [(kind, [[f for f in part if f.event.kind == kind] for part in pair]) for kind in kinds]
    groups.append(("use, all", [[f for f in part if f.event.kind not in DATA] for part in pair]))
    groups.append(("data, all", [[f for f in part if f.event.kind in DATA] for part in pair]))
    head = ("events", "n", "before", "chance", "h", "USD error", "sign", "after", "chance", "h", "USD error", "sign")
    yield from table(
        head, [[name, len(parts[0]), *(c for part in parts for c in _cells(part))] for name, parts in groups]
    )


def _cells(part: list[Found]) -> list[object]:
    delay = [f.delay_h for f in part if f.delay_h is not None]
    money = [f for f in part if f.said_usd is not None and f.event.kind not in DATA and f.any_delay_h is not None]
    error = [abs(f.said_usd - f.true_usd) / abs(f.true_usd) for f in money if f.said_usd is not None]
    right = [f.said_usd * f.true_usd > 0 for f in money if f.said_usd is not None]
    return [
        len(delay), sum(f.chance for f in part), f"{np.median(delay):.0f}" if delay else "-",
        f"{np.median(error):.2f} ({len(error)})" if error else "-", f"{np.mean(right):.2f}" if right else "-",
    ]  # fmt: skip
