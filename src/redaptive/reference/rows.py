"""Reference rows: read the dated data files and check every row before anything uses it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from redaptive.errors import InvalidInput

_META = ("source", "data_year", "effective_from", "effective_to", "retrieved", "checked")
_TYPES: Mapping[str, type] = {
    "source": str,
    "data_year": int,
    "effective_from": date,
    "effective_to": date,
    "retrieved": date,
    "checked": bool,
}


@dataclass(frozen=True)
class ReferenceRow:
    """One dated row of reference data; it holds from `effective_from` up to, not including, `effective_to`.

    `payload` is the plain content (numbers, text, lists), `unit` the unit of its figures; `annual = true` in it
    marks figures that belong to one `data_year`, so a later use deserves a warning. `checked` is False for a
    figure that nobody has yet compared with its source.
    """

    set_name: str
    key: str
    payload: Mapping[str, object]
    unit: str
    source: str
    data_year: int
    effective_from: date
    effective_to: date | None
    retrieved: date
    version: str
    checked: bool

    @property
    def annual(self) -> bool:
        """True for figures that belong to one `data_year`."""
        return bool(self.payload.get("annual", False))

    def holds_at(self, at: date) -> bool:
        """True when the row is in effect on `at`."""
        return self.effective_from <= at and (self.effective_to is None or at < self.effective_to)

    def warnings_at(self, at: date | None = None) -> tuple[str, ...]:
        """What a reader must be told when this row is used for `at`: unchecked, or older than the activity."""
        notes = []
        if not self.checked:
            notes.append(f"{self.set_name}/{self.key} ({self.version}) is not yet checked at its source")
        if self.annual and at is not None and at.year > self.data_year:
            notes.append(f"{self.set_name}/{self.key}: data of {self.data_year} used for {at.year}, the newest loaded")
        return tuple(notes)


def iter_rows() -> Iterator[ReferenceRow]:
    """All packaged reference rows, in the order of file name and row; raises InvalidInput naming file and row."""
    folder = files("redaptive.reference") / "data"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            yield from parse_rows(entry.read_text(encoding="utf-8"), entry.name)


def parse_rows(text: str, file_name: str) -> Iterator[ReferenceRow]:
    """The rows of one TOML data file; raises InvalidInput with `file:row:field` where something is wrong."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"The reference file is not TOML: {error}.", field=file_name) from error
    for name in ("set", "unit", "version", "defaults"):
        if name not in document:
            raise InvalidInput(f"The reference file has no {name!r}.", field=file_name, fix="Add it at the top.")
    blocks = [{"rows": document.get("rows", {})}, *document.get("periods", [])]
    for block in blocks:
        period = {k: v for k, v in block.items() if k != "rows"}
        for key, content in block["rows"].items():
            yield _row(document, file_name, str(key), {**document["defaults"], **period, **content})


def _row(document: Mapping[str, object], file_name: str, key: str, merged: Mapping[str, object]) -> ReferenceRow:
    where = f"{file_name}:{key}"
    meta = {name: _meta(merged, name, where) for name in _META}
    payload = {name: value for name, value in merged.items() if name not in _META}
    if document.get("annual"):
        payload["annual"] = True
    if not payload:
        raise InvalidInput("The reference row has no content.", field=where, fix="Give it at least one figure.")
    row = ReferenceRow(
        set_name=str(document["set"]),
        key=key,
        payload=payload,
        unit=str(document["unit"]),
        version=str(document["version"]),
        **meta,  # type: ignore[arg-type]  # each value was checked against _TYPES
    )
    if row.effective_to is not None and row.effective_to <= row.effective_from:
        raise InvalidInput("The row ends before it begins.", field=f"{where}:effective_to", fix="Correct the dates.")
    return row


def _meta(merged: Mapping[str, object], name: str, where: str) -> object:
    value = merged.get(name)
    if value is None and name == "effective_to":
        return None
    if not isinstance(value, _TYPES[name]) or (name == "source" and not value):
        fix = f"Give a {_TYPES[name].__name__} in the row or under [defaults]."
        raise InvalidInput(f"The reference row has no usable {name!r}.", field=f"{where}:{name}", fix=fix)
    return value
