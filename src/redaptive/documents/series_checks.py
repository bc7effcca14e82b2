"""Checks of readings against each other and against what is possible; refused rows carry the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

import polars as pl

from redaptive.documents.options import ReadingsOptions
from redaptive.documents.registers import differences
from redaptive.documents.results import ISSUE_SCHEMA, LEFT_SCHEMA, MAX_LISTED, ImportSummary, MeterHint
from redaptive.documents.series_units import DEFAULT_UNIT, WH_PER_KWH, factor_frame, unit_of_code
from redaptive.domain.local_stamps import localise
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.quality.flags import Quality

Flagger = Callable[[pl.DataFrame], pl.Series]
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
INT32_MAX = 2**31 - 1
MOST_JUDGED_WH = 1e14
"""Limit of a value that is judged and not stored: no unit of a real meter comes near it."""
DAY_S = 86_400
DAYS_APART = "days apart"
TOO_MUCH_POWER = "kW on average"
"""How the reasons end by which bills and registers that were read as energy are known."""
CLOCK_CHANGE = "if the hour is that of a clock change, give --timezone."
SNAP_SHARE = 0.05
"""Time stamps off the grid of a meter by up to this share of its interval are moved onto it."""
LENIENT_SNAP_SHARE = 0.45
STANDARD_S = (60, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, DAY_S)
STANDARD_SHARE = 0.1
"""Unsteady times whose median distance is this close to a standard interval have that interval."""


@dataclass
class SeriesChecker:
    """Checks groups of meters of one file. `issues` and `hints` grow with every group."""

    codes: Sequence[str]
    options: ReadingsOptions
    summary: ImportSummary
    time_field: str
    value_field: str
    layout_interval_s: int | None = None
    header_unit: str | None = None
    flagger: Flagger | None = None
    issues: list[pl.DataFrame] = field(default_factory=list)
    listed: int = 0
    refused: int = 0
    hints: list[MeterHint] = field(default_factory=list)
    left: list[pl.DataFrame] = field(default_factory=list)
    _intervals: dict[int, int] = field(default_factory=dict)
    _early: list[tuple[pl.DataFrame, str]] = field(default_factory=list)

    def check(self, typed: pl.DataFrame) -> pl.DataFrame:
        """The accepted readings (meter_code, ts, value, quality) of a group of whole meters, sorted."""
        typed = self._in_utc(typed)
        if self.options.lenient:
            typed = typed.with_columns(said=pl.lit(None, pl.Datetime("us", "UTC")) if self.options.cumulative else "ts")
        frame = self._believable_times(typed).sort("meter", "ts", maintain_order=True)
        frame = self._with_interval(frame)
        if self.options.timestamps == "end" and not self.options.cumulative:
            frame = frame.with_columns(pl.col("ts") - pl.duration(seconds="interval_s"))
        frame = self._stored(frame)
        frame = self._distinct(self._on_grid(frame))
        frame = self._no_overlap(frame)
        return self._finished(frame)

    def _refuse(
        self, frame: pl.DataFrame, bad: pl.Expr, where: str, reason: pl.Expr, fix: str | pl.Expr, kind: str = "refused"
    ) -> pl.DataFrame:
        """The rows that are not `bad`; the others become issues, and are left out for the reason `kind`."""
        found = frame.filter(bad)
        if found.is_empty():
            return frame
        shown = fix if isinstance(fix, pl.Expr) else pl.lit(fix)
        issues = found.select(
            "row", pl.lit(where).alias("field"), reason.fill_null("").alias("reason"), shown.alias("fix")
        )
        self.refused += len(issues)
        self._leave(found, kind)
        room = max(0, MAX_LISTED - self.listed)
        self.issues.append(issues.head(room).cast(dict(ISSUE_SCHEMA)))  # type: ignore[arg-type]
        self.listed += min(room, len(issues))
        return frame.filter(~bad)

    def _leave(self, found: pl.DataFrame, reason: str) -> None:
        """Keep rows without a reading for those who give back every row."""
        if not self.options.lenient or found.is_empty():
            return
        if "factor" not in found.columns:
            self._early.append((found, reason))
            return
        # The state of a register is no amount: among differences it would be summed as one.
        energy = (pl.col("value") * pl.col("factor") / WH_PER_KWH).round_sig_figs(15)
        value = pl.lit(None, pl.Float64).alias("value") if self.options.cumulative else energy
        left = found.select("row", self._code(), "ts", value, "said")
        self.left.append(left.with_columns(reason=pl.lit(reason)).match_to_schema(LEFT_SCHEMA))

    def _fix(self, stored: str, judged: str) -> str:
        """What to do: commands that store readings have options that those which judge them lack."""
        return judged if self.options.lenient else stored

    def _settle(self, factors: pl.DataFrame) -> None:
        """Rows that were left out before their unit was known, in that of their meter's readings, or without value."""
        early, self._early = self._early, []
        known = factors.select("meter", "unit", "factor")
        for found, reason in early:
            self._leave(self._with_unit(found).join(known, on=["meter", "unit"], how="left"), reason)

    def _code(self) -> pl.Expr:
        """The code of each row's meter, as text also where there are no rows."""
        return pl.lit(pl.Series(self.codes, dtype=pl.String)).gather("meter").alias("meter_code")

    def _in_utc(self, typed: pl.DataFrame) -> pl.DataFrame:
        """Time stamps in UTC; `dst` marks those in the hour of a clock change."""
        utc = pl.col("ts").dt.replace_time_zone("UTC")
        aware = typed.filter("aware").with_columns(utc, dst=pl.lit(value=False))
        naive = typed.filter(~pl.col("aware"))
        if naive.is_empty():
            return aware
        timezone = self.options.timezone or "UTC"
        if timezone == "UTC":
            self._assume_utc()
            return pl.concat([aware, naive.with_columns(utc, dst=pl.lit(value=False))])
        backwards = naive.select((pl.col("ts").diff().over("meter") < pl.duration(seconds=0)).mean()).item() or 0.0
        local = localise(
            naive["ts"], timezone, key=naive["meter"], nonexistent="shift", newest_first=float(backwards) > 0.5
        )
        naive = naive.with_columns(local["ts"], local["dst_flag"].alias("dst"))
        return pl.concat([aware, naive.select(aware.columns)])

    def _assume_utc(self) -> None:
        if self.options.timezone is None:
            self.summary.assume("Time stamps without an offset are UTC; give --timezone if they are local.")

    def _believable_times(self, frame: pl.DataFrame) -> pl.DataFrame:
        now = (self.options.now or datetime.now(UTC)) + timedelta(days=1)
        shown = pl.format("The time {} lies", pl.col("ts").dt.strftime("%Y-%m-%d %H:%M UTC"))
        frame = self._refuse(
            frame, pl.col("ts") > now, self.time_field, shown + " in the future.", "Check the date and the time zone."
        )
        old = pl.col("ts") < OLDEST
        return self._refuse(frame, old, self.time_field, shown + " before 1990.", "Check the year of the date.")

    def _known_interval(self) -> pl.Expr:
        """What is known of each row's meter beside the file, in seconds; null where nothing is."""
        known = [self.options.known_intervals.get(code) for code in self.codes]
        return pl.lit(pl.Series(known, dtype=pl.Int64)).gather("meter")

    def _with_interval(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Adds `interval_s` per meter: the option, the layout, the commonest duration or the commonest difference."""
        fixed = self.options.interval_s or self.layout_interval_s
        if fixed:
            frame = frame.with_columns(interval_s=pl.lit(fixed, pl.Int64))
        else:
            found = _commonest_interval(frame)
            usual = found["interval_s"].mode().min() if len(found) else None
            frame = frame.join(found, on="meter", how="left", maintain_order="left")
            frame = frame.with_columns(pl.coalesce("interval_s", self._known_interval(), pl.lit(usual, pl.Int64)))
        frame = self._refuse(
            frame, pl.col("interval_s").is_null(), self.time_field,
            pl.lit("The meter has a single reading, so its interval is unknown."), "Give --interval in seconds.",
        )  # fmt: skip
        frame = self._refuse(
            frame, pl.col("interval_s") > 2 * DAY_S, self.time_field,
            pl.format(f"Readings of this meter are {{}} {DAYS_APART}.", pl.col("interval_s") // DAY_S),
            "Import monthly use as bills (`redaptive import bills`): a table with start date, end date and usage.",
        )  # fmt: skip
        self._intervals.update(dict(frame.select("meter", "interval_s").unique().iter_rows()))
        other = pl.col("duration_s").is_not_null() & (pl.col("duration_s") != pl.col("interval_s"))
        return self._refuse(
            frame, other, "duration",
            pl.format("The reading lasts {} s; the meter's interval is {} s.", "duration_s", "interval_s"),
            "Import readings of another interval as another meter.",
        )  # fmt: skip

    def _stored(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Values in Wh or litres that are possible: whole ones that fit the store, or as in the file where lenient."""
        frame = self._with_unit(frame)
        pairs = frame.group_by("meter", "unit", maintain_order=True).len("rows")
        factors = factor_frame(pairs, self.codes, self._intervals, self.options, self.summary)
        frame = frame.join(factors, on=["meter", "unit"], how="left", maintain_order="left")
        self._settle(factors)
        frame = self._refuse(frame, pl.col("factor").is_null(), "unit", pl.col("reason"), pl.col("fix"))
        stored = pl.col("value") * pl.col("factor")
        exact = self.options.lenient and not self.options.cumulative
        frame = frame.with_columns(stored=stored if exact else stored.round())
        if self.options.cumulative:
            frame = self._differences(frame)
        return self._possible(frame)

    def _with_unit(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Units that no cell gives: the option or the header, else the last word of the meter's code, else kWh."""
        if not frame["unit"].null_count():
            return frame
        unit = self.options.unit or self.header_unit
        if self.options.lenient:
            frame = self._as_the_others(frame)
        if unit is None:
            frame = frame.with_columns(pl.coalesce("unit", pl.lit(self._units_of_codes).gather("meter")))
        if unit is None and frame["unit"].null_count():
            self.summary.assume(f"Values without a unit are {DEFAULT_UNIT}.")
        return frame.with_columns(pl.col("unit").fill_null(unit or DEFAULT_UNIT))

    def _as_the_others(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Values without a unit of meters whose other values have all the same one: in that."""
        if frame["unit"].null_count() == len(frame):
            return frame
        given = pl.col("unit").drop_nulls()
        only = pl.when(given.n_unique().over("meter") == 1).then(given.first().over("meter"))
        filled = frame.with_columns(pl.coalesce("unit", only))
        if filled["unit"].null_count() < frame["unit"].null_count():
            self.summary.assume("Values without a unit are in that of their meter's other values.")
        return filled

    @cached_property
    def _units_of_codes(self) -> pl.Series:
        """What the code of each meter of the file says of its unit; told once and not with every group."""
        units = [unit_of_code(code) for code in self.codes]
        for code, said in zip(self.codes, units, strict=True):
            if said:
                self.summary.assume(f"Values of {code} are {said}, as its code says.")
        return pl.Series(units, dtype=pl.String)

    def _differences(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Register readings as differences of rounded registers."""
        frame = self._distinct(frame)
        result = differences(frame, self.options.rollover)
        back = pl.col("backwards")
        result = self._refuse(
            result, back, self.value_field,
            pl.format("The register went back from {} to {}.", "previous", "value"),
            self._fix(
                "If it was exchanged, import the readings before and after apart; if it rolled over, give --rollover.",
                "If it was exchanged, give the readings before and after as two meters.",
            ),
        )  # fmt: skip
        spread = int((result["quality"] & int(Quality.ESTIMATED) > 0).sum())
        if spread:
            self.summary.warn(f"{spread} intervals between distant register readings got equal shares (estimated).")
        return result

    def _possible(self, frame: pl.DataFrame) -> pl.DataFrame:
        stored, kw = pl.col("stored"), pl.col("stored").abs() * 3.6 / pl.col("interval_s")
        shown = pl.format("{} {}", "value", "unit")
        most, told = (MOST_JUDGED_WH, "100 TWh") if self.options.lenient else (INT32_MAX, "2.1 GWh or 2.1 million m3")
        frame = self._refuse(
            frame, stored.abs() > most, self.value_field,
            shown + f" is beyond what one interval can hold ({told}).",
            "Check the unit; give --unit, e.g. Wh instead of kWh, or --cumulative for a register.", "impossible",
        )  # fmt: skip
        frame = self._refuse(
            frame, (kw > self.options.max_kw) & (not self.options.lenient), self.value_field,
            shown + f" would be more than {self.options.max_kw:,.0f} {TOO_MUCH_POWER}.",
            "Check the unit and the multiplier, or raise --max-kw.",
        )  # fmt: skip
        power = pl.col("commodity").is_in([Commodity.ELECTRICITY.value, Commodity.SOLAR.value])
        return self._refuse(
            frame, (stored < 0) & ~power, self.value_field,
            pl.format("{} is negative; {} cannot flow back.", "value", "commodity"),
            self._fix(
                "Correct the value, or give --commodity electricity for a meter with export.",
                "Correct the value; a meter of electricity with export has a code that ends in _e.",
            ),
            "impossible",
        )  # fmt: skip

    def _on_grid(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Time stamps of sub-daily meters on the commonest offset; nearly right ones are moved, others refused."""
        step = pl.col("interval_s")
        frame = frame.with_columns(second=pl.col("ts").dt.epoch("s") % step)
        anchor = frame.group_by("meter").agg(anchor=pl.col("second").mode().min())
        frame = frame.join(anchor, on="meter", how="left", maintain_order="left")
        off = (pl.col("second") - pl.col("anchor") + step // 2) % step - step // 2
        frame = frame.with_columns(off=pl.when(step < DAY_S).then(off).otherwise(0))
        near = pl.col("off").abs() <= step * (LENIENT_SNAP_SHARE if self.options.lenient else SNAP_SHARE)
        frame = self._refuse(
            frame, ~near, self.time_field,
            pl.format("{} overlaps another interval: it is {} s off the meter's {} s grid.",
                      pl.col("ts").dt.strftime("%Y-%m-%d %H:%M:%S UTC"), "off", "interval_s"),
            "Correct the time, or import readings of another interval as another meter.",
        )  # fmt: skip
        moved = int((frame["off"] != 0).sum())
        if not moved:
            return frame
        self.summary.warn(f"{moved} time stamps were moved by a few seconds onto the grid of their meter.")
        return frame.with_columns(pl.col("ts") - pl.duration(seconds="off")).sort("meter", "ts", maintain_order=True)

    def _distinct(self, frame: pl.DataFrame) -> pl.DataFrame:
        """One reading per meter and time: equal ones are dropped and counted, contradicting ones refused."""
        again = (pl.col("meter").diff() == 0) & (pl.col("ts").diff() == pl.duration(seconds=0))
        if not frame.select(again.any()).item():
            return frame
        key = ["meter", "ts"]
        frame = frame.with_columns(
            kinds=pl.col("stored").n_unique().over(key),
            low=pl.col("row").min().over(key),
            top=pl.col("row").max().over(key),
        )
        other = pl.when(pl.col("row") == pl.col("low")).then("top").otherwise("low")
        frame = self._refuse(
            frame, pl.col("kinds") > 1, self.value_field,
            pl.format("{} contradicts row {}: the meter has two values at this time.", "value", other),
            "Delete the wrong one of the two rows" + ("; " + CLOCK_CHANGE if self.options.timezone is None else "."),
            "contradiction",
        ).drop("kinds", "low", "top")  # fmt: skip
        kept = frame.unique(subset=key, keep="first", maintain_order=True)
        self.summary.duplicates += len(frame) - len(kept)
        self._leave(frame.filter(~pl.col("row").is_in(kept["row"].implode())), "duplicate")
        return kept

    def _no_overlap(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Daily readings may be 23 or 25 hours apart; closer ones overlap."""
        apart = pl.col("ts").diff().over("meter").dt.total_seconds()
        return self._refuse(
            frame, ((pl.col("interval_s") >= DAY_S) & (apart < 0.9 * pl.col("interval_s"))).fill_null(value=False),
            self.time_field, pl.lit("The interval overlaps the one before it."), "Correct the time or delete the row.",
        )  # fmt: skip

    def _finished(self, frame: pl.DataFrame) -> pl.DataFrame:
        export = pl.when(pl.col("stored") < 0).then(int(Quality.EXPORT)).otherwise(0)
        dst = pl.when(pl.col("dst")).then(int(Quality.DST_AMBIGUOUS)).otherwise(0)
        frame = frame.with_columns(
            self._code(),
            pl.col("stored").cast(pl.Float64 if self.options.lenient else pl.Int32).alias("value"),
            (pl.col("quality") | export | dst).cast(pl.Int8).alias("quality"),
        )
        self._hint(frame)
        more = ["row", "said"] if self.options.lenient else ["row"] if self.options.with_rows else []
        done = frame.select("meter_code", "ts", "value", "quality", *more)
        if self.flagger is not None and len(done):
            done = done.with_columns((pl.col("quality") | self.flagger(done).cast(pl.Int8)).alias("quality"))
        self._count(done)
        return done

    def _hint(self, frame: pl.DataFrame) -> None:
        facts = frame.group_by("meter_code", maintain_order=True).agg(
            pl.col("unit").first(), pl.col("commodity").first(), pl.col("interval_s").first(),
            pl.col("ts").min().alias("first"), pl.col("ts").max().alias("last"), pl.len().alias("n"),
        )  # fmt: skip
        for code, unit, commodity, interval_s, first, last, n in facts.iter_rows():
            self.hints.append(MeterHint(code, unit, Commodity(commodity), interval_s, first, last, n))
            expected = round((last - first).total_seconds() / interval_s) + 1
            self.summary.gap_intervals += max(0, expected - n)

    def _count(self, done: pl.DataFrame) -> None:
        self.summary.readings += len(done)
        for bit in Quality:
            n = int((done["quality"] & int(bit) > 0).sum())
            if n:
                name = str(bit.name).lower()
                self.summary.flagged[name] = self.summary.flagged.get(name, 0) + n


def _commonest_interval(frame: pl.DataFrame) -> pl.DataFrame:
    """Per meter the commonest duration or difference of time stamps in seconds: meter, interval_s Int64."""
    apart = pl.col("ts").diff().over("meter").dt.total_seconds()
    seconds = pl.coalesce(pl.col("duration_s").cast(pl.Int64), apart).alias("interval_s")
    given = frame.select("meter", seconds).filter(pl.col("interval_s") > 0)
    counts = given.group_by("meter", "interval_s").len()
    ranked = counts.sort(["meter", "len", "interval_s"], descending=[False, True, False])
    found = ranked.group_by("meter", maintain_order=True).agg(
        pl.col("interval_s").first(), share=pl.col("len").first() / pl.col("len").sum()
    )
    found = found.join(given.group_by("meter").agg(median=pl.col("interval_s").median()), on="meter")
    close = [pl.when((pl.col("median") - s).abs() <= STANDARD_SHARE * s).then(s) for s in STANDARD_S]
    unsteady = pl.when(pl.col("share") < 0.5).then(pl.coalesce(close))
    return found.select("meter", pl.coalesce(unsteady, "interval_s").cast(pl.Int64).alias("interval_s"))
