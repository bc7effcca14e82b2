"""Conditions in words: "if it is above 500 kW", "if there are any", as comparisons with what an earlier step found.

Every figure, list, flag and closed list of the step's answer is a candidate; the best one by unit, words and by what
the tool is mostly asked for is compared. A number that was said is always compared: never is it dropped for "is there any".
"""
# ruff: noqa: E501, SIM905 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from redaptive.orchestration.ai.tool_modeling import Product, ToolModel, unit_words
from redaptive.orchestration.intelligent.planners.calls.steps import Step, free_id
from redaptive.orchestration.intelligent.planners.values.compared import Said, said_in
from redaptive.orchestration.intelligent.planners.values.outcomes import (
    COUNTABLE,
    likeness,
    main_bonus,
    meant,
    named_values,
    values_of,
)
from redaptive.orchestration.intelligent.planners.values.periods import last_day
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.schema import Compare, Condition, Expr, Json, Not, Op

_NONE: Final = re.compile(
    r"\b(?:no|none|nothing|nobody|not|never|empty|without|zero|clean|fine|good|okay|in\s+order|free\s+of|fails\s+to\s+find|(?:is|are|was|were|do|does|did|has|have|had|can|could|should|would|will)n'?t)\b",
    re.IGNORECASE,
)
_RIGHT: Final = re.compile(
    r"\b(?:is|are|was|were|looks?|seems?|turns?\s+out|comes?\s+(?:out|back))(?P<not>n't|\s+not)?\s+(?:to\s+be\s+)?(?:all\s+|quite\s+|fully\s+)?"
    r"(?:right(?!\s+(?:now|away))|correct|accurate|flawless|healthy|plausible|ok|okay|fine|clean|in\s+order)\b",
    re.IGNORECASE,
)
"""Nothing is amiss: what looks for faults finds none."""
_ALL: Final = re.compile(r"\b(?:all|every|everything|each)\b", re.IGNORECASE)
_ANY: Final = re.compile(
    r"\b(?:any|anything|something|some|one|at\s+least\s+one|a\s+single|worst|biggest)\b", re.IGNORECASE
)
_FOUND: Final = re.compile(
    r"\b(?:found|finds?|detected|shows?\s+up|turns?\s+up|exists?|there\s+(?:is|are)|any)\b", re.IGNORECASE
)
_COUNTED: Final = re.compile(
    r"\b(?:more\s+than|at\s+least|over|fewer\s+than|less\s+than|under|exactly|above|below)?\s*(?P<n>\d{1,4}|two|three|four|five|six|ten)\s+(?:or\s+more\s+)?(?P<noun>(?:[a-z-]+\s+){0,2}[a-z]+)",
    re.IGNORECASE,
)
_NUMBERS: Final = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER_WORD: Final = re.compile(
    rf"\b(?P<than>(?:more|less|fewer|greater|higher|lower|better|worse)\s+than|at\s+least|at\s+most|over|under|above|below|exceeds|exactly)\s+(?P<n>{'|'.join(_NUMBERS)})\b",
    re.IGNORECASE,
)
_NOTHING_OR_MORE: Final = re.compile(
    r"\b(?:zero|nil|null)\b(?=\s+(?:or|and)\s+(?:better|more|above|higher|up|over|greater|less|below|lower|under|worse))|"
    r"(?<=\bthan\s)(?:zero|nil|null)\b|(?<=\babove\s)(?:zero|nil|null)\b|(?<=\bbelow\s)(?:zero|nil|null)\b",
    re.IGNORECASE,
)
_CODED: Final = re.compile(
    r"\b(?:certificate|bill|invoice|report|document|file|permit|alert|ticket)\s+(?=[A-Z]{1,6}-?\d)", re.IGNORECASE
)
"""What a thing with a code is called, which says nothing about it."""
_VALID: Final = re.compile(
    r"\b(?:(?P<no>expired|lapsed|run\s+out|invalid|out\s+of\s+date)|valid|current|in\s+force|good)\b", re.IGNORECASE
)
_NONE_SAID: Final = re.compile(r"\b(?:no\s+longer|not|never|n't)\b|n't\b", re.IGNORECASE)
_NEW_PEAK: Final = re.compile(
    r"\b(?:new|another|higher|record)\s+(?:\w+\s+)?peak\b|\b(?:beat|top|exceed|break|raise|pass|overtake|go(?:es)?\s+(?:above|over|past))s?\s+(?:its|the|their)\s+(?:[a-z]+\s+){0,2}peak\b(?!\D*\d)"
    r"|\bpeak\b(?:[^.;?\d]|(?<=[A-Z]-)\d|(?<=\d)\d)*\b(?:rise|grow|go(?:es)?\s+up|move\s+up|increase|climb|be\s+(?:beaten|broken|exceeded|topped))\b(?!\D*\d)",
    re.IGNORECASE,
)
_AHEAD: Final = re.compile(
    r"\s*\b(?:(?:in|over|for|during|within)\s+(?:the\s+)?(?:next|coming|following)\s+\d+\s+(?:hours?|h)|(?:in|over|for|during)\s+(?:the\s+)?(?:next|coming|following)\s+\d+\s+(?:days?|weeks?|months?))\b",
    re.IGNORECASE,
)
"""How far a look goes, which is no figure that is compared."""
_COMPARES_WITH: Final = re.compile(
    r"(?:\b(?:above|below|under|over|(?:more|less|fewer|greater|higher|lower|worse|better|longer|shorter)\s+than|at\s+least|at\s+most|exceed\w*|short\s+of|past|beyond|reach\w*|tops?|beats?)|[<>]=?)\s+(?:an?\s+|the\s+)?[$]?\d",
    re.IGNORECASE,
)
_OF_A_YEAR: Final = re.compile(
    r"(?:19|20)\d\d(?:-\d\d)*(?=\s*(?:$|[,;.)])|\s+(?:and|or|at|on|in|for)\b)", re.IGNORECASE
)
"""A year where a figure could stand: "over 2025" says when, not how much."""
_FIGURE: Final = re.compile(
    r"(?<![\w.$-])[$]?\d[\d,]*(?:\.\d+)?\s?(?:k|m|million|dollars|usd|%|percent)?(?![\w-])", re.IGNORECASE
)
_WHEN: Final = re.compile(
    r"\b(?P<word>before|after|by|until|later\s+than|earlier\s+than|prior\s+to|since)\s+(?=\S*\d|the\s+end|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
_HEAD: Final = re.compile(
    r"\b(?P<noun>[a-z][a-z-]+)\s+(?:(?:of|for|at|on|in)\s+[^,;]{1,50}?\s+)?(?:is|are|was|were|stays?|comes?|turns?|falls?|drops?|rises?|"
    r"exceeds?|tops?|reach(?:es)?|goes|lies|remains?|beats?|passes|above|below|over|under|more|less|greater|lower|higher|at\s+least|[<>])",
    re.IGNORECASE,
)
_ABOUT_HEAD: Final = 0.8
"""How much more the figure counts that the noun before the comparison names."""
_PREDICATE: Final = re.compile(
    r"\b(?:is|are|was|were|goes|went|gone|stays?|be|been|any|no|still|now|not|currently|reported|got|gets|becomes?|as)\s+"
    r"(?:(?:still|now|not|currently|really|all|been|already)\s+)*([a-z]+)"
)
"""What a condition says of a thing: "is live"."""
_WORKS: Final = re.compile(
    r"\b(?:online|alive|reporting|responding|communicating|connected|up\s+and\s+running)\b", re.IGNORECASE
)
"""What is said of a meter that sends."""
_SHARE: Final = ("probability", "irr", "mirr", "factor", "confidence", "ratio", "share", "r2")


@dataclass(frozen=True)
class Decided:
    """A condition, expressions that must be worked out before it, and how well it fits the words."""

    condition: Condition
    before: tuple[Step, ...] = ()
    itemwise: bool = False
    score: float = 0.0


def condition_of(reading: Reading, step: Step, model: ToolModel, steps: Sequence[Step] = ()) -> Decided | None:
    """The condition on the outcome of a step; None when nothing of its answer can be meant.

    A step that was repeated gives a list, where only "any" can be asked.
    """
    asked = _Asked(reading, said_in(reading), step, model, steps)
    found = list(asked.dates()) or list(asked.figures() if asked.said.value is not None else ())
    found = found or [*asked.named(), *asked.flags(), *asked.records(), *asked.some()]
    return max(found, key=lambda one: one.score, default=None)


def decisive(text: str) -> str:
    """The condition without the figures that stand before the one it compares with.

    >>> decisive("the IRR of 210,000 at 40,000 a year falls short of 10 %")
    'the IRR of  at  a year falls short of 10 %'
    """
    text = re.sub(r"\s*\([^()]*\)", "", text)
    text = _NUMBER_WORD.sub(lambda match: f"{match['than']} {_NUMBERS.index(match['n'].lower())}", text)
    text = _AHEAD.sub("", _NOTHING_OR_MORE.sub("0", text))
    compared = list(_COMPARES_WITH.finditer(text))
    figures = [match for match in compared if not _OF_A_YEAR.match(text, match.end() - 1)]
    at = (figures or compared)[-1].start() if compared else 0
    return f"{_FIGURE.sub('', text[:at])}{text[at:]}"


def _head(text: str) -> str:
    """The noun before the comparison, of which the condition speaks: "uncertainty" of "the savings uncertainty is"."""
    match = _HEAD.search(text)
    return match["noun"] if match else ""


def opposite(condition: Condition) -> Condition:
    """The condition of an "otherwise"; what is empty is the opposite of what is there."""
    if isinstance(condition, Not):
        return condition.not_
    if isinstance(condition, Compare) and condition.op in ("exists", "is_null"):
        return condition.model_copy(update={"op": "is_null" if condition.op == "exists" else "exists"})
    return Not.model_validate({"not": condition})


@dataclass(frozen=True)
class _Asked:
    """A condition in words about one step."""

    reading: Reading
    said: Said
    step: Step
    model: ToolModel
    steps: Sequence[Step]

    @property
    def _text(self) -> str:
        return self.reading.text

    def figures(self) -> Iterator[Decided]:
        """Comparisons with the number that was said; of a repeated step, whether one of its answers meets it."""
        if self.step.items is not None:
            yield from self._repeated()
            return
        series = self._series_peak()
        if series is not None:
            yield series
        yield from self._counts()
        for product in self.model.products:
            if not product.type.numeric or product.type.items is not None:
                continue
            score = self._fit(product)
            if product.each is None:
                yield Decided(self._compared(product), score=score)
            else:
                yield self._filtered(
                    product, self.said.op, self._value(product), score - 0.3 + 0.5 * bool(_ANY.search(self._text))
                )

    def dates(self) -> Iterator[Decided]:
        """Comparisons of a date of the answer with the one that was said: "expires before 2026-06-30"."""
        period, match = self.reading.period.period, _WHEN.search(self._text)
        if period is None or match is None or self.step.items is not None:
            return
        early = match["word"].lower() in ("before", "by", "until", "earlier than", "prior to")
        day = period.start.date().isoformat() if early or period.grain == "day" else last_day(period)
        for product in self.model.products:
            if product.each is None and product.type.solid == {"date"}:
                found = Compare(op="lt" if early else "gt", left=f"${self.step.id}.{product.reference}", right=day)
                ends = 0.5 * ("expir" in product.path) - 0.5 * ("issued" in product.path)
                yield Decided(found, score=1.5 + ends + likeness(product, self._text) - 0.1 * product.path.count("."))

    def _repeated(self) -> Iterator[Decided]:
        for product in self.model.products:
            if product.each is None and product.type.numeric and product.path:
                answers = Expr(fn="map", args=(f"${self.step.id}", "value"))
                kept = Expr(fn="filter", args=(answers, product.path, self.said.op, self._value(product)))
                made, new = self._computed(f"chosen_{self.step.id}", kept)
                yield Decided(Compare(op="exists", left=f"${made}[0]"), new, score=self._fit(product))

    def _compared(self, product: Product) -> Condition:
        return Compare(op=self.said.op, left=f"${self.step.id}.{product.reference}", right=self._value(product))

    def _value(self, product: Product) -> Json:
        value = self.said.value
        share = (
            self.said.unit == "%"
            and not (product.unit or "").startswith("%")
            and not product.path.endswith(("pct", "percentile"))
        )
        return float(Decimal(str(value)) / 100) if share else value

    def _fit(self, product: Product) -> float:
        score = likeness(product, self._text) + main_bonus(self.model.name, product)
        score += _ABOUT_HEAD * any(piece and piece in product.path.lower() for piece in meant(_head(self._text)))
        return score + self._unit_fit(product)

    def _unit_fit(self, product: Product) -> float:
        unit, own, path = self.said.unit, product.unit, product.path.lower()
        if unit is None:
            return 0.0
        if own == unit:
            return 2.0
        if own is not None and own.partition("/")[0] == unit.partition("/")[0]:
            return 1.0
        if unit == "%" and "percentile" in path:
            return 1.5
        if unit == "%" and any(mark in path for mark in _SHARE):
            return 0.8
        if own is None and any(path.endswith(f"_{word}") for word in unit_words(unit)):
            return 1.0
        if own is None and unit.startswith("USD"):
            return 1.0 if "usd" in path else -0.5
        return -1.0 if own is not None or unit != "%" else 0.0

    def _counts(self) -> Iterator[Decided]:
        """ "More than three faults": how many items a list has."""
        match = _COUNTED.search(self._text)
        if match is None or self.said.unit is not None:
            return
        for product in self.model.products:
            words = set(meant(match["noun"]))
            named = any(word in product.path for word in words)
            if product.each is None and product.type.items is not None and named and product.path:
                counted = Expr(fn="len", args=(f"${self.step.id}.{product.reference}",))
                made, new = self._computed(f"number_of_{product.path.rpartition('.')[2]}", counted)
                yield Decided(Compare(op=self.said.op, left=f"${made}", right=self.said.value), new, score=2.5)

    def _filtered(self, product: Product, op: Op, value: Json, score: float) -> Decided:
        """Whether an item of the answer's list meets the comparison ("any that costs more than $100 a day")."""
        rows = f"${self.step.id}.value{'.' if product.each else ''}{product.each}"
        kept = Expr(
            fn="filter", args=(rows, product.path, op, float(value) if isinstance(value, int | float) else value)
        )
        made, new = self._computed(f"chosen_{str(product.each).rpartition('.')[2]}", kept)
        return Decided(Compare(op="exists", left=f"${made}[0]"), new, itemwise=True, score=score)

    def _computed(self, name: str, expr: Expr) -> tuple[str, tuple[Step, ...]]:
        known = next((each for each in self.steps if each.expr == expr), None)
        made = known or Step(free_id(name, self.steps), expr=expr)
        return made.id, () if known else (made,)

    def _series_peak(self) -> Decided | None:
        """Of a series of energy by interval, the highest mean power: kWh x 3600 / length of the interval in s."""
        paths = {product.reference for product in self.model.products if product.each is None}
        medians = [p for p in self.model.products if p.each == "intervals" and p.path == "p50"]
        if self.said.unit not in ("kW", None) or not medians or "value.interval_s" not in paths:
            return None
        highest = Expr(fn="max", args=(Expr(fn="map", args=(f"${self.step.id}.value.intervals", "p50")),))
        power = Expr(fn="div", args=(Expr(fn="mul", args=(highest, 3600)), f"${self.step.id}.value.interval_s"))
        made, new = self._computed(f"peak_kw_of_{self.step.id}", power)
        return Decided(Compare(op=self.said.op, left=f"${made}", right=self.said.value), new, score=2.5)

    def named(self) -> Iterator[Decided]:
        """A value of a closed list that is named, of the answer or of an item ("if it is a certificate", "if a permit is late")."""
        if self.step.items is not None:
            return
        for product in self.model.products:
            aside = 0.3 * product.path.count(".")
            if (word := _called(product, self.reading)) is not None:
                yield Decided(Compare(op="eq", left=f"${self.step.id}.{product.reference}", right=word), score=2.0)
            if not (values := named_values(product, _CODED.sub("", self._text))):
                continue
            if product.each is None:
                yield Decided(self._is(product, values), score=2.2 - aside)
            elif product.each != "others":
                yield self._item_is(product, values[0], 2.0 - aside)

    def _is(self, product: Product, values: Sequence[str]) -> Condition:
        left = f"${self.step.id}.{product.reference}"
        one = Compare(op="eq", left=left, right=values[0])
        found: Condition = Compare(op="in", left=left, right=list(values)) if len(values) > 1 else one
        return opposite(found) if _NONE.search(self._text) and "none" not in values_of(product) else found

    def _item_is(self, product: Product, value: str, score: float) -> Decided:
        """Of items: one has the value; with "all", none has another; with "no", none has it."""
        every = bool(_ALL.search(self._text)) and not _NONE.search(self._text)
        found = self._filtered(product, "ne" if every else "eq", value, score)
        flipped = every or (bool(_NONE.search(self._text)) and value not in ("not_applied", "none"))
        return (
            replace(found, condition=opposite(found.condition), itemwise=False)
            if flipped
            else replace(found, itemwise=False)
        )

    def flags(self) -> Iterator[Decided]:
        """A yes or no of the answer, and a figure named without a number ("if it was overcharged"): more than zero."""
        if self.step.items is not None:
            return
        words = set(meant(self._text)) | set(re.findall(r"[a-z_]+", self._text.lower()))
        moved, said = _moved(self._text), set(_PREDICATE.findall(self._text.lower()))
        for product in self.model.products:
            if product.each is not None or "." in product.path:
                continue
            if product.type.solid == {"boolean"} and product.path in words:
                yield Decided(
                    Compare(op="eq", left=f"${self.step.id}.{product.reference}", right=not _NONE.search(self._text)),
                    score=2.0,
                )
            if moved is not None and product.type.numeric and "change" in product.path:
                yield Decided(Compare(op=moved, left=f"${self.step.id}.{product.reference}", right=0), score=2.0)
            integer = product.type.solid == {"integer"} and product.unit is None
            spoken = "_" in product.path and product.path.replace("_", " ") in self._text.lower()
            counted = integer and (product.path in said or spoken)
            stems = [name for name in words & COUNTABLE if name in product.path] or [product.path] * counted
            if "silent" in product.path and product.type.numeric and _WORKS.search(self._text):
                dead: Condition = Compare(op="gt", left=f"${self.step.id}.{product.reference}", right=0)
                yield Decided(dead if _NONE.search(self._text) else opposite(dead), score=2.0)
            elif product.type.numeric and stems:
                above: Condition = Compare(op="gt", left=f"${self.step.id}.{product.reference}", right=0)
                yield Decided(
                    opposite(above) if _NONE.search(self._text) else above,
                    score=1.5 + likeness(product, self._text) / 10,
                )

    def records(self) -> Iterator[Decided]:
        """A new peak: the projected one above the one that was set; still valid: some days are left."""
        if (valid := _VALID.search(self._text)) and (days := self._path("days_left")):
            left = Compare(op="gt", left=f"${self.step.id}.{days}", right=0)
            yield Decided(
                opposite(left) if bool(valid["no"]) != bool(_NONE_SAID.search(self._text)) else left, score=1.5
            )
        paths = {product.path for product in self.model.products if product.each is None}
        if _NEW_PEAK.search(self._text) and {"projected_peak_kw", "peak_set_kw"} <= paths:
            root = f"${self.step.id}.value"
            above = Compare(op="gt", left=f"{root}.projected_peak_kw", right=f"{root}.peak_set_kw")
            yield Decided(opposite(above) if _NONE.search(self._text) else above, score=1.5)

    def _path(self, name: str) -> str | None:
        single = self.step.items is None
        return next((each.reference for each in self.model.products if single and each.path == name), None)

    def some(self) -> Iterator[Decided]:
        """Whether there is any: of the list that the words name, else of the main list of the answer."""
        if self.step.items is not None:
            yield Decided(self._there(f"${self.step.id}[0]"), score=0.2)
            return
        words = set(meant(self._text))
        for product in self.model.products:
            if product.each is None and product.type.items is not None:
                named = any(word in product.path for word in words if word)
                score = (
                    (1.2 + 0.3 * bool(_FOUND.search(self._text)) if named else 0.0)
                    + 0.4 * _main(product)
                    - 0.01 * len(product.path)
                )
                yield Decided(self._there(f"${self.step.id}.{product.reference}[0]"), score=score)

    def _there(self, left: str) -> Condition:
        right = _RIGHT.search(self._text)
        none = not right["not"] if right else bool(_NONE.search(self._text))
        return Compare(op="is_null" if none else "exists", left=left)


def _moved(text: str) -> Op | None:
    """Which way a figure went: "consumption rose", "use has fallen"; None where nothing is said of it."""
    if re.search(
        r"\b(?:rose|risen|rises?|went\s+up|gone\s+up|goes\s+up|increas(?:ed|es)|grew|grown|grows?|climb(?:ed|s)?|worsen(?:ed|s)?)\b",
        text,
        re.IGNORECASE,
    ):
        return "gt"
    if re.search(
        r"\b(?:fell|fallen|falls?|went\s+down|gone\s+down|goes\s+down|decreas(?:ed|es)|drop(?:ped|s)?|shrank|shrunk|declin(?:ed|es))\b",
        text,
        re.IGNORECASE,
    ):
        return "lt"
    return None


def _main(product: Product) -> bool:
    """Whether a list is what the tool is for, not what it left out."""
    asides = (
        "warnings",
        "notes",
        "not_",
        "others",
        "months",
        "years",
        "versions",
        "thresholds",
        "outcomes",
        "kpis",
    )
    return bool(product.type.items and product.type.items.field_names()) and not product.path.startswith(asides)


def _called(product: Product, reading: Reading) -> str | None:
    """What a plain text of the answer is said to be: "the risk is high", "high risk"."""
    plain = product.type.solid == {"string"} and not values_of(product)
    if not plain or product.entity or product.each is not None or "." in product.path or len(product.path) < 4:
        return None
    name = re.escape(product.path.replace("_", " "))
    match = re.search(
        rf"\b{name}\b\s+(?:level\s+)?(?:(?:of|at|for)\s+[^,;]{{1,60}}?\s+)?(?:is|was|comes\s+out(?:\s+as)?|becomes)\s+(?:very\s+|rated\s+)?(?P<word>[a-z]+)",
        reading.text,
        re.IGNORECASE,
    )
    grade = r"(?P<word>high|medium|low|critical|severe)"
    for pattern in (rf"\b{grade}\s+{name}\b", rf"\b{name}\s+{grade}\b"):
        match = match or re.search(pattern, reading.text, re.IGNORECASE)
    return match["word"].lower() if match else None
