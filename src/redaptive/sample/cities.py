"""Twelve United States cities: place, climate normals and typical commercial prices."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "NOAA 1991-2020 normals, from memory, unchecked"
PRICE_SOURCE = "typical US commercial price, from memory, unchecked"


@dataclass(frozen=True)
class City:
    """One city; normals are monthly mean air temperatures in degrees Fahrenheit, January first."""

    key: str
    name: str
    state: str
    postal_code: str
    timezone: str
    utc_offset_h: int
    station: str
    climate_zone: str
    egrid_subregion: str
    latitude_deg: float
    longitude_deg: float
    normals_f: tuple[float, ...]
    winter_sd_f: float
    summer_sd_f: float
    diurnal_range_f: float
    dew_depression_f: float
    clearness: float
    hdd65_f: float
    cdd65_f: float
    electricity_usd_per_kwh: float
    demand_usd_per_kw_month: float
    gas_usd_per_kwh: float
    water_usd_per_1000_l: float


def _city(
    place: str,
    zone: str,
    at: tuple[float, float],
    normals: str,
    climate: tuple[float, float, float, float, float],
    days: tuple[float, float],
    prices: tuple[float, float, float, float],
) -> City:
    """A city from its columns; `place` and `zone` are comma-separated texts."""
    key, name, state, postal, station = place.split(",")
    timezone, offset, ashrae, egrid = zone.split(",")
    months = tuple(float(x) for x in normals.split())
    where = (key, name, state, postal, timezone, int(offset), station, ashrae, egrid)
    return City(*where, *at, months, *climate, *days, *prices)


# Columns of the third tuple: anomaly sd winter and summer (F), daily range (F), mean minus dew point (F), clearness.
# Then heating and cooling degree days (base 65 F), then USD: per kWh, per kW-month, per kWh of gas, per 1,000 litres.
CITIES: tuple[City, ...] = (
    _city("CHI,Chicago,IL,60601,KORD", "America/Chicago,-6,5A,RFCW", (41.98, -87.90),
          "25 29 39 50 61 71 75 74 66 54 41 31", (9.0, 5.0, 17.0, 13.0, 0.66), (6190, 930), (0.115, 12.0, 0.031, 2.1)),
    _city("NYC,New York,NY,10001,KNYC", "America/New_York,-5,4A,NYCW", (40.78, -73.97),
          "34 36 43 54 63 72 78 76 69 58 48 39", (7.5, 4.5, 15.0, 15.0, 0.66), (4640, 1220), (0.205, 22.0, 0.038, 3.4)),
    _city("HOU,Houston,TX,77002,KIAH", "America/Chicago,-6,2A,ERCT", (29.98, -95.36),
          "54 58 64 70 77 83 85 85 81 72 62 55", (7.5, 3.0, 19.0, 11.0, 0.68), (1340, 3160), (0.088, 9.0, 0.029, 1.9)),
    _city("PHX,Phoenix,AZ,85004,KPHX", "America/Phoenix,-7,2B,AZNM", (33.43, -112.00),
          "57 60 66 73 82 91 96 94 89 77 65 56", (5.0, 4.0, 23.0, 38.0, 0.85), (830, 4910), (0.112, 14.0, 0.036, 1.5)),
    _city("LAX,Los Angeles,CA,90012,KCQT", "America/Los_Angeles,-8,3B,CAMX", (34.02, -118.29),
          "58 59 61 64 66 69 73 75 74 69 63 58", (4.5, 3.5, 18.0, 14.0, 0.78), (960, 1040), (0.220, 19.0, 0.045, 3.0)),
    _city("ATL,Atlanta,GA,30303,KATL", "America/New_York,-5,3A,SRSO", (33.63, -84.44),
          "45 48 56 63 71 78 81 80 75 64 54 47", (7.5, 3.5, 19.0, 14.0, 0.70), (2660, 1960), (0.112, 11.0, 0.034, 3.1)),
    _city("DEN,Denver,CO,80202,KDEN", "America/Denver,-7,5B,RMPA", (39.83, -104.66),
          "31 33 41 48 58 68 75 73 65 51 39 31", (9.0, 5.0, 25.0, 26.0, 0.76), (5830, 900), (0.112, 13.0, 0.029, 1.6)),
    _city("SEA,Seattle,WA,98101,KSEA", "America/Los_Angeles,-8,4C,NWPP", (47.44, -122.31),
          "43 44 47 51 58 62 68 68 63 54 47 42", (5.0, 4.0, 16.0, 10.0, 0.55), (4590, 260), (0.105, 8.0, 0.036, 4.2)),
    _city("MSP,Minneapolis,MN,55401,KMSP", "America/Chicago,-6,6A,MROW", (44.88, -93.23),
          "16 21 33 47 60 70 75 72 64 50 35 22", (9.0, 5.0, 17.0, 13.0, 0.66), (7410, 810), (0.118, 12.0, 0.030, 2.0)),
    _city("MIA,Miami,FL,33130,KMIA", "America/New_York,-5,1A,FRCC", (25.79, -80.32),
          "69 71 73 77 80 83 84 84 83 80 75 71", (5.0, 3.0, 15.0, 10.0, 0.70), (120, 4750), (0.108, 11.0, 0.041, 1.8)),
    _city("BOS,Boston,MA,02109,KBOS", "America/New_York,-5,5A,NEWE", (42.36, -71.01),
          "30 32 38 49 58 68 74 73 66 55 45 36", (8.0, 5.0, 15.0, 14.0, 0.66), (5530, 830), (0.215, 18.0, 0.046, 4.0)),
    _city("DAL,Dallas,TX,75201,KDFW", "America/Chicago,-6,3A,ERCT", (32.90, -97.02),
          "46 50 58 66 74 82 86 86 79 68 57 48", (8.0, 3.5, 20.0, 15.0, 0.70), (2190, 2960), (0.090, 9.0, 0.029, 1.9)),
)  # fmt: skip

BY_STATION = {city.station: number for number, city in enumerate(CITIES)}
