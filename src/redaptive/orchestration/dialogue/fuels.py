"""The share of one fuel in the energy of an answer: "what share is electricity?"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from redaptive.domain.constants import KBTU_PER_KWH, KBTU_PER_THERM
from redaptive.orchestration.answers.figures import Figure, RunAnswer, Sentence
from redaptive.orchestration.answers.ranking import amount
from redaptive.orchestration.answers.templates import of_period
from redaptive.orchestration.dialogue.basis import Basis
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.plans.signatures import value_at

FUELS: Final[Mapping[str, tuple[str, float]]] = {
    "electricity": ("electricity_kwh", KBTU_PER_KWH),
    "gas": ("gas_therms", KBTU_PER_THERM),
}
"""Fuels by quantity: the field that holds their use, and its kBtu."""
_ENERGY: Final = "energy_kbtu"
_OTHERWISE: Final = {"cost": "Cost is", "emissions": "Emissions are"}


def share_of_fuel(fuel: str, basis: Basis) -> RunAnswer | str:
    """The share of a fuel in the energy of the only row that is meant, else of the total, in kBtu."""
    for table in basis.answer.tables:
        for path, record in _records(basis, table.node, table.path, table.places):
            if (told := _told(fuel, path, record, table.node, table.tool)) is not None:
                kind = basis.wish.by or ""
                more = [Sentence(f"{_OTHERWISE[kind]} not known by fuel.")] if kind in _OTHERWISE else []
                sentences = (told, *more, *of_period(basis.period))
                return RunAnswer(sentences, (), basis.answer.cited(table.node), basis.answer.warnings)
    return "The last answer has no energy by fuel. Ask for the use of a building or of all, then for the share."


def _records(basis: Basis, node: str, path: str, places: tuple[int, ...]) -> list[tuple[str, Json]]:
    """The record of the only row that is meant or shown, else of the total."""
    output, rows = basis.outputs.get(node), basis.rows or places
    if len(rows) == 1:
        return [(f"{path}[{rows[0]}]", value_at(output, f"{path}[{rows[0]}]"))]
    return [("value.total", value_at(output, "value.total"))]


def _told(fuel: str, path: str, record: Json, node: str, tool: str) -> Sentence | None:
    field, factor = FUELS[fuel]
    own, energy = (value_at(record, name) for name in (field, _ENERGY))
    if not isinstance(own, int | float) or not isinstance(energy, int | float) or not energy:
        return None
    unit = "kWh" if fuel == "electricity" else "therms"
    used = Figure(amount(own, unit), own, node, tool, f"{path}.{field}")
    whole = Figure(amount(energy, "kBtu"), energy, node, tool, f"{path}.{_ENERGY}")
    share = 100 * own * factor / energy
    part = Figure(amount(share, "%"), share, node, tool, f"{used.path} * {factor:g} / {whole.path}")
    text = (
        f"{fuel.capitalize()}: {used.shown} at {factor:g} kBtu each is {part.shown} of the energy used, {whole.shown}."
    )
    return Sentence(text, (used, part, whole))
