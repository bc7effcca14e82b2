"""What an alert costs a day and how urgent it is. Thresholds are design values; tenants override them by kind."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from redaptive.domain.alerts.kinds import Group, Severity, kind_or_default

WARNING_USD_PER_DAY: Final = 10.0
CRITICAL_USD_PER_DAY: Final = 100.0
CRITICAL_BUILDINGS: Final = frozenset({"hospital", "data_center", "laboratory", "outpatient", "senior_care"})
MUST_RUN: Final = frozenset({"refrigeration", "cold_storage", "life_safety", "medical", "server_room"})
"""End uses that somebody has to look at when they stop."""
STOPPED: Final = 0.1
"""A meter that uses no more than this share of its usual has stopped."""
_HEAT: Final = frozenset({"gas", "steam", "hot_water", "fuel_oil", "propane"})
_CENT: Final = Decimal("0.01")


class Risk(StrEnum):
    """What is at stake beside money."""

    NONE = "none"
    COMFORT = "comfort"
    SUPPLY = "supply"
    """What people's health, food or much data depend on: it is dark, or has stopped."""
    DAMAGE = "damage"
    """Running water."""
    SAFETY = "safety"
    """Escaping gas."""


BEYOND_MONEY: Final = frozenset({Risk.SUPPLY, Risk.SAFETY})
"""Risks that are told of however little money it is."""
RISK_USD_PER_DAY: Final = {
    Risk.NONE: 0.0,
    Risk.COMFORT: 5.0,
    Risk.SUPPLY: 50.0,
    Risk.DAMAGE: 100.0,
    Risk.SAFETY: 1000.0,
}
"""What a risk adds to the rank, as if it cost so much a day."""
_SEVERITY_USD_PER_DAY: Final = {Severity.INFO: 0.0, Severity.WARNING: 10.0, Severity.CRITICAL: 100.0}


@dataclass(frozen=True)
class Subject:
    """What the judgement of an alert needs to know of its place; `steady`: it runs round the clock, None: not known.

    `excess_per_day` has the sign of the change (None: not known); `left` is the share of the usual use that is left.
    """

    kind: str
    commodity: str | None = None
    building_type: str | None = None
    main_meter: bool = False
    steady: bool | None = None
    end_use: str | None = None
    excess_per_day: float | None = None
    left: float | None = None

    @property
    def falls(self) -> bool:
        """Whether less is used (or generated) than usual."""
        return self.excess_per_day is not None and self.excess_per_day < 0

    @property
    def stops(self) -> bool:
        """Whether hardly anything is left of the use, for longer than a short dip."""
        return self.kind != "spike" and self.falls and self.left is not None and self.left <= STOPPED

    @property
    def must_run(self) -> bool:
        """Whether somebody has to look when it stops: its end use, or the main meter of a critical building."""
        use = (self.end_use or "").strip().lower().replace(" ", "_").replace("-", "_")
        return use in MUST_RUN or (self.main_meter and self.building_type in CRITICAL_BUILDINGS)


@dataclass(frozen=True)
class Cost:
    """USD/day to the cent, None where there is no figure, and a note that says why or by which price."""

    usd_per_day: Decimal | None
    note: str


UNSURE: Final = "not known: its weeks differ as much"
OF_THE_METER: Final = "a fault of the meter: no energy, but a bill of these readings is off"


@dataclass(frozen=True)
class Judgement:
    """How urgent an alert is and where it stands among others (USD/day with the risk's weight)."""

    severity: Severity
    risk: Risk
    rank: float


def cost_per_day(
    kind: str, excess_kwh_per_day: float | None, usd_per_kwh: float | None, *, generates: bool = False
) -> Cost:
    """Excess x price; kWh (1,000 litres for water) where no price is known; nothing for alerts about data.

    What a meter of generation (`generates`) reads less is lost, what it reads more is gained.

    >>> cost_per_day("off_hours", 265.0, 0.118).usd_per_day
    Decimal('31.27')
    >>> cost_per_day("off_hours", 265.0, None).note
    'no price at the site'
    """
    if not kind_or_default(kind).priced:
        return Cost(None, "about data: no cost")
    if excess_kwh_per_day is None:
        return Cost(None, "no expectation yet")
    if usd_per_kwh is None:
        return Cost(None, "no price at the site")
    exact = Decimal(repr(float(excess_kwh_per_day))) * Decimal(repr(float(usd_per_kwh))) * (-1 if generates else 1)
    return Cost(exact.quantize(_CENT, ROUND_HALF_UP), f"at {usd_per_kwh:g} USD a unit")


def risk_of(subject: Subject) -> Risk:
    """What is at stake: more gas or water round the clock, silence or a stop of what must run, comfort.

    A fall is no leak. It is at most something that must run and has stopped, or heat that is missing.
    """
    if subject.falls and kind_or_default(subject.kind).priced:
        return _risk_of_a_fall(subject)
    leak = subject.kind in {"night_base", "level_shift"} and subject.steady is not False
    if leak and subject.commodity == "gas":
        return Risk.SAFETY
    if leak and subject.commodity == "water":
        return Risk.DAMAGE
    if subject.building_type in CRITICAL_BUILDINGS and subject.kind in {"gap", "gateway_silent", "site_outage"}:
        return Risk.SUPPLY
    return Risk.COMFORT if subject.kind == "setback" else Risk.NONE


def judge(subject: Subject, usd_per_day: Decimal | None, forced: Severity | None = None) -> Judgement:
    """Severity and rank. `forced` is a tenant's own severity for the kind; safety is critical all the same."""
    rule, risk = kind_or_default(subject.kind), risk_of(subject)
    usd = float(usd_per_day or 0)
    severity = max(_by_money(usd), rule.severity, _by_risk(risk), key=lambda s: s.order)
    if rule.group is Group.QUALITY and subject.main_meter and severity is Severity.INFO:
        severity = Severity.WARNING
    if forced is not None:
        severity = max(forced, _by_risk(risk), key=lambda s: s.order) if risk is Risk.SAFETY else forced
    base = usd if rule.priced and usd_per_day is not None else _SEVERITY_USD_PER_DAY[severity] / 2
    if risk is not Risk.NONE:
        base = max(base, 0.0)  # what is saved does not pay for what has stopped
    return Judgement(severity, risk, base + RISK_USD_PER_DAY[risk])


def _risk_of_a_fall(subject: Subject) -> Risk:
    if not subject.stops or subject.commodity == "solar":  # lost generation has a price
        return Risk.NONE
    if subject.must_run:
        return Risk.SUPPLY
    return Risk.COMFORT if subject.commodity in _HEAT else Risk.NONE


def _by_money(usd_per_day: float) -> Severity:
    if usd_per_day >= CRITICAL_USD_PER_DAY:
        return Severity.CRITICAL
    return Severity.WARNING if usd_per_day >= WARNING_USD_PER_DAY else Severity.INFO


def _by_risk(risk: Risk) -> Severity:
    if risk is Risk.SAFETY:
        return Severity.CRITICAL
    return Severity.WARNING if risk in {Risk.DAMAGE, Risk.SUPPLY} else Severity.INFO
