"""Files of projects and of non-routine events (CSV or JSON) as checked facts."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from redaptive.domain.baseline.hours import EPOCH
from redaptive.domain.baseline.ipmvp import Option
from redaptive.domain.baseline.non_routine import Adjustment, Treatment
from redaptive.domain.baseline.projects import SavingsProject
from redaptive.errors import InvalidInput

SEPARATOR: Final = ";"
Row = TypeVar("Row", bound=BaseModel)


class ProjectRow(BaseModel):
    """One project of a file; `meters` is a list, or text separated by semicolons."""

    model_config = ConfigDict(extra="forbid")

    code: str
    name: str = ""
    site: str = ""
    measure: str = ""
    meters: tuple[str, ...] = ()
    install_start: date
    install_end: date
    option: Option = "C"
    expected_fraction: float | None = None
    stipulated_kwh: float | None = None
    usd_per_kwh: float | None = None
    measurements: dict[str, float | str | list[float]] = Field(default_factory=dict)

    @field_validator("meters", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(SEPARATOR) if part.strip()) if isinstance(value, str) else value
        )

    def project(self) -> SavingsProject:
        """The project, checked."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return SavingsProject(**{**fields, "name": self.name or self.code}).checked()


class EventRow(BaseModel):
    """One non-routine event of a file; `first` and `last` are local days, both included."""

    model_config = ConfigDict(extra="forbid")

    meter: str
    first: date
    last: date
    cause: str
    confirmed_by: str
    treatment: Treatment = "exclude"
    energy_kwh: float = 0.0
    source: str = ""

    def adjustment(self) -> Adjustment:
        """The adjustment, checked."""
        return Adjustment(
            self.meter, self.first.toordinal() - EPOCH, self.last.toordinal() - EPOCH + 1, self.cause,
            self.confirmed_by, self.treatment, self.energy_kwh, self.source,
        ).checked()  # fmt: skip


def read_projects(path: Path) -> list[SavingsProject]:
    """The projects of a CSV or JSON file; raises InvalidInput naming row and field."""
    found = [_parsed(ProjectRow, row, path, i).project() for i, row in enumerate(_rows(path), start=1)]
    codes = [project.code for project in found]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise InvalidInput(f"{path.name} has project {twice[0]} more than once.", field="code")
    if not found:
        raise InvalidInput(f"{path.name} holds no project.", field="--projects")
    return found


def read_events(path: Path) -> list[Adjustment]:
    """The non-routine events of a CSV or JSON file; raises InvalidInput naming row and field."""
    return [_parsed(EventRow, row, path, i).adjustment() for i, row in enumerate(_rows(path), start=1)]


def _rows(path: Path) -> Sequence[Mapping[str, object]]:
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.", field=str(path))
    try:
        if path.suffix.lower() == ".json":
            rows = json.loads(path.read_text(encoding="utf-8"))
        else:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = [{k: v for k, v in row.items() if v not in ("", None)} for row in csv.DictReader(stream)]
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path.name} cannot be read: {error}.", field=path.name, fix="Give CSV or JSON.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidInput(f"{path.name} is no list of objects.", field=path.name, fix="Write a JSON list or a CSV.")
    return rows


def _parsed(kind: type[Row], row: Mapping[str, object], path: Path, number: int) -> Row:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "row"
        raise InvalidInput(f"{path.name} row {number}, {field}: {first['msg']}.", field=field) from error
