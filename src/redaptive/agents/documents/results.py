"""What the document tools answer with; each extracted figure keeps the place on the page that it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from redaptive.agents.entities import BuildingCode, DocumentId, MeterCode, TariffId

T = TypeVar("T")


class DocumentKind(StrEnum):
    """What a document is."""

    ELECTRIC_BILL = "electric_bill"
    GAS_BILL = "gas_bill"
    WATER_BILL = "water_bill"
    SUMMARY_BILL = "summary_bill"
    ESG_REPORT = "esg_report"
    REC_CERTIFICATE = "rec_certificate"
    ISO50001 = "iso50001"
    ENERGY_STAR = "energy_star"
    LEED = "leed"
    GREEN_BUTTON_XML = "green_button_xml"
    EDI_810 = "edi_810"
    EDI_867 = "edi_867"
    OTHER = "other"


@dataclass(frozen=True)
class KindScore:
    """A kind and how likely it is, 0 to 1."""

    kind: DocumentKind
    confidence: float


@dataclass(frozen=True)
class Classification:
    """The kind of a document, with the runners-up; `confidence` is 0 to 1."""

    document_id: DocumentId
    kind: DocumentKind
    confidence: float
    pages: int
    has_text_layer: bool
    others: tuple[KindScore, ...]


@dataclass(frozen=True)
class Box:
    """A rectangle on a page in points (1/72 in) from its top left corner."""

    left_pt: float
    top_pt: float
    right_pt: float
    bottom_pt: float


@dataclass(frozen=True)
class Extracted(Generic[T]):
    """One field as it was read: its value and unit, where it stands, how sure it is (0 to 1), and from what."""

    value: T
    unit: str | None
    page: int
    box: Box | None
    confidence: float
    source: Literal["text", "ocr", "derived"]


@dataclass(frozen=True)
class BilledMeter:
    """One meter of a bill: registers and what follows from them. `meter_code` is ours, None when none matches."""

    meter_number: Extracted[str]
    meter_code: MeterCode | None
    read_type: Literal["actual", "estimated", "unknown"]
    previous_reading: Extracted[float] | None
    current_reading: Extracted[float] | None
    multiplier: Extracted[float] | None
    use: Extracted[float] | None


@dataclass(frozen=True)
class PeriodUse:
    """Energy and demand of one time-of-use period of a bill."""

    period_name: str
    energy_kwh: float | None
    measured_kw: float | None
    billed_kw: float | None


@dataclass(frozen=True)
class ChargeLine:
    """One line of a bill. `kind` groups riders, taxes and credits; credits are negative."""

    code: str
    text: str
    kind: Literal["energy", "demand", "fixed", "rider", "tax", "credit", "supply", "late_fee", "other"]
    quantity: float | None
    unit: str | None
    rate_usd_per_unit: Decimal | None
    amount_usd: Decimal
    page: int


@dataclass(frozen=True)
class PastUse:
    """One month of the use history that a bill prints."""

    month: date
    energy_kwh: float | None
    energy_therms: float | None


@dataclass(frozen=True)
class ArithmeticCheck:
    """A sum that must hold on a bill, e.g. lines = total; `repaired` names the field that was corrected by it."""

    name: str
    expected: float
    found: float
    holds: bool
    repaired: str | None


@dataclass(frozen=True)
class UtilityBill:
    """A bill of electricity, gas or water: the figures that matter, and every field as it was read.

    Totals are the checked ones; None means that the bill does not print it. `exported_kwh` is net-meter export.
    """

    document_id: DocumentId
    commodity: Literal["electricity", "gas", "water"]
    building_code: BuildingCode | None
    utility: Extracted[str]
    account_number: Extracted[str]
    service_address: Extracted[str] | None
    rate_code: Extracted[str] | None
    tariff_id: TariffId | None
    supplier: Extracted[str] | None
    period_start: date
    period_end: date
    period_days: int
    meters: tuple[BilledMeter, ...]
    energy_kwh: float | None
    energy_therms: float | None
    volume_ccf: float | None
    heat_content_therms_per_ccf: float | None
    volume_gal: float | None
    periods: tuple[PeriodUse, ...]
    measured_kw: float | None
    billed_kw: float | None
    power_factor: float | None
    reactive_kvar: float | None
    exported_kwh: float | None
    lines: tuple[ChargeLine, ...]
    supply_charges_usd: Decimal | None
    previous_balance_usd: Decimal | None
    payments_usd: Decimal | None
    current_charges_usd: Decimal
    amount_due_usd: Decimal
    due_date: date | None
    history: tuple[PastUse, ...]
    checks: tuple[ArithmeticCheck, ...]


@dataclass(frozen=True)
class BillFinding:
    """Something wrong with a bill: its code, what was expected, and what it costs (positive: overcharged)."""

    code: str
    severity: Literal["info", "minor", "major"]
    message: str
    expected: str
    actual: str
    overcharged_usd: Decimal | None


@dataclass(frozen=True)
class SkippedCheck:
    """A check that could not be made, and the input that is missing."""

    code: str
    missing: str


@dataclass(frozen=True)
class BillAudit:
    """What an audit of a bill found; `recomputed_usd` is the bill by the tariff, None without one."""

    document_id: DocumentId
    findings: tuple[BillFinding, ...]
    overcharged_usd: Decimal
    recomputed_usd: Decimal | None
    checks_made: int
    skipped: tuple[SkippedCheck, ...]


@dataclass(frozen=True)
class UsageReading:
    """Energy of one interval [start, start + interval_s), and its cost where the file has one."""

    start: datetime
    interval_s: int
    energy_kwh: float
    cost_usd: Decimal | None


@dataclass(frozen=True)
class UsageSeries:
    """The readings of one usage point and direction of flow."""

    usage_point: str
    meter_code: MeterCode | None
    flow: Literal["delivered", "received"]
    readings: tuple[UsageReading, ...]
    total_kwh: float


@dataclass(frozen=True)
class IntervalUsage:
    """Interval data of a structured document, by usage point."""

    document_id: DocumentId
    timezone: str | None
    series: tuple[UsageSeries, ...]


@dataclass(frozen=True)
class EdiMessage:
    """An X12 message: an invoice (810) as a bill, or usage (867) as readings; `segments_match` is the SE count."""

    document_id: DocumentId
    transaction: Literal["810", "867"]
    sender: str
    receiver: str
    control_number: str
    segments_match: bool
    bill: UtilityBill | None
    usage: IntervalUsage | None


@dataclass(frozen=True)
class Certificate:
    """A certificate: who issued what to whom, for how long, and what it certifies. None where not applicable."""

    document_id: DocumentId
    kind: DocumentKind
    certificate_number: Extracted[str]
    issuer: Extracted[str]
    holder: Extracted[str] | None
    scope: str | None
    issued_on: date | None
    expires_on: date | None
    days_left: int | None
    energy_mwh: float | None
    vintage_start: date | None
    vintage_end: date | None
    serial_range: str | None
    level: str | None
    points: float | None
    score: float | None
    building_codes: tuple[BuildingCode, ...]
    expiry_warning: str | None


@dataclass(frozen=True)
class EsgMetric:
    """One figure of a report, with its page and its code in a standard, e.g. GRI 305-1."""

    code: str
    name: str
    value: float
    unit: str
    year: int
    boundary: str | None
    page: int
    quote: str
    confidence: float


@dataclass(frozen=True)
class EsgMetrics:
    """The sustainability figures of a report, and the expected ones that it does not give."""

    document_id: DocumentId
    organization: str | None
    reporting_year: int | None
    metrics: tuple[EsgMetric, ...]
    missing_codes: tuple[str, ...]
