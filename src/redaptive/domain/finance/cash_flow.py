"""The cash flow of a project, year by year, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass

from redaptive.domain.finance.returns import (
    Irr,
    escalated,
    irr,
    lcoe_usd_per_kwh,
    mirr,
    npv,
    payback,
    profitability_index,
)
from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class ProjectInputs:
    """A project in USD of year 1; rates are fractions a year. Escalation begins in year 2.

    `energy_kwh_per_y` is needed for the levelised cost only. `incentive_usd` reduces today's outlay. Tax is
    paid on savings less upkeep less straight-line depreciation over the life when `tax_rate` is not 0.
    """

    capex_usd: float
    savings_usd_per_y: float
    discount_rate: float
    life_y: int
    om_usd_per_y: float = 0.0
    savings_escalation: float = 0.0
    om_escalation: float = 0.0
    degradation: float = 0.0
    incentive_usd: float = 0.0
    tax_rate: float = 0.0
    energy_kwh_per_y: float = 0.0
    finance_rate: float | None = None
    reinvest_rate: float | None = None

    def __post_init__(self) -> None:
        if self.capex_usd < 0.0:
            raise InvalidInput("Capital cost is negative.", field="capex_usd", fix="Give it as a positive amount.")
        if not 1 <= self.life_y <= 100:
            raise InvalidInput(f"A life of {self.life_y} years.", field="life_y", fix="Give 1 to 100 years.")
        for name in ("discount_rate", "savings_escalation", "om_escalation"):
            if not -0.99 < getattr(self, name) < 1.0:
                raise InvalidInput(f"{name} is {getattr(self, name)}.", field=name, fix="Give a fraction: 0.08 is 8 %.")


@dataclass(frozen=True)
class ProjectCashFlow:
    """Yearly flows in USD from year 0 and the figures made of them; None where a figure does not exist."""

    flows_usd: tuple[float, ...]
    savings_usd: tuple[float, ...]
    om_usd: tuple[float, ...]
    tax_usd: tuple[float, ...]
    npv_usd: float
    irr: Irr
    mirr: float | None
    simple_payback_y: float | None
    discounted_payback_y: float | None
    profitability_index: float | None
    lcoe_usd_per_kwh: float | None


def project_cash_flow(inputs: ProjectInputs) -> ProjectCashFlow:
    """The project's flows and returns; unrounded."""
    growth = (1.0 + inputs.savings_escalation) * (1.0 - inputs.degradation) - 1.0
    savings = escalated(inputs.savings_usd_per_y, growth, inputs.life_y)
    om = escalated(inputs.om_usd_per_y, inputs.om_escalation, inputs.life_y)
    outlay = inputs.capex_usd - inputs.incentive_usd
    tax = [_tax_usd(inputs, s - o, outlay) for s, o in zip(savings, om, strict=True)]
    flows = [-outlay, *(s - o - t for s, o, t in zip(savings, om, tax, strict=True))]
    energy = escalated(inputs.energy_kwh_per_y, -inputs.degradation, inputs.life_y)
    rate = inputs.discount_rate
    return ProjectCashFlow(
        flows_usd=tuple(flows),
        savings_usd=tuple(savings),
        om_usd=tuple(om),
        tax_usd=tuple(tax),
        npv_usd=npv(rate, flows),
        irr=irr(flows),
        mirr=mirr(flows, _or(inputs.finance_rate, rate), _or(inputs.reinvest_rate, rate)),
        simple_payback_y=payback(flows),
        discounted_payback_y=payback(flows, rate),
        profitability_index=profitability_index(rate, flows),
        lcoe_usd_per_kwh=lcoe_usd_per_kwh(outlay, om, energy, rate),
    )


def _tax_usd(inputs: ProjectInputs, margin_usd: float, outlay_usd: float) -> float:
    return inputs.tax_rate * (margin_usd - outlay_usd / inputs.life_y)


def _or(rate: float | None, default: float) -> float:
    return default if rate is None else rate
