"""A forecast model as bytes and back; the same forecasts, bit for bit, after a reload.

Layout: the mark `RFM1`, four bytes of header length (little endian), a JSON header, zlib of the trees' texts, each
ended by a zero byte. A file is never overwritten: its version is the start of the SHA-256 of its content.
"""

from __future__ import annotations

import itertools
import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

import numpy as np
from pydantic import TypeAdapter, ValidationError

from redaptive.domain.forecast.boosters import Recipe, from_texts
from redaptive.domain.forecast.calibration import Stretch
from redaptive.domain.forecast.features import NAMES
from redaptive.domain.forecast.global_model import Fleet, ForecastModel, HorizonModel
from redaptive.errors import InvalidInput

MARK: Final = b"RFM1"
TREES: Final = 3
DAMAGED: Final = "Train it again with `redaptive forecast train`."


@dataclass(frozen=True)
class ModelOrigin:
    """What a model was made of: local dates of its data (both counted), hash, version of the code, commodity.

    `intervals`: last local date of the readings that its intervals were set by.
    """

    first: str
    last: str
    data_hash: str
    code_version: str
    commodity: str = ""
    intervals: str = ""


@dataclass(frozen=True)
class StoredModel:
    """A model with where it came from; `version` is made of its content."""

    model: ForecastModel
    origin: ModelOrigin
    version: str


@dataclass(frozen=True)
class _Part:
    low: list[float]
    high: list[float]
    pooled: tuple[float, float]
    likeness: float
    held: bool = False


@dataclass(frozen=True)
class _Header:
    features: list[str]
    meters: list[str]
    recipe: Recipe
    origin: ModelOrigin
    parts: dict[str, _Part]


_HEADER: Final = TypeAdapter(_Header)


def data_hash(fleets: Sequence[Fleet]) -> str:
    """SHA-256 of meters, days, energy, temperature and calendar of a training, hexadecimal."""
    digest = sha256()
    for fleet in fleets:
        digest.update("\n".join(fleet.names).encode() + struct.pack("<q", fleet.days.first_day))
        for part in (fleet.days.energy, fleet.days.temperature_c, fleet.days.kind):
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def to_bytes(model: ForecastModel, origin: ModelOrigin) -> bytes:
    """The content of a model file."""
    parts = {
        name: _Part(part.stretch.low.tolist(), part.stretch.high.tolist(), part.stretch.pooled, part.likeness,
                    part.held is not None)
        for name, part in model.horizons.items()
    }  # fmt: skip
    header = _Header(list(NAMES), list(model.meters), model.recipe, origin, parts)
    head = json.dumps(asdict(header), allow_nan=False).encode()
    trees = [b for part in model.horizons.values() for b in (part.boosters, part.held) if b is not None]
    texts = b"".join(text.encode() + b"\0" for one in trees for text in one.texts())
    return MARK + struct.pack("<I", len(head)) + head + zlib.compress(texts, 6)


def _sets(parts: Iterable[_Part]) -> int:
    return sum(1 + part.held for part in parts)


def version_of(content: bytes) -> str:
    """First twelve hexadecimal digits of the SHA-256 of a model file."""
    return sha256(content).hexdigest()[:12]


def from_bytes(content: bytes) -> StoredModel:
    """The model of a file; raises InvalidInput where it is damaged or was made for other features."""
    if content[:4] != MARK:
        raise InvalidInput("The file is no forecast model.", field="model", fix=DAMAGED)
    try:
        (size,) = struct.unpack("<I", content[4:8])
        header = _HEADER.validate_json(content[8 : 8 + size])
        texts = zlib.decompress(content[8 + size :]).decode().split("\0")[:-1]
    except (struct.error, zlib.error, UnicodeDecodeError, ValidationError) as error:
        raise InvalidInput("The model file is damaged.", field="model", fix=DAMAGED) from error
    if tuple(header.features) != NAMES or len(texts) != TREES * _sets(header.parts.values()):
        raise InvalidInput("The model was made for other features than this version's.", field="model", fix=DAMAGED)
    horizons = {}
    sets = iter(range(0, len(texts), TREES))
    for name, part in header.parts.items():
        made = [from_texts(tuple(texts[at : at + TREES]), header.recipe.threads)
                for at in itertools.islice(sets, 1 + part.held)]  # fmt: skip
        factors = Stretch(np.array(part.low), np.array(part.high), part.pooled)
        horizons[name] = HorizonModel(made[0], factors, part.likeness, made[1] if part.held else None)
    return StoredModel(ForecastModel(tuple(header.meters), horizons, header.recipe), header.origin, version_of(content))
