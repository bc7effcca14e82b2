"""Projects whose savings are verified: which meters, when it was installed, by which option, what was expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from redaptive.domain.baseline.ipmvp import (
    Option,
    OptionSavings,
    Simulation,
    Stipulated,
    advised_option,
    option_a,
    option_b,
    option_d,
)
from redaptive.errors import InvalidInput

BASELINE_DAYS: Final = 365
MAX_REPORTING_DAYS: Final = 366
OPTIONS: Final[tuple[Option, ...]] = ("A", "B", "C", "D")


@dataclass(frozen=True)
class SavingsProject:
    """One project. `install_start` to `install_end` are local days and left out (blackout), the end day included.

    `expected_fraction` of the meters' use; `stipulated_kwh` a year is what is settled on when savings are not verified.
    `measurements`: what options A, B and D need (docs/explanation/baselines.md).
    """

    code: str
    name: str
    meters: tuple[str, ...]
    install_start: date
    install_end: date
    site: str = ""
    measure: str = ""
    option: Option = "C"
    expected_fraction: float | None = None
    stipulated_kwh: float | None = None
    usd_per_kwh: float | None = None
    measurements: Mapping[str, object] = field(default_factory=dict)

    def checked(self) -> SavingsProject:
        """Itself; raises InvalidInput naming the field that cannot be used."""
        if not self.code.strip():
            raise InvalidInput("A project has no code.", field="code")
        if self.install_end < self.install_start:
            raise InvalidInput(f"Project {self.code} ends its installation before it begins.", field="install_end")
        if self.option not in OPTIONS:
            raise InvalidInput(
                f"Project {self.code} has option {self.option!r}.", field="option", fix="Give A, B, C or D."
            )
        if self.option == "C" and not self.meters:
            raise InvalidInput(f"Project {self.code} names no meter.", field="meters")
        if self.expected_fraction is not None and not 0 < self.expected_fraction < 1:
            raise InvalidInput(
                f"Project {self.code} expects {self.expected_fraction} of its use.", field="expected_fraction",
                fix="Give a share between 0 and 1.",
            )  # fmt: skip
        return self

    @property
    def baseline_days(self) -> tuple[date, date]:
        """Local days [first, end) of the year before the installation."""
        return self.install_start - timedelta(days=BASELINE_DAYS), self.install_start

    def reporting_days(self, until: date) -> tuple[date, date]:
        """Local days [first, end) after the installation, to `until` or a year; InvalidInput when there are none."""
        first = self.install_end + timedelta(days=1)
        end = min(until, first + timedelta(days=MAX_REPORTING_DAYS))
        if end <= first:
            raise InvalidInput(
                f"Project {self.code} was installed until {self.install_end}; there is nothing to report yet.",
                field="install_end",
            )
        return first, end

    def advice(self) -> str | None:
        """What domain.md 7.7 advises where the option is another one; None where it agrees or nothing is expected."""
        if self.expected_fraction is None or self.option == "D":
            return None
        advised = advised_option(self.expected_fraction, submetered=self.option == "B")
        if advised == self.option:
            return None
        return f"With {self.expected_fraction:.0%} expected, option {advised} is advised instead of {self.option}."


def measured_savings(project: SavingsProject) -> OptionSavings:
    """Savings by option A, B or D from the project's measurements; raises InvalidInput where one is missing."""
    if project.option == "A":
        hours = Stipulated(_number(project, "hours"), _number(project, "hours_half_90"), _text(project, "hours_source"))
        return option_a(
            _numbers(project, "before_kw"), _numbers(project, "after_kw"), hours, int(_number(project, "units", 1))
        )
    if project.option == "B":
        return option_b(_numbers(project, "before_kwh"), _numbers(project, "after_kwh"), _number(project, "days"))
    simulation = Simulation(
        _text(project, "simulation"),
        "hourly" if _text(project, "interval") == "hourly" else "monthly",
        np.asarray(_numbers(project, "calibration_measured")),
        np.asarray(_numbers(project, "calibration_simulated")),
    )
    return option_d(simulation, _numbers(project, "baseline_kwh"), _numbers(project, "reporting_kwh"))


def _missing(project: SavingsProject, name: str) -> InvalidInput:
    return InvalidInput(
        f"Project {project.code} by option {project.option} lacks {name}.", field=f"measurements.{name}"
    )


def _numbers(project: SavingsProject, name: str) -> Sequence[float]:
    value = project.measurements.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise _missing(project, name)
    try:
        return [float(v) for v in value]
    except (TypeError, ValueError) as error:
        raise _missing(project, name) from error


def _number(project: SavingsProject, name: str, default: float | None = None) -> float:
    value = project.measurements.get(name, default)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _missing(project, name)
    return float(value)


def _text(project: SavingsProject, name: str) -> str:
    value = project.measurements.get(name)
    if not isinstance(value, str):
        raise _missing(project, name)
    return value
