"""Ids of the things that tools speak about; each type carries its kind into the JSON schema as `entity`.

Plans are checked and chained by these kinds: a meter code never fills an argument that asks for a site.
Results of `domain/` do not know them: there the name of a field says it (`schema_marks.py`).
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

ENTITY: Final = "entity"
"""Key of a string's schema under which the kind stands."""

PortfolioId = Annotated[str, Field(description="Code of a portfolio.", json_schema_extra={ENTITY: "portfolio"})]
SiteCode = Annotated[str, Field(description="Code of a site.", json_schema_extra={ENTITY: "site"})]
BuildingCode = Annotated[str, Field(description="Code of a building.", json_schema_extra={ENTITY: "building"})]
MeterCode = Annotated[str, Field(description="Code of a meter.", json_schema_extra={ENTITY: "meter"})]
CustomerCode = Annotated[str, Field(description="Code of a customer.", json_schema_extra={ENTITY: "customer"})]
EquipmentId = Annotated[
    str, Field(description="Id of a chiller, air handler, VAV box or plant.", json_schema_extra={ENTITY: "equipment"})
]
DocumentId = Annotated[str, Field(description="Id of a stored document.", json_schema_extra={ENTITY: "document"})]
TariffId = Annotated[
    str, Field(description="Id of a tariff, as get_tariffs lists it.", json_schema_extra={ENTITY: "tariff"})
]
ProjectId = Annotated[str, Field(description="Id of an energy project.", json_schema_extra={ENTITY: "project"})]
TaskId = Annotated[str, Field(description="Id of a task of a project.", json_schema_extra={ENTITY: "task"})]
PermitId = Annotated[str, Field(description="Id of a permit.", json_schema_extra={ENTITY: "permit"})]
ChangeOrderId = Annotated[
    str, Field(description="Id of a change order of a project.", json_schema_extra={ENTITY: "change_order"})
]
AlertId = Annotated[str, Field(description="Id of an alert.", json_schema_extra={ENTITY: "alert"})]
TicketId = Annotated[str, Field(description="Id of a customer's ticket.", json_schema_extra={ENTITY: "ticket"})]
MeasureId = Annotated[
    str, Field(description="Id of an energy measure, e.g. led.", json_schema_extra={ENTITY: "measure"})
]
CallId = Annotated[str, Field(description="Id of a tool call.", json_schema_extra={ENTITY: "call"})]

PeriodText = Annotated[
    str, Field(description="2025, 2025-03 or 2025-01..2025-06 (local months).", json_schema_extra={ENTITY: "period"})
]
"""A span of local months, as text."""
