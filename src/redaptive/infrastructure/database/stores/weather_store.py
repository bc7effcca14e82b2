"""Hourly weather of one tenant's stations."""

from __future__ import annotations

from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import polars as pl

from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.upsert import CHUNK_ROWS, UpsertCount, counted

VALUES = ("air_temperature_c", "relative_humidity_pct", "global_irradiance_w_m2")

# Hours travel as integers, and each column as one array literal that polars writes: far cheaper than a Python list.
_UPSERT: LiteralString = """
WITH written AS (
INSERT INTO weather_observations
  (tenant_id, station, ts, air_temperature_c, relative_humidity_pct, global_irradiance_w_m2)
SELECT %(tenant)s, %(station)s, to_timestamp(i.epoch_s), i.t, i.rh, i.ghi
FROM unnest(%(ts)s::int8[], %(t)s::real[], %(rh)s::real[], %(ghi)s::real[]) AS i (epoch_s, t, rh, ghi)
LEFT JOIN weather_observations w
  ON w.tenant_id = %(tenant)s AND w.station = %(station)s AND w.ts = to_timestamp(i.epoch_s)
WHERE w.ts IS NULL
   OR (w.air_temperature_c, w.relative_humidity_pct, w.global_irradiance_w_m2) IS DISTINCT FROM (i.t, i.rh, i.ghi)
ON CONFLICT (tenant_id, station, ts) DO UPDATE SET
  air_temperature_c = excluded.air_temperature_c, relative_humidity_pct = excluded.relative_humidity_pct,
  global_irradiance_w_m2 = excluded.global_irradiance_w_m2
RETURNING (xmax = 0) AS inserted)
SELECT count(*) AS written, count(*) FILTER (WHERE inserted) AS inserted FROM written
"""


class WeatherStore:
    """Hours by station; temperatures in °C, humidity in percent, irradiance in W/m2."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID) -> None:
        self._pools = pools
        self._tenant_id = tenant_id

    async def upsert_hours(self, station: str, frame: pl.DataFrame) -> UpsertCount:
        """Write hours (`ts` start of the hour UTC, and the three values; NaN and null mean not measured).

        Missing value columns are taken as not measured. Raises InvalidInput for a missing or repeated `ts`.
        """
        hours = _checked(frame)
        count = UpsertCount()
        async with self._pools.transaction(self._tenant_id) as connection:
            for chunk in hours.iter_slices(CHUNK_ROWS):
                t, rh, ghi = (_literal(chunk[name]) for name in VALUES)
                values = {"ts": _literal(chunk["epoch_s"]), "t": t, "rh": rh, "ghi": ghi}
                cursor = await connection.execute(_UPSERT, {**values, "tenant": self._tenant_id, "station": station})
                count += counted(await cursor.fetchall(), chunk.height)
        return count

    async def hourly(self, station: str, start: datetime, end: datetime) -> pl.DataFrame:
        """Frame (ts UTC, air_temperature_c, relative_humidity_pct, global_irradiance_w_m2) of [start, end), by ts."""
        rows = await self._pools.query(
            "SELECT ts, air_temperature_c, relative_humidity_pct, global_irradiance_w_m2 FROM weather_observations"
            " WHERE station = %s AND ts >= %s AND ts < %s ORDER BY ts",
            (station, start, end),
            tenant_id=self._tenant_id,
        )
        schema = pl.Schema({"ts": pl.Datetime("us", "UTC"), **dict.fromkeys(VALUES, pl.Float64())})
        return pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema)

    async def daily(self, station: str, start: date, end: date, timezone: str) -> pl.DataFrame:
        """Frame (day Date, t_mean_c Float64, n_hours UInt32) of the local days in [start, end) that have any hour.

        A day has 23 or 25 hours when the clock changes; `n_hours` counts hours with a temperature.
        """
        rows = await self._pools.query(
            "SELECT (ts AT TIME ZONE %(zone)s)::date AS day, avg(air_temperature_c::float8) AS t_mean_c,"
            " count(air_temperature_c) AS n_hours FROM weather_observations WHERE station = %(station)s"
            " AND ts >= %(start)s::timestamp AT TIME ZONE %(zone)s AND ts < %(end)s::timestamp AT TIME ZONE %(zone)s"
            " GROUP BY 1 HAVING count(air_temperature_c) > 0 ORDER BY 1",
            {"zone": timezone, "station": station, "start": start, "end": end},
            tenant_id=self._tenant_id,
        )
        schema = {"day": pl.Date, "t_mean_c": pl.Float64, "n_hours": pl.UInt32}
        return pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema)

    async def stations(self) -> pl.DataFrame:
        """Frame (station, first_ts, last_ts, n_hours), by station."""
        rows = await self._pools.query(
            "SELECT station, min(ts) AS first_ts, max(ts) AS last_ts, count(*) AS n_hours"
            " FROM weather_observations GROUP BY station ORDER BY station",
            tenant_id=self._tenant_id,
        )
        moment = pl.Datetime("us", "UTC")
        schema = pl.Schema({"station": pl.String(), "first_ts": moment, "last_ts": moment, "n_hours": pl.Int64()})
        return pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema)


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    if "ts" not in frame.columns or frame["ts"].null_count():
        raise InvalidInput("Weather rows need a time.", field="ts", fix="Give `ts`, the start of each hour in UTC.")
    if frame["ts"].n_unique() < frame.height:
        twice = frame.filter(pl.col("ts").is_duplicated())["ts"][0]
        raise InvalidInput(f"The hour {twice} occurs more than once.", field="ts", fix="Keep one row per hour.")
    values = [_value(frame, name) for name in VALUES]
    return frame.select(pl.col("ts").dt.epoch("s").alias("epoch_s"), *values)


def _value(frame: pl.DataFrame, name: str) -> pl.Expr:
    if name not in frame.columns:
        return pl.lit(None, dtype=pl.Float64).alias(name)
    return pl.col(name).cast(pl.Float64).fill_nan(None)


def _literal(column: pl.Series) -> str:
    return "{" + ",".join(column.cast(pl.String).fill_null("NULL").to_list()) + "}"
