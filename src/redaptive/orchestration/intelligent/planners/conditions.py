"""Conditions in words: "if it is above 500 kW", "if there are any", as comparisons with what an earlier step found."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from redaptive.orchestration.ai.tool_modeling import Product, ToolModel, unit_words
from redaptive.orchestration.intelligent.planners.reading import Reading
from redaptive.orchestration.intelligent.planners.steps import Step, free_id
from redaptive.orchestration.plans.schema import Compare, Condition, Expr, Json, Not, Op

_OPS: Final[Mapping[str, Op]] = {
    "above": "gt", "at_least": "ge", "below": "lt", "at_most": "le", "about": "ge", "equal": "ge",
}  # fmt: skip
_NONE: Final = re.compile(r"\b(?:no|none|nothing|not\s+any|empty|without|zero|clean)\b", re.IGNORECASE)
_UNITS: Final[Mapping[str, str]] = {"F": "degF", "year": "yr", "day": "d", "hour": "h", "%": "%", "kwh": "kWh"}
_SYNONYMS: Final[Mapping[str, str]] = {
    "overcharge": "overcharged", "overcharges": "overcharged", "overbilled": "overcharged", "exceeds": "", "cheaper": "saving",
    "saves": "savings", "save": "savings", "cost": "cost", "costs": "cost", "expensive": "cost", "emissions": "t_co2e",
    "emission": "t_co2e", "carbon": "t_co2e", "peak": "peak", "demand": "peak", "waste": "usd_per_day", "payback": "payback",
    "return": "irr", "probability": "probability", "likely": "probability", "late": "slip", "over": "over", "budget": "variance",
    "behind": "schedule", "lifetime": "residual", "life": "residual", "fails": "failure", "fail": "failure", "coverage": "coverage",
    "percentile": "percentile", "efficiency": "kw_per_ton", "confident": "confidence", "sure": "confidence", "risk": "risk",
    "forecast": "projected", "expected": "projected", "predicted": "projected", "projected": "projected", "negative": "npv", "profitable": "npv", "gap": "gap", "breach": "breach", "silent": "silent", "intensity": "intensity",
}  # fmt: skip
SURE_FIT: Final = 2.0
"""What a figure scores whose unit is the one that was named."""
_ASIDE: Final = ("_set", "usual", "p90", "p10", "low_", "high_", "previous", "original")
"""Marks of figures that are meant only when they are named."""
_COUNTABLE: Final = frozenset({"overcharged", "saving", "savings", "breach", "slip", "gap", "silent"})
_WORD: Final = re.compile(r"[a-z][a-z0-9]*")
_RANK: Final = re.compile(r"(?<![\w.$#-])(\d{1,2})(?:st|nd|rd|th)\s+percentile", re.IGNORECASE)
_PLAIN_NUMBER: Final = re.compile(r"(?<![\w.$#-])(-?\d[\d,]*(?:\.\d+)?)(?![\w%])")


@dataclass(frozen=True)
class Said:
    """What a condition compares with: a number and its unit, or nothing, which asks whether there is any."""

    op: Op
    value: float | int | None
    unit: str | None


@dataclass(frozen=True)
class Decided:
    """A condition, and expressions that must be worked out before it."""

    condition: Condition
    before: tuple[Step, ...] = ()
    itemwise: bool = False


def condition_of(
    reading: Reading, step: Step, model: ToolModel, steps: Sequence[Step] = (), *, negated: bool = False
) -> Decided | None:
    """The condition on the outcome of a step; None when nothing of its answer can be meant.

    A step that was repeated gives a list, where only "any" can be asked.
    """
    said = _said(reading)
    series = _series_peak(said, step, model, steps)
    if series is not None:
        found, before = series
        return Decided(_negated(found, negated), (before,))
    listed = _items(reading, said, step, model, steps)
    if listed is not None and not _scalar_fits(reading, said, model):
        return replace(listed, condition=_negated(listed.condition, negated))
    chosen = _quantity(reading, said, step, model) if said.value is not None else _more_than_none(reading, step, model)
    decided = chosen or _word_condition(reading, step, model) or _any(step, model, reading)
    return Decided(_negated(decided, negated)) if decided is not None else None


def _scalar_fits(reading: Reading, said: Said, model: ToolModel) -> bool:
    """Whether a single figure of the answer fits as well as one of its items' would."""
    return any(_fit(product, said, reading) >= SURE_FIT for product in model.products)


def _items(reading: Reading, said: Said, step: Step, model: ToolModel, steps: Sequence[Step]) -> Decided | None:
    """Whether an item of the answer's list meets the comparison ("any that costs more than $100 a day")."""
    if said.value is None or step.items is not None:
        return None
    inner = [(p, _fit(replace(p, each=None), said, reading)) for p in model.products if p.each is not None]
    fits = [(score, -len(p.path), p) for p, score in inner if score >= SURE_FIT or (score >= 1 and said.unit is None)]
    if not fits:
        return None
    product = max(fits, key=lambda one: one[:2])[2]
    rows = f"${step.id}.value{'.' if product.each else ''}{product.each}"
    kept = Expr(fn="filter", args=(rows, product.path, said.op, float(said.value)))
    known = next((each for each in steps if each.expr == kept), None)
    chosen = known or Step(free_id(f"chosen_{str(product.each).rpartition('.')[2]}", steps), expr=kept)
    return Decided(Compare(op="exists", left=f"${chosen.id}[0]"), () if known else (chosen,), itemwise=True)


def _negated(condition: Condition, negated: bool) -> Condition:
    return Not.model_validate({"not": condition}) if negated else condition


def _series_peak(said: Said, step: Step, model: ToolModel, steps: Sequence[Step]) -> tuple[Condition, Step] | None:
    """Of a series of energy by interval, the highest mean power: kWh x 3600 / length of the interval in s."""
    paths = {product.reference for product in model.products if product.each is None}
    medians = [p for p in model.products if p.each == "intervals" and p.path == "p50"]
    if said.value is None or said.unit not in ("kW", None) or not medians or "value.interval_s" not in paths:
        return None
    if step.items is not None:
        return None
    highest = Expr(fn="max", args=(Expr(fn="map", args=(f"${step.id}.value.intervals", "p50")),))
    power = Expr(fn="div", args=(Expr(fn="mul", args=(highest, 3600)), f"${step.id}.value.interval_s"))
    peak = Step(free_id(f"peak_kw_of_{step.id}", steps), expr=power)
    return Compare(op=said.op, left=f"${peak.id}", right=said.value), peak


def _more_than_none(reading: Reading, step: Step, model: ToolModel) -> Condition | None:
    """A figure that is named without a number ("if it was overcharged") is meant to be above zero."""
    named = {
        value for word, value in _SYNONYMS.items() if value and re.search(rf"\b{word}\b", reading.text, re.IGNORECASE)
    }
    found = [
        p
        for p in model.products
        if p.each is None and p.type.numeric and any(name in p.path for name in named & _COUNTABLE)
    ]
    if step.items is not None or not found:
        return None
    above = Compare(op="gt", left=f"${step.id}.{found[0].reference}", right=0)
    return _negated(above, bool(_NONE.search(reading.text)))


def opposite(condition: Condition) -> Condition:
    """The condition of an "otherwise"."""
    return condition.not_ if isinstance(condition, Not) else Not.model_validate({"not": condition})


def _said(reading: Reading) -> Said:
    for money in reading.money:
        per = {"day": "USD/d", "year": "USD/yr", "yr": "USD/yr"}.get(money.per or "")
        return Said(_op(money.comparison, reading), _number(money.usd), per or "USD")
    for quantity in (*reading.quantities, *reading.percentages):
        unit = _UNITS.get(quantity.unit, quantity.unit)
        return Said(_op(quantity.comparison, reading), _number(quantity.value), unit)
    match = _RANK.search(reading.text) or _PLAIN_NUMBER.search(reading.text)
    if match and (not reading.period.period or match.re is _RANK):
        return Said(_op("equal", reading), _number(Decimal(match.group(1).replace(",", ""))), None)
    zero = reading.has(r"\bnegative\b|\bloses?\s+money\b|\bpositive\b|\bprofitable\b|\bpays?\s+off\b")
    return Said("lt" if reading.has(r"\bnegative\b|\bloses?\b") else "gt", 0 if zero else None, None)


def _op(comparison: str, reading: Reading) -> Op:
    """The comparison beside the number, else the verb of the sentence."""
    if comparison != "equal":
        return _OPS[comparison]
    if reading.has(r"\b(?:below|under|less|lower|fewer|drops?|falls?|short)\b"):
        return "lt"
    return (
        "gt"
        if reading.has(r"\b(?:above|over|more|exceed\w*|greater|higher|beyond|pass\w*|top\w*|reach\w*)\b")
        else "ge"
    )


def _number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


def _quantity(reading: Reading, said: Said, step: Step, model: ToolModel) -> Condition | None:
    """The figure that the words and the unit mean; of several as good, the first and shallowest."""
    if step.items is not None:
        return None
    scored = [
        (score, -len(product.path), product)
        for product in model.products
        if (score := _fit(product, said, reading)) > 0
    ]
    if not scored:
        return None
    product = max(scored, key=lambda one: one[:2])[2]
    value: Json = said.value if said.unit != "%" or product.unit == "%" else float(said.value or 0) / 100
    return Compare(op=said.op, left=f"${step.id}.{product.reference}", right=value)


def _fit(product: Product, said: Said, reading: Reading) -> float:
    if product.each is not None or not product.type.numeric:
        return 0.0
    words = product.path.lower()
    score = sum(1.0 for word in _meant(reading.text) if word and word in words)
    score -= 0.5 * sum(mark in words for mark in _ASIDE)
    if said.unit is None:
        return score
    if product.unit == said.unit:
        return score + 2.0
    if said.unit.startswith("USD") and (product.unit or "").startswith("USD"):
        return score + 0.5
    named = said.unit != "%" and any(words.endswith(f"_{word}") for word in unit_words(said.unit))
    share = said.unit == "%" and product.unit is None and score > 0
    return score + 1.0 if named or share else 0.0


def _meant(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.lower()):
        if word in _SYNONYMS:
            yield _SYNONYMS[word]
        elif len(word) > 4:
            yield word.rstrip("s")


def _word_condition(reading: Reading, step: Step, model: ToolModel) -> Condition | None:
    """A named value of a closed list ("if it is a certificate", "if the risk is high"), or a yes or no of the answer."""
    if step.items is not None:
        return None
    for product in model.products:
        if product.each is not None or "." in product.path:
            continue
        if (word := _called(product, reading)) is not None:
            return Compare(op="eq", left=f"${step.id}.{product.reference}", right=word)
        if values := _listed(product, reading):
            left = f"${step.id}.{product.reference}"
            return (
                Compare(op="in", left=left, right=list(values))
                if len(values) > 1
                else Compare(op="eq", left=left, right=values[0])
            )
        if "boolean" in product.type.solid and product.path in set(_meant(reading.text)) | set(
            _WORD.findall(reading.text.lower())
        ):
            return Compare(op="eq", left=f"${step.id}.{product.reference}", right=not _NONE.search(reading.text))
    return None


def _called(product: Product, reading: Reading) -> str | None:
    """What a plain text of the answer is said to be: "the risk is high", "high risk"."""
    plain = product.type.solid == {"string"} and not any(shape.rules.get("enum") for shape in product.type.shapes)
    if not plain or product.entity or len(product.path) < 4:
        return None
    name = re.escape(product.path.replace("_", " "))
    match = re.search(
        rf"\b{name}\b\s+(?:level\s+)?(?:is|was|comes\s+out(?:\s+as)?|becomes)\s+(?:very\s+|rated\s+)?(?P<word>[a-z]+)",
        reading.text,
        re.IGNORECASE,
    )
    match = match or re.search(rf"\b(?P<word>high|medium|low|critical|severe)\s+{name}\b", reading.text, re.IGNORECASE)
    return match["word"].lower() if match else None


def _listed(product: Product, reading: Reading) -> Sequence[str]:
    values = [str(v) for shape in product.type.shapes for v in shape.rules.get("enum", ())]
    text = reading.text.lower()
    exact = [value for value in values if re.search(rf"\b{re.escape(value.replace('_', ' '))}s?\b", text)]
    last = [value for value in values if re.search(rf"\b{re.escape(value.rpartition('_')[2])}s?\b", text)]
    return exact or (last if product.path in ("kind", "type") else [])


def _any(step: Step, model: ToolModel, reading: Reading) -> Condition | None:
    """Whether there is any: of the list that the words name, else of the first list of the answer."""
    lists = [product for product in model.products if product.each is None and product.type.items is not None]
    if step.items is not None:
        first = Compare(op="exists", left=f"${step.id}[0]")
    elif lists:
        meant = set(_meant(reading.text))
        best = max(lists, key=lambda each: (any(word in each.path for word in meant), _main(each), -len(each.path)))
        first = Compare(op="exists", left=f"${step.id}.{best.reference}[0]")
    else:
        return None
    return Not.model_validate({"not": first}) if _NONE.search(reading.text) else first


def _main(product: Product) -> bool:
    """Whether a list is what the tool is for, not what it left out."""
    asides = ("excluded", "skipped", "warnings", "notes", "not_", "others", "months", "years", "versions")
    return bool(product.type.items and product.type.items.field_names()) and not product.path.startswith(asides)
