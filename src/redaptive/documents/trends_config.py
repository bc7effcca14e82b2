"""The configuration of a file of trends (TOML): which column is which point, in which unit; thresholds; constants."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from redaptive.documents.columns import key_of
from redaptive.domain.equipment.points import POINTS, converted, point
from redaptive.domain.equipment.resample import STEPS_S
from redaptive.errors import InvalidInput

SHORTER: Final[Mapping[str, str]] = {
    "temperature": "temp", "tmp": "temp", "discharge": "supply", "outside": "outdoor", "oa": "outdoor air",
    "sa": "supply air", "da": "supply air", "ma": "mixed air", "ra": "return air", "sf": "supply fan",
    "sp": "setpoint", "stpt": "setpoint", "spt": "setpoint", "clg": "cooling", "htg": "heating", "chw": "cooling",
    "hw": "heating", "hhw": "heating", "sts": "status", "spd": "speed", "dmpr": "damper", "vlv": "valve",
}  # fmt: skip
EMPTY: Final = frozenset({"position", "pos", "coil", "sensor", "pct", "percent", "signal", "output", "value", "ahu"})
USUAL_NAMES: Final[Mapping[str, str]] = {
    "supply air temp": "sat", "supply temp": "sat", "mixed air temp": "mat", "mixed temp": "mat",
    "return air temp": "rat", "return temp": "rat", "outdoor air temp": "oat", "outdoor temp": "oat",
    "supply air temp setpoint": "sat_setpoint", "sat setpoint": "sat_setpoint", "cooling valve": "cooling_valve",
    "heating valve": "heating_valve", "outdoor air damper": "oa_damper", "economizer damper": "oa_damper",
    "supply fan speed": "fan", "fan speed": "fan", "supply fan status": "fan_status", "supply fan": "fan",
    "duct static pressure": "dsp", "duct static pressure setpoint": "dsp_setpoint", "zone temp": "zone",
    "zone air temp": "zone", "room temp": "zone",
}  # fmt: skip
"""What people call the points of air handlers and boxes; anything else needs a mapping."""


class PointColumn(BaseModel):
    """Where a point is in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    column: str
    unit: str | None = None


class TrendsConfig(BaseModel):
    """What a file of trends says; everything may be left out where the file says it itself.

    `points` maps a role to a column, or to {column, unit}. `equipment` names the equipment of the whole file,
    `equipment_column` the column that does. With `point_column` and `value_column` each row holds one sample.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    equipment: str | None = None
    kind: Literal["ahu", "plant", "vav"] = "ahu"
    time_column: str | None = None
    equipment_column: str | None = None
    point_column: str | None = None
    value_column: str | None = None
    timezone: str = "UTC"
    interval_s: int | None = None
    hold_min: float = Field(default=0.0, ge=0)
    points: Mapping[str, PointColumn] = {}
    constants: Mapping[str, float] = {}
    thresholds: Mapping[str, float] = {}

    @field_validator("points", mode="before")
    @classmethod
    def _short(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return {role: {"column": column} if isinstance(column, str) else column for role, column in given.items()}

    @field_validator("interval_s")
    @classmethod
    def _divides_a_day(cls, given: int | None) -> int | None:
        if given is not None and given not in STEPS_S:
            raise ValueError(f"must be one of {', '.join(map(str, STEPS_S))}")
        return given


def read_config(path: Path | None) -> TrendsConfig:
    """The configuration in a TOML file; the default one without a file.

    :raises InvalidInput: with the place of what is wrong, and with the nearest role for an unknown one.
    """
    if path is None:
        return TrendsConfig()
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path.name} is not TOML: {error}.", field=path.name, fix="See `redaptive equipment rules --help`."
        ) from error
    try:
        config = TrendsConfig.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"{where}: {first['msg']}.",
            field=f"{path.name}:{where}",
            fix=f"Keys: {', '.join(TrendsConfig.model_fields)}.",
        ) from error
    for role in (*config.points, *config.constants):
        point(role)
    for role, column in config.points.items():
        converted(np.zeros(1), role, column.unit)
    return config


def roles_of(columns: list[str], kind: str = "ahu") -> dict[str, PointColumn]:
    """Columns whose own name is a role or a usual name of one, in any case, with a unit in brackets if they have one.

    >>> {role: column.column for role, column in roles_of(["SA_TEMP", "Mixed Air Temperature", "fan"]).items()}
    {'fan': 'fan', 'sat': 'SA_TEMP', 'mat': 'Mixed Air Temperature'}
    """
    found: dict[str, PointColumn] = {}
    own = [c for c in columns if _plain(c).replace(" ", "_") in POINTS]  # a role's own name goes before other names
    columns = [*own, *(c for c in columns if c not in own)]
    for column in columns:
        name, _, unit = column.partition("[") if "[" in column else column.partition("(")
        role = name.strip().lower().replace(" ", "_").replace("-", "_")
        if role not in POINTS:
            role = USUAL_NAMES.get(_plain(name), role)
            role = "dat" if kind == "vav" and role == "sat" else role
        if role in POINTS and role not in found:
            found[role] = PointColumn(column=column, unit=unit.rstrip("]) ").strip() or None)
    return found


def _plain(name: str) -> str:
    """A header without unit, case and punctuation, in the words that `USUAL_NAMES` has."""
    words = key_of(name.partition("[")[0]).split()
    shorter = [SHORTER.get(word, word) for word in words]
    return " ".join(word for word in shorter if word not in EMPTY)
