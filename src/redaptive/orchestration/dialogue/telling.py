"""Figures of an answer that are asked for once more: "what is the payback?", "what does it cost?"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.answers.arrangement import QUANTITIES, quantity_in
from redaptive.orchestration.answers.figures import Figure, RunAnswer, Sentence
from redaptive.orchestration.answers.ranking import amount, field_for, figure_at, heading, name_in, unit_of
from redaptive.orchestration.answers.templates import Outputs, of_period, when
from redaptive.orchestration.dialogue.listed import Listed

_I: Final = re.IGNORECASE
_IT: Final = r"(?:it|that|they|this|these|those|them|all\s+(?:of\s+)?(?:it|that|them|this))"
_NAMED: Final = r"(?P<q>npv|net\s+present\s+value|pay\s?back(?:\s+(?:time|period))?|(?:energy\s+|electricity\s+|gas\s+)?costs?|capex|investment|(?:yearly\s+|annual\s+)?savings?|emissions?|(?:peak|maximum)(?:\s+(?:demand|load))?|eui|intensity|(?:energy\s+|electricity\s+|gas\s+|water\s+)?(?:use|usage|consumption))"
_TOLD: Final = (
    re.compile(
        rf"(?:and\s+)?(?:what(?:'s|\s+is|\s+are|\s+was|\s+were)|how\s+(?:much|high|big|large|long|low)\s+(?:is|are|was|were))\s+(?:the|its|their|that|this)\s+(?:(?:total|overall|whole|simple|net|mean|average|expected|usual|highest)\s+)?{_NAMED}(?:\s+(?:of|for|there|in)\s+{_IT})?",
        _I,
    ),
    re.compile(rf"(?:and\s+)?(?:the|its|their)\s+(?:(?:total|overall|simple)\s+)?{_NAMED}", _I),
    re.compile(
        rf"(?:and\s+)?(?:what|how\s+much)\s+(?:does|do|would|will|did)\s+{_IT}\s+(?P<q>cost|save|use|emit|earn|pay\s+back)(?:\s+(?:us|in\s+total|(?:a|per)\s+year|altogether))?",
        _I,
    ),
    re.compile(
        rf"(?:and\s+)?how\s+(?:long|soon|fast|quickly)\s+(?:(?:until|till|before)\s+{_IT}\s+|(?:does|do|will|would)\s+(?:it\s+take\s+(?:until|till|before)\s+)?{_IT}\s+(?:take\s+to\s+)?)(?P<q>pays?\s+(?:back|off|for\s+(?:it|them)sel(?:f|ves)))",
        _I,
    ),
)
_PAYS: Final = re.compile(r"pays?\s+", _I)


def told_quantity(words: str) -> str | None:
    """The quantity whose figures a sentence asks for once more; None where it asks for something else.

    >>> told_quantity("what is the payback"), told_quantity("how long until it pays back"), told_quantity("what is a bill")
    ('payback', 'payback', None)
    """
    match = next((found for pattern in _TOLD if (found := pattern.fullmatch(words))), None)
    if match is None:
        return None
    if _PAYS.match(match["q"]):
        return "payback"
    return "cost" if match["q"].lower() in ("capex", "investment") else quantity_in(match["q"])


def told_again(quantity: str, answer: RunAnswer, period: str) -> RunAnswer | None:
    """The sentences of an answer that have figures of a quantity; None where no sentence has one."""
    ends = tuple(_stem(field) for field in QUANTITIES[quantity].fields)
    found = [each for each in answer.sentences if any(_last(figure.path).endswith(ends) for figure in each.figures)]
    if not found:
        return None
    nodes = {node for each in found for node in each.nodes}
    said = any(when(period) in each.text for each in found)
    citations = tuple(each for each in answer.citations if each.node in nodes)
    return RunAnswer((*found, *(() if said else of_period(period))), (), citations, answer.warnings)


def told_row(quantity: str, listed: Listed, row: int, outputs: Outputs, answer: RunAnswer) -> RunAnswer | None:
    """The figure of a quantity in a row of a list; None where the row has none or is not kept."""
    if row >= len(listed.places):
        return None
    records = listed.records([row], outputs)
    field = field_for(quantity, records) if records else None
    value = figure_at(records[0], field) if field is not None else None
    if field is None or not isinstance(value, int | float):
        return None
    citations = answer.cited(listed.node)
    tool = citations[0].tool if citations else ""
    shown = amount(value, unit_of(field))
    figure = Figure(shown, value, listed.node, tool, f"{listed.path}[{listed.places[row]}].{field}")
    things = ", ".join(dict.fromkeys(listed.rows[row].values()))
    text = f"{things}, row {row + 1} of {listed.total} in the last list: {name_in(heading(field))} {shown}."
    return RunAnswer((Sentence(text, (figure,)),), (), citations, answer.warnings)


def _last(path: str) -> str:
    """The name of the field at the end of a path, without the part of an estimate."""
    return _stem(path.rpartition("value.")[2])


def _stem(field: str) -> str:
    parts = field.partition("/")[0].split(".")
    return parts[-2] if len(parts) > 1 and parts[-1] in ("mid", "low", "high") else parts[-1]
