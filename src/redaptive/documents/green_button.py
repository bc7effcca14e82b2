"""Green Button (NAESB ESPI in Atom) usage as typed readings; XML is streamed and cannot load or expand entities.

UsagePoint <- MeterReading (-> ReadingType) <- IntervalBlock, tied by the links of their Atom entries.
value x 10^powerOfTenMultiplier is in the unit `uom`; cost is in 10^-5 of the currency; times are Unix seconds.
Codes are those of the ESPI schema (espi.xsd: UnitSymbolKind, QualityOfReading, FlowDirectionKind).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

import polars as pl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from redaptive.documents.readings_cells import TYPED
from redaptive.documents.results import ImportSummary, Issue, issue_frame
from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput

COLUMNS = ("meter", "timestamp", "value", "unit", "duration_s")
UOM = {
    38: "W", 72: "Wh", 31: "J", 119: "cf", 42: "m3", 128: "gal", 134: "L", 132: "Btu", 169: "therm",
}  # fmt: skip
QUALITY = {7: Quality.EDITED, **dict.fromkeys((8, 9, 12, 13), Quality.ESTIMATED)}
REVERSE_FLOW = 19
REGISTERS = (1, 3)
"""accumulationBehaviour of bulk and cumulative quantities: registers, not intervals."""


@dataclass(frozen=True)
class GreenButton:
    """Readings (columns of `TYPED`), issues, and cost per reading (meter_code, ts, cost_e5 in 1e-5 currency)."""

    typed: pl.DataFrame
    issues: pl.DataFrame
    costs: pl.DataFrame
    raw: pl.DataFrame

    def originals(self) -> Iterator[tuple[int, Sequence[str]]]:
        """(number of the IntervalReading, cells of `COLUMNS`): rejected ones can be imported again as CSV."""
        shown = self.raw.select("row", pl.col(*COLUMNS).cast(pl.String).fill_null(""))
        for row, *cells in shown.iter_rows():
            yield row, cells


@dataclass(frozen=True)
class _ReadingType:
    uom: int | None
    power_of_ten: int
    reverse: bool
    register: bool
    interval_s: int | None


_WATT_HOURS = _ReadingType(72, 0, reverse=False, register=False, interval_s=None)


@dataclass
class _Feed:
    """What the entries of a feed say; links are kept as they are written."""

    types: dict[str, _ReadingType] = field(default_factory=dict)
    type_of_meter: dict[str, list[str]] = field(default_factory=dict)
    rows: list[tuple[int, str, int | None, int | None, float | None, int | None, int]] = field(default_factory=list)
    pending: list[tuple[int | None, int | None, float | None, int | None, int]] = field(default_factory=list)
    broken: str | None = None


def read_green_button(path: Path, name: str, summary: ImportSummary, meter: str | None = None) -> GreenButton:
    """All interval readings of a Green Button file; `meter` names the meter of a file with a single series.

    Raises InvalidInput when the file is no Green Button, or uses a DTD or entities.
    """
    feed = _Feed()
    try:
        _walk(path, feed)
    except DefusedXmlException as error:
        raise InvalidInput(
            "The XML declares a document type or entities, which is never read.",
            field=name,
            fix="Remove the <!DOCTYPE ...> part; Green Button files have none.",
        ) from error
    except ParseError as error:
        feed.broken = str(error)
        _close_entry(feed, "", [])
    if not feed.rows:
        raise InvalidInput(
            f"The XML holds no IntervalReading{f' and is broken: {feed.broken}' if feed.broken else ''}.",
            field=name,
            fix="Give a Green Button (ESPI) usage file.",
        )
    return _assembled(feed, summary, meter)


def _walk(path: Path, feed: _Feed) -> None:
    """Stream the entries, dropping every element once it is read."""
    depth: list[Element] = []
    for event, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            depth.append(element)
            continue
        depth.pop()
        tag = _local(element.tag)
        if tag == "IntervalReading":
            feed.pending.append(_interval(element))
            element.clear()
            if depth:
                depth[-1].remove(element)
        elif tag == "entry":
            _entry(element, feed)
            element.clear()
            if depth:
                depth[-1].remove(element)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _text(element: Element, *path: str) -> str | None:
    for child in element:
        if _local(child.tag) == path[0]:
            return _text(child, *path[1:]) if len(path) > 1 else (child.text or "").strip()
    return None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[+-]?\d{1,18}", text) else None


def _decimal(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _interval(element: Element) -> tuple[int | None, int | None, float | None, int | None, int]:
    """(start, duration, value, cost, quality bits) of an IntervalReading."""
    codes = [_whole(_text(q, "quality")) for q in element if _local(q.tag) == "ReadingQuality"]
    bits = 0
    for code in codes:
        bits |= int(QUALITY.get(code or 0, 0))
    start, duration = _whole(_text(element, "timePeriod", "start")), _whole(_text(element, "timePeriod", "duration"))
    return start, duration, _decimal(_text(element, "value")), _whole(_text(element, "cost")), bits


def _entry(entry: Element, feed: _Feed) -> None:
    """Note what one Atom entry says of types and meters, and give its readings to its meter."""
    links = {rel: [] for rel in ("self", "up", "related")}  # type: dict[str, list[str]]
    for link in entry:
        if _local(link.tag) == "link":
            links.setdefault(link.get("rel", ""), []).append(link.get("href", ""))
    self_link = (links["self"] or [""])[0]
    content = next((c for c in entry if _local(c.tag) == "content"), None)
    for item in content if content is not None else ():
        tag = _local(item.tag)
        if tag == "ReadingType":
            feed.types[self_link] = _reading_type(item)
        elif tag == "MeterReading":
            feed.type_of_meter[self_link] = links["related"]
    _close_entry(feed, self_link, links["up"])


def _close_entry(feed: _Feed, self_link: str, up: list[str]) -> None:
    """Readings belong to the MeterReading in whose collection their IntervalBlock lies."""
    owner = (up or [self_link])[0].partition("/IntervalBlock")[0]
    for reading in feed.pending:
        feed.rows.append((len(feed.rows) + 1, owner, *reading))
    feed.pending.clear()


def _reading_type(item: Element) -> _ReadingType:
    return _ReadingType(
        _whole(_text(item, "uom")),
        _whole(_text(item, "powerOfTenMultiplier")) or 0,
        _whole(_text(item, "flowDirection")) == REVERSE_FLOW,
        _whole(_text(item, "accumulationBehaviour")) in REGISTERS,
        _whole(_text(item, "intervalLength")),
    )


def _assembled(feed: _Feed, summary: ImportSummary, meter: str | None) -> GreenButton:
    owners = list(dict.fromkeys(row[1] for row in feed.rows))
    codes = _meter_codes(owners, meter)
    types = {owner: _type_of(owner, feed) for owner in owners}
    skipped = {owner for owner in owners if not _usable(types[owner], codes[owner], summary)}
    schema = {
        "row": pl.Int64, "owner": pl.String, "start": pl.Int64, "duration_s": pl.Int64, "number": pl.Float64,
        "cost": pl.Int64, "quality": pl.Int8,
    }  # fmt: skip
    raw = pl.DataFrame(feed.rows, schema=schema, orient="row").filter(~pl.col("owner").is_in(list(skipped)))
    scale = {o: 10.0**t.power_of_ten * (-1.0 if t.reverse else 1.0) for o, t in types.items()}
    units = {o: UOM.get(t.uom or 0, "") for o, t in types.items()}
    lengths = {o: t.interval_s for o, t in types.items()}
    owner = pl.col("owner")
    raw = raw.with_columns(
        meter=owner.replace_strict(codes, return_dtype=pl.String),
        value=pl.col("number") * owner.replace_strict(scale, return_dtype=pl.Float64),
        unit=owner.replace_strict(units, return_dtype=pl.String),
        duration_s=pl.coalesce("duration_s", owner.replace_strict(lengths, return_dtype=pl.Int64)),
        ts=pl.from_epoch("start", time_unit="s").cast(pl.Datetime("us")),
        timestamp=pl.from_epoch("start", time_unit="s").dt.strftime("%Y-%m-%d %H:%M:%SZ"),
    )
    summary.rows_read = len(raw)
    return _parts(raw, feed, summary)


def _parts(raw: pl.DataFrame, feed: _Feed, summary: ImportSummary) -> GreenButton:
    ok = pl.col("start").is_not_null() & pl.col("value").is_finite().fill_null(value=False)
    issues = [
        Issue(row, "timePeriod.start" if start is None else "value", "The reading has no such number.", "Fill it in.")
        for row, start in raw.filter(~ok).select("row", "start").iter_rows()
    ]
    if feed.broken:
        summary.warn(f"The file ends early or is broken ({feed.broken}); readings before that place were kept.")
    good = raw.filter(ok).with_columns(aware=pl.lit(value=True))
    costs = good.filter(pl.col("cost").is_not_null()).select(
        pl.col("meter").alias("meter_code"), pl.col("ts").dt.replace_time_zone("UTC"), pl.col("cost").alias("cost_e5")
    )
    if len(costs):
        summary.assume(f"The file states costs of {float(costs['cost_e5'].sum()) / 1e5:,.2f} in its currency.")
    typed = good.select(TYPED.names()).cast(dict(TYPED))  # type: ignore[arg-type]
    return GreenButton(typed, issue_frame(issues), costs, raw)


def _type_of(owner: str, feed: _Feed) -> _ReadingType:
    """The ReadingType that a MeterReading links to; the only one of the feed when links are missing."""
    linked = [feed.types[link] for link in feed.type_of_meter.get(owner, []) if link in feed.types]
    if linked:
        return linked[0]
    return next(iter(feed.types.values())) if len(feed.types) == 1 else _WATT_HOURS


def _usable(found: _ReadingType, code: str, summary: ImportSummary) -> bool:
    if found is _WATT_HOURS:
        summary.warn(f"Meter {code} has no ReadingType; its values were taken as Wh.")
    if found.uom not in UOM:
        summary.warn(f"Meter {code} was left out: its unit code {found.uom} is no energy or volume.")
    elif found.register:
        summary.warn(f"Meter {code} was left out: it holds register readings; import them as CSV with --cumulative.")
    return found.uom in UOM and not found.register


def _meter_codes(owners: Sequence[str], meter: str | None) -> dict[str, str]:
    """Short unique codes: the id of the usage point, with that of the meter reading where there are several."""
    if meter is not None and len(owners) == 1:
        return {owners[0]: meter}
    points = {o: re.search(r"UsagePoint/([^/]+)", o) for o in owners}
    short = {o: m[1] if m else (o.rpartition("/")[2] or "meter") for o, m in points.items()}
    if len(set(short.values())) < len(owners):
        short = {o: f"{code}-{o.rpartition('/')[2]}" for o, code in short.items()}
    return short if len(set(short.values())) == len(owners) else {o: o for o in owners}
