"""Hourly baselines as bytes and back: versioned, checked, and bit for bit the same predictions after a reload.

Layout: the mark `RBL1`, four bytes of header length, a JSON header, zlib of the arrays one after the other, little
endian. Coefficients are small integers with powers of two (`fixed_point.py`), effects of weeks half precision, because
the fit rounds them so. About 0.9 KB a meter. A file is never overwritten: its `version` is made of what it holds.
Format 3 has slopes of every hour of the day; files of formats 1 and 2 have two slopes and are refused: fit again.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from pydantic import TypeAdapter

from redaptive.domain.baseline.fixed_point import coded, decoded
from redaptive.domain.baseline.hourly_model import ALPHA_STEPS, SLOPE_STEPS, HourlyModels
from redaptive.domain.baseline.hours import F64, SLOTS, WEEKS, SiteHours
from redaptive.domain.baseline.slopes import GROUPS
from redaptive.domain.baseline.weather_basis import BASIS, SEGMENTS, WeatherBasis
from redaptive.errors import InvalidInput

MARK: Final = b"RBL1"
FORMAT: Final = 3
Shape = tuple[int, ...]


@dataclass(frozen=True)
class ModelOrigin:
    """What the models of a file were made of.

    `start_s`, `end_s`: UTC seconds of the fit period; `data_hash` of the energy and temperatures that were used;
    `calendar`: country, subdivision and year range of the holidays, or a name; `checks`: failed checks by meter.
    """

    meters: tuple[str, ...]
    station: str
    timezone: str
    calendar: str
    start_s: int
    end_s: int
    data_hash: str
    code_version: str
    cv_rmse: tuple[float | None, ...] = ()
    checks: tuple[tuple[str, ...], ...] = ()


_ORIGIN: Final = TypeAdapter(ModelOrigin)


@dataclass(frozen=True)
class ModelFile:
    """The models of one station and where they came from; `version` is the start of the content's SHA-256."""

    models: HourlyModels
    origin: ModelOrigin
    version: str


def data_hash(energy: F64, hours: SiteHours) -> str:
    """SHA-256 of the energy and the weather of a fit, hexadecimal."""
    digest = sha256(np.ascontiguousarray(energy, dtype="<f8").tobytes())
    digest.update(np.ascontiguousarray(hours.temperature_c, dtype="<f8").tobytes())
    digest.update(struct.pack("<q", hours.start_s) + np.ascontiguousarray(hours.slot, dtype="<i8").tobytes())
    return digest.hexdigest()


def to_bytes(models: HourlyModels, origin: ModelOrigin) -> bytes:
    """The file; the same models and origin give the same bytes.

    :raises InvalidInput: when the origin names another number of meters.
    """
    if len(origin.meters) != models.n_meters:
        raise InvalidInput(f"{len(origin.meters)} names for {models.n_meters} models.", field="meters")
    header = json.dumps({"format": FORMAT, **asdict(origin)}, sort_keys=True).encode()
    body = zlib.compress(b"".join(_packed(models)), 6)
    return MARK + struct.pack("<I", len(header)) + header + body


def version_of(content: bytes) -> str:
    """The version of a file: the first 16 digits of its SHA-256."""
    return sha256(content).hexdigest()[:16]


def from_bytes(content: bytes) -> ModelFile:
    """The models of a file; raises InvalidInput where it is none, is cut, or is of a later format."""
    if content[:4] != MARK:
        raise InvalidInput(
            "This is no file of baselines.", field="models", fix="Give a file that `baseline fit` wrote."
        )
    try:
        (size,) = struct.unpack("<I", content[4:8])
        header = json.loads(content[8 : 8 + size])
        body = zlib.decompress(content[8 + size :])
        if (found := header.pop("format")) != FORMAT:
            raise InvalidInput(
                f"The file of baselines has format {found}, this version reads format {FORMAT}.",
                field="models",
                fix=f"Fit again with `redaptive baseline fit`; code {header['code_version']} wrote it.",
            )
        origin = _ORIGIN.validate_python(header)
        return ModelFile(_unpacked(body, len(origin.meters)), origin, version_of(content))
    except (struct.error, ValueError, zlib.error, KeyError, TypeError) as error:
        raise InvalidInput("The file of baselines is damaged.", field="models", fix="Fit again.") from error


def _packed(models: HourlyModels) -> Sequence[bytes]:
    basis = np.concatenate([models.basis.knots, models.basis.mean, models.basis.spread])
    bits = np.packbits(np.column_stack([models.occupied, models.can_export]), axis=1)
    alpha, alpha_by = coded(models.alpha, ALPHA_STEPS, 1)
    slope, slope_by = coded(models.slope, SLOPE_STEPS, 1)
    values = (basis, models.scale, alpha, alpha_by, slope, slope_by, models.level, models.week, bits)
    return [
        np.ascontiguousarray(value).astype(kind).tobytes() for value, (kind, _) in zip(values, _parts(0), strict=True)
    ]


def _parts(meters: int) -> Sequence[tuple[str, Shape]]:
    return (
        ("<f8", (SEGMENTS - 1 + 2 * BASIS,)),
        ("<f8", (meters,)),
        ("<i2", (meters, SLOTS)),
        ("i1", (meters,)),
        ("i1", (meters, GROUPS, BASIS)),
        ("i1", (meters, BASIS)),
        ("<f4", (meters,)),
        ("<f2", (meters, 2, WEEKS)),
        ("u1", (meters, -(-(SLOTS + 1) // 8))),
    )


def _unpacked(body: bytes, meters: int) -> HourlyModels:
    at, found = 0, []
    for kind, shape in _parts(meters):
        count = int(np.prod(shape))
        found.append(np.frombuffer(body, dtype=kind, count=count, offset=at).reshape(shape))
        at += count * np.dtype(kind).itemsize
    if at != len(body):
        raise ValueError("trailing bytes")
    basis, scale, alpha, alpha_by, slope, slope_by, level, week, bits = found
    flags = np.unpackbits(bits, axis=1, count=SLOTS + 1).astype(np.bool_)
    knots, mean, spread = np.split(basis.astype(np.float64), [SEGMENTS - 1, SEGMENTS - 1 + BASIS])
    return HourlyModels(
        WeatherBasis(knots, mean, spread),
        scale.astype(np.float64),
        decoded(alpha, alpha_by, 1),
        decoded(slope, slope_by, 1),
        flags[:, :SLOTS],
        week.astype(np.float64),
        level.astype(np.float64),
        flags[:, SLOTS],
    )
