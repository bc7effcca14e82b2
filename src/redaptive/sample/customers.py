"""The eight fictitious customers: no company of these names is meant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CustomerPlan:
    """One customer; its n-th building has type `types[n % len(types)]`."""

    code: str
    name: str
    sector: str
    types: tuple[str, ...]


_BANK = ("bank_branch", "bank_branch", "financial_office", "bank_branch")
_STORES = ("retail", "retail", "distribution_warehouse", "retail", "retail")
_FOOD = ("supermarket", "supermarket", "refrigerated_warehouse", "supermarket", "supermarket", "supermarket")
_PARCELS = ("distribution_warehouse", "distribution_warehouse", "refrigerated_warehouse", "distribution_warehouse")
_CARE = ("hospital", "outpatient", "medical_office", "hospital")
_WORKS = ("other", "other", "distribution_warehouse", "other", "office")

CUSTOMERS = (
    CustomerPlan("NLS", "Northlight Software (fictitious)", "technology", ("office",)),
    CustomerPlan("CHB", "Cobalt Harbor Bank (fictitious)", "banking", _BANK),
    CustomerPlan("BBS", "Brightbarn Stores (fictitious)", "big-box retail", _STORES),
    CustomerPlan("GFG", "Greenfork Grocers (fictitious)", "grocery", _FOOD),
    CustomerPlan("LHP", "Longhollow Parcel (fictitious)", "logistics", _PARCELS),
    CustomerPlan("SAH", "Saint Aldous Health (fictitious)", "hospital system", _CARE),
    CustomerPlan("LWH", "Lanternway Hotels (fictitious)", "hotel", ("hotel",)),
    CustomerPlan("IQM", "Ironquill Manufacturing (fictitious)", "manufacturing", _WORKS),
)
