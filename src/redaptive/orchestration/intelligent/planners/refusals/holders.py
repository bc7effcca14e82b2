"""A thing of one kind is given where a tool takes another, and the one holds none of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_PAPERS: Final = frozenset({"document", "tariff", "permit", "change_order", "ticket"})
_HOLDS_NONE: Final[Mapping[str, frozenset[str]]] = {
    "equipment": _PAPERS | {"meter"},
    "meter": _PAPERS - {"document"},
    "building": frozenset({"permit", "tariff", "change_order"}),
    "project": frozenset({"meter", "tariff", "alert"}),
}
"""By the kind of thing that a tool takes: kinds that have none of it, so that none can be looked up or asked for."""


def of_another_kind(tool: ToolModel, reading: Reading, missing: Sequence[str]) -> str | None:
    """Why the thing that a text names is none that the tool takes or that could have such a one; else None.

    A building has equipment and meters, so which one is a fair question; a bill has no air handler.
    """
    need = tool.need(missing[0]) if missing else None
    named = {kind: ids for kind, ids in reading.ids.items() if any(code in reading.text for code in ids)}
    if need is None or need.entity is None or not named or reading.loose or reading.inherited:
        return None
    if any(each.entity in named for each in tool.needs) or not named.keys() <= _HOLDS_NONE.get(need.entity, set()):
        return None
    kind, codes = next(iter(named.items()))
    return f"That is asked of {_said(need.entity)}; {codes[0]} is {_said(kind)}."


def _said(kind: str) -> str:
    word = "piece of equipment" if kind == "equipment" else kind.replace("_", " ")
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
