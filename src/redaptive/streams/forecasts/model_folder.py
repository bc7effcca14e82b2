"""Trained models on disk: a folder a tenant under the home, never overwritten, chosen by commodity and time.

A file is `forecast-COMMODITY-LAST-VERSION.rfm`, LAST being the last local day of its data, for trees or
intervals. A forecast that is issued in the past must not use a model that has seen what came later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from redaptive.domain.forecast.boosters import from_texts
from redaptive.domain.forecast.model_bytes import StoredModel, from_bytes, version_of
from redaptive.errors import InvalidInput, NotFound

SUFFIX: Final = ".rfm"
_NAME: Final = re.compile(r"^forecast-([a-z_]+)-(\d{4}-\d{2}-\d{2})-[0-9a-f]{12}$")
_SAFE: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")


@dataclass(frozen=True)
class ModelFile:
    """A model on disk: commodity, last local day of its data."""

    path: Path
    commodity: str
    last: date


class ModelFolder:
    """The models of one tenant."""

    def __init__(self, home: Path, tenant: str) -> None:
        """Raises InvalidInput for a tenant whose name is no folder name."""
        if not _SAFE.match(tenant):
            raise InvalidInput(f"{tenant!r} cannot name a folder of models.", field="tenant")
        self.path = home / "forecast-models" / tenant

    def save(self, content: bytes, commodity: str, last: str) -> Path:
        """Writes a model, whole or not at all; the path."""
        self.path.mkdir(parents=True, exist_ok=True)
        path = self.path / f"forecast-{commodity}-{last}-{version_of(content)}{SUFFIX}"
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
        return path

    def files(self) -> list[ModelFile]:
        """All models, those with the newest data last, then those written last."""
        found = []
        for path in self.path.glob(f"*{SUFFIX}"):
            named = _NAME.match(path.stem)
            if named:
                file = ModelFile(path, named[1], date.fromisoformat(named[2]))
                found.append((file.last, path.stat().st_mtime_ns, path.name, file))
        return [item[-1] for item in sorted(found, key=lambda item: item[:-1])]

    def newest(self, commodity: str, issued: date) -> ModelFile | None:
        """The newest model of a commodity whose data end before the local day of issue; None without one."""
        fit = [file for file in self.files() if file.commodity == commodity and file.last < issued]
        return fit[-1] if fit else None

    def later(self, commodity: str, issued: date) -> bool:
        """Whether there are models of the commodity whose data end later than the issue allows."""
        return any(file.commodity == commodity and file.last >= issued for file in self.files())


def load_model(path: Path) -> StoredModel:
    """The model of a file, kept in memory for the next time; raises NotFound and InvalidInput."""
    if not path.is_file():
        raise NotFound(f"There is no model {path}.", field="--model", fix="Run `redaptive forecast train`.")
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _load(path: Path, _mtime_ns: int) -> StoredModel:
    return from_bytes(path.read_bytes())


class TrainingFolder:
    """Trees of a training that was stopped, so that it goes on where it was."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def kept(self, name: str, threads: int) -> tuple[str, ...] | None:
        """The texts of the trees that were fitted under a name; None where none were or the file is damaged."""
        path = self._path / f"{name}.trees"
        if not path.is_file():
            return None
        texts = tuple(path.read_text(encoding="utf-8").split("\0")[:-1])
        try:
            from_texts(texts, threads)
        except InvalidInput:
            return None
        return texts

    def keep(self, name: str, texts: tuple[str, ...]) -> None:
        """Writes the trees, whole or not at all."""
        self._path.mkdir(parents=True, exist_ok=True)
        part = self._path / f"{name}.part"
        part.write_text("".join(f"{text}\0" for text in texts), encoding="utf-8")
        part.replace(self._path / f"{name}.trees")

    def clear(self) -> None:
        """Removes the trees; a training that is done needs them no more."""
        if not self._path.is_dir():
            return
        for path in self._path.iterdir():
            path.unlink()
        self._path.rmdir()
