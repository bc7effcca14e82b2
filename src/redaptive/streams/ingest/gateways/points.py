"""What a gateway reads: a TOML map of devices and points, checked when it is loaded."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from redaptive.errors import InvalidInput

Kind = Literal["register", "interval"]

LISTED: Final = 5
"""Faults of a map that are told beside the first."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Point(_Strict):
    """One meter at a device. `scale` makes `unit` of the raw number; `interval` is energy since the last interval."""

    meter: Annotated[str, Field(min_length=1, max_length=100)]
    unit: str = "kWh"
    kind: Kind = "register"
    scale: float = 1.0


class ModbusPoint(Point):
    """A number in one or more registers; `address` counts from 0, as on the wire."""

    address: Annotated[int, Field(ge=0, le=65_535)]
    table: Literal["holding", "input"] = "holding"
    type: Literal["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"] = "uint32"
    word_order: Literal["big", "little"] = "big"


class ModbusDevice(_Strict):
    """A Modbus TCP server, or a unit behind one."""

    host: str
    port: int = 502
    unit_id: Annotated[int, Field(ge=0, le=255)] = 1
    timeout_s: Annotated[float, Field(gt=0)] = 3.0
    point: Annotated[tuple[ModbusPoint, ...], Field(min_length=1)]


class BacnetPoint(Point):
    """A property of an object, for example `analog-input,1`; `cov` asks the device to tell of changes."""

    object: str
    property: str = "present-value"
    cov: bool = False


class BacnetDevice(_Strict):
    """A BACnet/IP device by address, or by instance if it is to be found by Who-Is."""

    address: str | None = None
    instance: int | None = None
    point: Annotated[tuple[BacnetPoint, ...], Field(min_length=1)]


class _Map(_Strict):
    gateway: Annotated[str, Field(min_length=1, max_length=100)]
    interval_s: Annotated[int, Field(ge=1, le=86_400)] = 900

    @field_validator("gateway")
    @classmethod
    def _in_a_topic(cls, code: str) -> str:
        if any(c in "/+#\x00" or c.isspace() for c in code):
            raise ValueError("the code is a part of MQTT topics: write it without blanks, /, + and #")
        return code


class ModbusMap(_Map):
    """A Modbus gateway."""

    protocol: Literal["modbus"] = "modbus"
    device: Annotated[tuple[ModbusDevice, ...], Field(min_length=1)]


class BacnetMap(_Map):
    """A BACnet gateway; `local` is our own address with mask and port."""

    protocol: Literal["bacnet"] = "bacnet"
    local: str = "0.0.0.0/0:47808"
    instance: Annotated[int, Field(ge=0, le=4_194_302)] = 4_194_300
    device: Annotated[tuple[BacnetDevice, ...], Field(min_length=1)]


def load_map(path: Path) -> ModbusMap | BacnetMap:
    """The map at `path`; raises InvalidInput naming the place."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"The map cannot be read: {error}", field=str(path), fix="Write a TOML file.") from error
    kind = BacnetMap if content.get("protocol") == "bacnet" else ModbusMap
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        every = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        # A list without a sound entry is said to be too short, too.
        first, *others = [(at, said) for at, said in every if not any(o.startswith(f"{at}.") for o, _ in every)]
        more = "".join(f" {place}: {said}." for place, said in others[:LISTED])
        left = f" And {len(others) - LISTED} more." if len(others) > LISTED else ""
        raise InvalidInput(f"{first[1]}.{more}{left}", field=f"{path}: {first[0]}", fix="Correct the map.") from error
