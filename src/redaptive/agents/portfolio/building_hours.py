"""Hours of meters summed to hours of buildings; an hour that any meter of a building lacks is absent."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

HOUR_S: Final = 3600
HOURLY_SCHEMA: Final = {
    "building_code": pl.String(),
    "timezone": pl.String(),
    "ts": pl.Datetime("us", "UTC"),
    "value": pl.Int64(),
}


def building_hours(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Sums by building and hour, sorted: columns as in `HOURLY_SCHEMA`.

    `rows`: the hours of the meters of `keys`; `keys`: meter_id, building_code, timezone, interval_s, and start and end
    of the period in UTC. Both are sorted by meter. Building x hour is a dense table, so that summing is counting: to
    hash millions of keys takes ten times as long.
    """
    places = keys.select("building_code", "timezone").unique().sort("building_code").with_row_index("place")
    meters = keys.join(places.select("building_code", "place"), on="building_code", maintain_order="left")
    place, hour, value = _whole_hours(rows, meters)
    if not hour.size:
        return pl.DataFrame(schema=HOURLY_SCHEMA)
    first, width = int(hour.min()), int(hour.max() - hour.min()) + 1
    cell, cells = place * width + (hour - first), places.height * width
    present = np.bincount(cell, minlength=cells).reshape(places.height, width)
    # Sums of whole Wh are exact in float64 up to 2**53.
    energy = np.bincount(cell, weights=value, minlength=cells)
    n_meters = np.bincount(meters["place"].to_numpy(), minlength=places.height)
    found = np.flatnonzero(present == n_meters[:, None])
    named = places.select("building_code", "timezone")[found // width]
    at = pl.Series((found % width + first) * (HOUR_S * 1_000_000)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return named.with_columns(ts=at, value=pl.Series(energy[found].astype(np.int64)))


def _whole_hours(
    rows: pl.DataFrame, meters: pl.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Place, hour since 1970 and Wh of the rows inside the period that have all their intervals."""
    n_rows = np.diff(np.searchsorted(rows["meter_id"].to_numpy(), meters["meter_id"].to_numpy()), append=rows.height)

    def each(column: pl.Series) -> NDArray[np.int64]:
        return np.repeat(column.to_numpy().astype(np.int64), n_rows)

    ts, n = rows["hour_ts"].dt.epoch("s").to_numpy(), rows["n"].to_numpy()
    inside = (ts >= each(meters["start"].dt.epoch("s"))) & (ts < each(meters["end"].dt.epoch("s")))
    used = inside & (n * each(meters["interval_s"].clip(upper_bound=HOUR_S)) >= HOUR_S)
    return each(meters["place"])[used], ts[used] // HOUR_S, rows["value_sum"].to_numpy()[used]
