"""How badly a tool fits what a sentence names: arguments that nobody gives, things that it has no place for."""

# ruff: noqa: SIM905 -- a table of words

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from redaptive.orchestration.ai.tool_modeling import Need, ToolModel
from redaptive.orchestration.intelligent.planners.calls.binding import PLACES, Bound, bind
from redaptive.orchestration.intelligent.planners.calls.links import links
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.records import RECORDS as LISTED
from redaptive.orchestration.intelligent.planners.values.records import lists

LACKING: Final = 1.2
"""An argument that nobody gives."""
RECORDS: Final = 2.7
"""Records that are neither said nor given by another tool: people do not speak in records."""
_STEM: Final = 6
_LEAST: Final = 4
_COMMON: Final = frozenset(
    """find extract report savings usage project projects select create update raise acknowledge validate analyze
    compare calculate design verify detect predict recommend evaluate manage track answer classify parse ingest rank
    rules status question estimate edit""".split()
)
"""Words of tools' names that say too little of them."""
UNLISTED: Final = 1.8
"""A list of things with their figures, and the tool takes no list."""
UNTOLD: Final = 0.4
"""An argument that is not told in a first request, which a question may fill."""
MOST_UNTOLD: Final = 3
SILENT: Final = 2.2
"""None of several figures is said without which a tool does nothing, but things are named by their codes."""
UNTIMED: Final = 0.7
"""A period, and the tool knows no time."""
UNPLACED: Final = 0.5
"""A figure that the tool has no argument for."""
TIMES: Final = re.compile(r"period|baseline|reporting|start|end|^on$|horizon|until|issued|readings|load|tasks")
UNUSED: Final = 1.0
"""A thing that is named by its code, and the tool has no argument for it."""


def misfit(model: ToolModel, reading: Reading, models: Mapping[str, ToolModel], *, back: bool = False) -> float:
    """The less the better, 0 or more, on the scale of a logarithm of probability.

    `back`: the sentence points at what was said before, so that a tool that this fills is likelier.
    """
    bound = bind(model.tool, reading)
    found = LACKING * len(bound.missing) if back else UNTOLD * min(len(bound.missing), MOST_UNTOLD)
    listed = lists(reading.text) and not needed_records(model)
    found += RECORDS * unsayable(model, bound.missing, models) + UNUSED * unused(model, reading) + UNLISTED * listed
    found += SILENT * silent(model, bound, reading)
    return found + UNTIMED * _untimed(model, reading) + UNPLACED * _unplaced(bound, reading)


def silent(model: ToolModel, bound: Bound, reading: Reading) -> bool:
    """Whether things are named and none of the figures is said of which a tool is made."""
    required = [need.name for need in model.needs if need.required]
    return (
        len(required) >= MOST_UNTOLD
        and bool(reading.ids)
        and _figures_only(model)
        and not bound.args.keys() & set(required)
    )


def _untimed(model: ToolModel, reading: Reading) -> bool:
    """Whether a period is named and the tool has no argument for a time."""
    return reading.period.period is not None and not any(TIMES.search(need.name) for need in model.needs)


def _unplaced(bound: Bound, reading: Reading) -> int:
    """How many of the figures that are said the tool has no argument for."""
    said = len(reading.money) + len(reading.quantities) + len(reading.percentages)
    figures = sum(isinstance(value, int | float) and not isinstance(value, bool) for value in bound.args.values())
    return max(0, said - figures)


def needed_records(model: ToolModel) -> set[str]:
    """The arguments that a tool must have and that a text lists, one record after the other."""
    return {need.name for need in model.needs if need.required and need.name in LISTED}


def unsayable(model: ToolModel, missing: Iterable[str], models: Mapping[str, ToolModel]) -> bool:
    """Whether records are missing that no tool gives."""
    needs = [need for name in missing if (need := model.need(name)) is not None and need.entity is None]
    records = [need for need in needs if (need.type.items or need.type).field_names()]
    return any(not any(given(need, other) for other in models.values()) for need in records)


def given(need: Need, model: ToolModel) -> bool:
    """Whether a tool gives the records as they are: to reshape its rows into them is a wish of its own."""
    return any(link.how != "rows" for link in links(need, model))


def unused(model: ToolModel, reading: Reading) -> int:
    """How many kinds of things are named that the tool takes none of."""
    taken = {kind for need in model.needs if need.entity for kind in PLACES.get(need.entity, (need.entity,))}
    if not taken:
        return int(bool(reading.ids) and _figures_only(model))
    return sum(kind not in taken for kind in reading.ids)


def _figures_only(model: ToolModel) -> bool:
    """Whether all that a tool must have are figures."""
    required = [need for need in model.needs if need.required]
    return bool(required) and all(need.type.numeric for need in required)


def names(tool: str, text: str) -> bool:
    """Whether a text has a word of a tool's name.

    >>> names("energy-finance.project_cashflow", "the cash flow over 9 years"), names("x.size_pv_storage", "5 MW")
    (True, False)
    """
    squeezed = re.sub(r"[^a-z]", "", text.lower())
    words = tool.partition(".")[2].split("_")
    return any(word[:_STEM] in squeezed for word in words if len(word) >= _LEAST and word not in _COMMON)
