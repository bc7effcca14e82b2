"""What the finance tools answer with. Money is exact to the cent; rates and shares are fractions (0.08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from redaptive.agents.entities import BuildingCode, MeterCode, ProjectId, TariffId


@dataclass(frozen=True)
class BillLine:
    """One charge of a billing month."""

    charge: str
    quantity: float
    unit: str
    rate_usd_per_unit: Decimal
    amount_usd: Decimal


@dataclass(frozen=True)
class BilledMonth:
    """One billing month by the tariff; `billed_kw` includes ratchet and minimum."""

    start: date
    end: date
    energy_kwh: float
    peak_kw: float
    billed_kw: float
    lines: tuple[BillLine, ...]
    total_usd: Decimal


@dataclass(frozen=True)
class TariffBill:
    """The bill of a meter by a tariff, month by month."""

    meter_code: MeterCode
    tariff_id: TariffId
    tariff_version: str
    months: tuple[BilledMonth, ...]
    total_usd: Decimal


@dataclass(frozen=True)
class TariffCost:
    """A year by one tariff; a tariff that is not eligible says why and has no cost."""

    tariff_id: TariffId
    name: str
    eligible: bool
    reason: str | None
    cost_usd_per_y: Decimal | None
    saving_usd_per_y: Decimal | None


@dataclass(frozen=True)
class TariffComparison:
    """Eligible tariffs of a meter, cheapest first; savings against the present one."""

    meter_code: MeterCode
    current_tariff_id: TariffId | None
    cheapest_tariff_id: TariffId
    saving_usd_per_y: Decimal | None
    tariffs: tuple[TariffCost, ...]


@dataclass(frozen=True)
class CashYear:
    """One year of a project; year 0 is today. Costs and taxes are negative in `net_usd` only."""

    year: int
    savings_usd: Decimal
    om_usd: Decimal
    tax_usd: Decimal
    net_usd: Decimal
    cumulative_usd: Decimal


@dataclass(frozen=True)
class CashFlow:
    """Yearly cash flow of a project and its figures; a rate is None where it does not exist, with the reason."""

    years: tuple[CashYear, ...]
    npv_usd: Decimal
    irr: float | None
    irr_note: str | None
    mirr: float | None
    simple_payback_y: float | None
    discounted_payback_y: float | None
    profitability_index: float | None
    lcoe_usd_per_kwh: Decimal | None


@dataclass(frozen=True)
class FeeYear:
    """One contract year: the fee, the savings that pay it, and what is left to each party."""

    year: int
    fee_usd: Decimal
    savings_usd: Decimal
    customer_net_usd: Decimal
    provider_net_usd: Decimal
    buy_out_usd: Decimal


@dataclass(frozen=True)
class PartyReturn:
    """What a contract is worth to one party."""

    npv_usd: Decimal
    irr: float | None


@dataclass(frozen=True)
class EaasContract:
    """A contract: fees by year, both parties' returns, and the band of first-year fees that suits both."""

    form: str
    term_y: int
    first_fee_usd_per_y: Decimal
    fee_floor_usd_per_y: Decimal
    fee_ceiling_usd_per_y: Decimal
    feasible: bool
    reason: str | None
    years: tuple[FeeYear, ...]
    provider: PartyReturn
    customer: PartyReturn
    rate_usd_per_kwh: Decimal | None


@dataclass(frozen=True)
class ProjectSelection:
    """The best set of projects, its sums, the limits that bind, and how far it can be from the optimum."""

    chosen_project_ids: tuple[ProjectId, ...]
    objective: str
    npv_usd: Decimal
    capex_usd: Decimal
    savings_usd_per_y: Decimal
    avoided_t_co2e_per_y: float
    crew_hours: float
    simple_payback_y: float | None
    unspent_usd: Decimal
    binding: tuple[str, ...]
    gap_pct: float


@dataclass(frozen=True)
class DispatchMonth:
    """One month of the dispatch."""

    month: date
    charged_kwh: float
    discharged_kwh: float
    peak_before_kw: float
    peak_after_kw: float
    bill_before_usd: Decimal
    bill_after_usd: Decimal


@dataclass(frozen=True)
class PvStorageDesign:
    """Sizes of PV and battery, what they cost and save, and the months of their dispatch."""

    meter_code: MeterCode
    tariff_id: TariffId
    pv_kwdc: float
    battery_kwh: float
    battery_kw: float
    capex_usd: Decimal
    savings_usd_per_y: Decimal
    simple_payback_y: float | None
    pv_energy_kwh_per_y: float
    self_consumed_pct: float
    months: tuple[DispatchMonth, ...]


@dataclass(frozen=True)
class RiskDriver:
    """How much of the spread of the NPV one input explains, percent."""

    name: str
    share_pct: float


@dataclass(frozen=True)
class RiskProfile:
    """The distribution of the NPV over `draws` draws; P90 is the pessimistic case, as in energy finance."""

    draws: int
    seed: int
    npv_p10_usd: Decimal
    npv_p50_usd: Decimal
    npv_p90_usd: Decimal
    mean_npv_usd: Decimal
    loss_probability: float
    drivers: tuple[RiskDriver, ...]


@dataclass(frozen=True)
class VerifiedSavings:
    """Savings against the adjusted baseline with their uncertainty (FSU at 90 %), and what is settled on.

    `settled_on` is verified where FSU < 50 %, else stipulated with a true-up.
    """

    building_code: BuildingCode
    project_id: ProjectId | None
    option: Literal["A", "B", "C", "D"]
    baseline_kwh: float
    adjusted_baseline_kwh: float
    actual_kwh: float
    non_routine_kwh: float
    avoided_kwh: float
    avoided_pct: float
    fsu_pct: float
    cv_rmse_pct: float
    nmbe_pct: float
    settled_on: Literal["verified", "stipulated", "none"]
    settlement_usd: Decimal
    notes: tuple[str, ...]
