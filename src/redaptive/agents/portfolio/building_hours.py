"""Hours of meters summed to hours of buildings; an hour that any meter of a building lacks is absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from redaptive.domain.portfolio.day_grid import Floats, Times

HOUR_S: Final = 3600


@dataclass(frozen=True)
class HourlyLoad:
    """Energy of buildings by hour: `wh` (n_buildings, n_hours), NaN where an hour is not complete.

    Hour i begins `first_hour` + i hours after 1970 (UTC). `codes` are sorted; `timezones` are those of the sites.
    """

    codes: tuple[str, ...]
    timezones: tuple[str, ...]
    first_hour: int
    wh: Floats

    @property
    def times_us(self) -> Times:
        """Start of each hour in microseconds since 1970 (UTC)."""
        return (np.arange(self.wh.shape[1], dtype=np.int64) + self.first_hour) * (HOUR_S * 1_000_000)

    def by_zone(self) -> dict[str, NDArray[np.intp]]:
        """Rows of the buildings of each time zone."""
        zones = np.array(self.timezones, dtype=object)
        return {zone: np.flatnonzero(zones == zone) for zone in sorted(set(self.timezones))}


def building_hours(rows: pl.DataFrame, keys: pl.DataFrame) -> dict[str, HourlyLoad]:
    """Sums by commodity, building and hour inside the period; buildings without any complete hour are left out.

    `rows`: meter_id, hour (since 1970), value_sum (Wh), n of the meters of `keys`, in any order. `keys`: meter_id,
    building_code, commodity, timezone, interval_s, and start and end of the period in UTC.
    Building x hour is a dense table, so that summing is counting: to hash millions of keys takes ten times as long.
    """
    owner = ("commodity", "building_code")
    places = keys.select(*owner, "timezone").unique().sort(*owner).with_columns(place=pl.int_range(pl.len()))
    meters = keys.join(places.select(*owner, "place"), on=owner).with_columns(
        low=_hour("start"), high=_hour("end"), wanted=-(-HOUR_S // pl.col("interval_s").clip(upper_bound=HOUR_S))
    )
    begin, width = _whole(meters["low"].min()), _whole(meters["high"].max()) - _whole(meters["low"].min())
    nowhere = places.height * width
    cell = _cells(rows, meters, begin, width, nowhere)
    shape = (places.height, width)
    present = np.bincount(cell, minlength=nowhere + 1)[:nowhere].reshape(shape)
    # Sums of whole Wh are exact in float64 up to 2**53.
    energy = np.bincount(cell, weights=rows["value_sum"].to_numpy(), minlength=nowhere + 1)[:nowhere].reshape(shape)
    n_meters = np.bincount(meters["place"].to_numpy(), minlength=places.height)
    wh = np.where(present == n_meters[:, None], energy, np.nan)
    complete = places.filter(pl.Series(np.isfinite(wh).any(axis=1)))
    return {str(name): _load(own, begin, wh) for (name,), own in complete.group_by("commodity", maintain_order=True)}


def _load(places: pl.DataFrame, begin: int, wh: Floats) -> HourlyLoad:
    codes, zones = (tuple(places[name].to_list()) for name in ("building_code", "timezone"))
    return HourlyLoad(codes, zones, begin, wh[places["place"].to_numpy()])


def _hour(moment: str) -> pl.Expr:
    """The first whole hour at or after a moment: where a zone's offset is not whole, an hour is inside or not."""
    return -(-pl.col(moment).dt.epoch("s") // HOUR_S)


def _whole(hour: object) -> int:
    assert isinstance(hour, int)
    return hour


def _cells(rows: pl.DataFrame, meters: pl.DataFrame, begin: int, width: int, nowhere: int) -> Times:
    """Cell of the table for each row; rows outside the period or without all their intervals go `nowhere`."""
    number, hour, n = (rows[name].to_numpy() for name in ("meter_id", "hour", "n"))
    ids = meters["meter_id"].to_numpy()

    def of_meter(values: pl.Series) -> Times:
        found = np.zeros(int(ids.max()) + 1, dtype=np.int64)
        found[ids] = values.to_numpy()
        each: Times = found[number]
        return each

    inside = (hour >= of_meter(meters["low"])) & (hour < of_meter(meters["high"])) & (n >= of_meter(meters["wanted"]))
    cell = of_meter(meters["place"] * width - begin)
    cell += hour
    cell[~inside] = nowhere
    return cell
