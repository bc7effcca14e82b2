"""Contract of the document-processing agent: bills, reports and certificates become checked figures."""
# ruff: noqa: ARG002 -- what a contract does with its arguments is still to be built

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from redaptive.agents.contracts.base import AgentContract
from redaptive.agents.documents.results import (
    BillAudit,
    Certificate,
    Classification,
    EdiMessage,
    EsgMetrics,
    IntervalUsage,
    UtilityBill,
)
from redaptive.agents.entities import DocumentId, TariffId
from redaptive.agents.tool import tool
from redaptive.domain.answers import Answer

READ = "documents:read"


class DocumentProcessingContract(AgentContract):
    """Seven tools that read documents; none of them stores or changes anything."""

    id: ClassVar[str] = "document-processing"
    version: ClassVar[str] = "0"
    title: ClassVar[str] = "Document processing"
    purpose: ClassVar[str] = (
        "Reads utility bills, ESG reports, certificates, Green Button and EDI files, checks their arithmetic, and "
        "finds billing errors."
    )

    @tool(scope=READ, latency_p50_ms=50, latency_p95_ms=2_000)
    async def classify_document(self, document_id: DocumentId) -> Answer[Classification]:
        """The kind of a document (bill, report, certificate, Green Button, EDI), its pages and whether it has text.

        Use it first when it is not known what was uploaded: the kind says which extraction tool comes next.
        Questions: What is this PDF? Is the file I sent a gas bill or an electric bill? Sort these scans by type.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=500, latency_p95_ms=20_000, timeout_s=120, long_running=True)
    async def extract_utility_bill(self, document_id: DocumentId) -> Answer[UtilityBill]:
        """All figures of a utility bill: period, meters, registers, use, demand, charge lines, amount due.

        Use it to turn a bill (PDF, scan) into data before an audit or an analysis of use. Sums are checked, and
        each field has its page and confidence.
        Questions: Read this electric bill. How many kWh and what demand did we pay for in March? Pull the line
        items out of the invoice.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=150, latency_p95_ms=2_000)
    async def validate_and_audit_bill(
        self,
        bill: Annotated[UtilityBill, Field(description="A bill as extract_utility_bill or parse_edi gives it.")],
        history: Annotated[list[UtilityBill] | None, Field(description="Earlier bills of the account.")] = None,
        tariff_id: TariffId | None = None,
    ) -> Answer[BillAudit]:
        """Errors of a bill with what each costs in USD: wrong rate, gap in dates, estimated use, wrong multiplier.

        Use it after extraction to see whether a bill is right; with a tariff the whole bill is computed again.
        Questions: Is this bill correct? Were we overcharged by the utility? Why is the invoice so much higher than
        last month's? Check our bills for mistakes and late fees.
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=200, latency_p95_ms=5_000)
    async def parse_green_button(self, document_id: DocumentId) -> Answer[IntervalUsage]:
        """Interval readings of a Green Button (ESPI) XML file: start in UTC, length, kWh, cost in USD.

        Use it for the usage download of a utility's web site.
        Questions: Load this Green Button file. What interval data is in the XML from the utility?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=50, latency_p95_ms=1_000)
    async def parse_edi(self, document_id: DocumentId) -> Answer[EdiMessage]:
        """A bill (810) or meter usage (867) out of an X12 EDI message of a utility or supplier.

        Use it for electronic invoices and usage that come as EDI text.
        Questions: Read the EDI 810 invoice. Which usage is in this 867 transaction?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=400, latency_p95_ms=15_000, timeout_s=120, long_running=True)
    async def extract_certificate(self, document_id: DocumentId) -> Answer[Certificate]:
        """The facts of a REC, ISO 50001, ENERGY STAR or LEED certificate, with a warning before it expires.

        Use it to record renewable energy certificates and building or management-system certificates.
        Questions: When does our ISO 50001 certificate expire? How many MWh and which vintage are in this REC? What
        LEED level does the building hold?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=1_500, latency_p95_ms=30_000, timeout_s=180, long_running=True)
    async def extract_esg_metrics(self, document_id: DocumentId) -> Answer[EsgMetrics]:
        """Sustainability figures of a report with page and GRI or IFRS code: energy, emissions, intensity.

        Use it to get scope 1, 2 and 3 emissions, energy use and targets out of an ESG or sustainability report.
        Questions: Pull the scope 1 and 2 emissions out of this report. Which GRI figures does the sustainability
        report give, and on what page?
        """
        raise self.not_built()
