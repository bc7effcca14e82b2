"""Where an argument of a step can come from: the outputs of other steps, by kind of thing, unit and shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from redaptive.orchestration.ai.tool_modeling import Need, Product, ToolModel
from redaptive.orchestration.ai.validation.compatibility import mismatch
from redaptive.orchestration.intelligent.planners.calls.steps import Step, free_id
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.json_types import JsonType
from redaptive.orchestration.plans.schema import Expr, Json

How = Literal["direct", "each", "items", "gather", "wrap", "rows"]
MAYBE_COST: Final = 20.0
"""What may be missing in the answer is a poor source for what must be there."""
MOST_ROWS: Final = 5_000
"""Records that one call takes at most."""
RECORD_FIELDS: Final = 3
"""Objects of fewer fields say too little to be taken for one another."""
_COST: Final[Mapping[How, float]] = {"direct": 0.0, "gather": 1.0, "wrap": 1.0, "each": 2.0, "items": 2.0, "rows": 3.0}
_WORST: Final[Mapping[str, str]] = {
    "anomalies": "usd_per_day",
    "opportunities": "savings_usd_per_y",
    "projects": "savings_usd_per_y",
    "work_orders": "worth_usd_per_day",
}
"""Lists and the figure by which people mean their worst or best; other lists come in that order already."""


SAME_FIGURE: Final[Mapping[str, tuple[str, ...]]] = {
    "capex_usd": ("capex_usd", "capex_usd.mid", "total_capex_usd", "selection.capex_usd"),
    "savings_usd_per_y": (
        "savings_usd_per_y",
        "total_savings_usd_per_y",
        "selection.savings_usd_per_y",
        "settlement_usd",
    ),
    "om_usd_per_y": ("om_usd_per_y",),
    "incentive_usd": ("combined_usd",),
    "life_y": ("service_life_y",),
    "waste_usd_per_day": ("usd_per_day", "cost_usd_per_day", "total_worth_usd_per_day"),
}
"""Arguments and the figures of answers that mean the same."""
NAMED_LISTS: Final[Mapping[str, tuple[str, ...]]] = {"project": ("chosen_project_ids",)}
"""Kinds and the lists of answers that are codes of such things."""
TOTALLED: Final = frozenset({"waste_usd_per_day"})
"""Figures of which one deed about several answers takes the sum."""
AGREED: Final = frozenset({"baseline", "reporting"})
"""Periods that people agree on for a project: never those that some answer happens to be about."""


@dataclass(frozen=True)
class Link:
    """A product that fills a need, and how: as it is, one call for each item, a list of the items', a list of one.

    With `fields`, an object is made of just those fields of the product; `rows`: pairs of a field and its source.
    """

    need: Need
    product: Product
    how: How
    fields: tuple[str, ...] = ()

    @property
    def cost(self) -> float:
        """Less is simpler."""
        perhaps = MAYBE_COST if self.product.type.nullable and (self.need.required or self.need.entity) else 0.0
        as_it_was = 0.5 * self.product.path.startswith(("current_", "previous_", "original_"))
        return _COST[self.how] + 0.1 * self.product.path.count(".") + perhaps + as_it_was


def links(need: Need, model: ToolModel) -> tuple[Link, ...]:
    """Every way in which the tool's answer can fill the need, the simplest first; worked out once."""
    if need not in model.remembered:
        found = [link for product in model.products if (link := _link(need, product)) is not None]
        found = found or [link for product in model.products if (link := _rows_of(need, product, model)) is not None]
        by_cost: list[Link] = sorted(found, key=lambda link: link.cost)
        model.remembered[need] = tuple(by_cost)
    return cast("tuple[Link, ...]", model.remembered[need])


def _link(need: Need, product: Product) -> Link | None:
    if product.path in NAMED_LISTS.get(need.entity or "", ()):
        return Link(need, product, "direct" if need.many else "items")
    how = _how(need, product)
    if how is None or need.name in AGREED:
        return None
    if need.entity is not None:
        return Link(need, product, how) if product.entity == need.entity else None
    if names := SAME_FIGURE.get(need.name):
        return Link(need, product, how) if product.path in names and product.type.numeric else None
    if _same_record(need, product):
        return Link(need, product, how)
    fields = () if need.many else _shared_fields(need, product)
    return Link(need, product, how, fields) if fields else None


def _how(need: Need, product: Product) -> How | None:
    many = product.type.items is not None
    if product.each is not None:
        return None if many else ("gather" if need.many else "each")
    if many:
        return "direct" if need.many else None
    return "wrap" if need.many else "direct"


def _same_record(need: Need, product: Product) -> bool:
    """Whether an object, or a list of them, is of the same make; numbers and texts without a kind never are."""
    target = (need.type.items or need.type) if need.many else need.type
    source = product.type.items or product.type
    shared = set(_required(target)) & set(source.field_names())
    return len(shared) >= RECORD_FIELDS and mismatch(source, _solid(target)) is None


def _rows_of(need: Need, product: Product, model: ToolModel) -> Link | None:
    """A link that makes records of the rows of a nested list of flows, each with what is around it; else None."""
    target, inner = need.type.items, product.type.items
    if need.entity is not None or target is None or inner is None or product.each is None or not product.path:
        return None
    around = {each.path: each.entity for each in model.products if each.each == product.each and each.path}
    required = set(_required(target))
    pairs = [(n, _source_of(n, target, inner, around)) for n in target.field_names() if n in required]
    if "flow" not in around or len(pairs) < RECORD_FIELDS or any(source is None for _, source in pairs):
        return None
    return Link(need, product, "rows", tuple(str(part) for pair in pairs for part in pair))


def _source_of(name: str, target: JsonType, inner: JsonType, around: Mapping[str, str | None]) -> str | None:
    """The field of a row, or of what is around it, that a field of a record is made of: by name, by kind, by energy."""
    wanted = target.step(name)
    if name in inner.field_names() or wanted is None:
        return name if wanted is not None else None
    if entity := wanted.mark("entity"):
        return next((path for path, kind in around.items() if kind == entity), None)
    if not wanted.numeric:
        return None
    units = ((field, kind.mark("unit")) for field in inner.field_names() if (kind := inner.step(field)) is not None)
    return next((field for field, unit in units if unit == "kWh"), None)


def _shared_fields(need: Need, product: Product) -> tuple[str, ...]:
    """The fields that an object needs and a record has, where it has all required ones and they fit."""
    target = _solid(need.type)
    required, names = set(_required(target)), [n for n in target.field_names() if n in product.type.field_names()]
    if len(required) < RECORD_FIELDS or not required <= set(names):
        return ()
    fits = [name for name in names if _fits(product.type.step(name), target.step(name))]
    return tuple(fits) if required <= set(fits) else ()


def _fits(source: JsonType | None, target: JsonType | None) -> bool:
    return source is not None and target is not None and mismatch(source, target) is None


def _required(kind: JsonType) -> Iterator[str]:
    for shape in kind.shapes:
        yield from shape.required


def _solid(kind: JsonType) -> JsonType:
    return JsonType(lambda: tuple(shape for shape in kind.shapes if shape.kind != "null") or kind.shapes)


@dataclass(frozen=True)
class Fill:
    """What a link puts into a plan: the argument, the list to repeat over, expressions that must stand before."""

    value: Json
    items: Json = None
    before: tuple[Step, ...] = ()


def fill(link: Link, source: Step, steps: Sequence[Step], reading: Reading, model: ToolModel) -> Fill:
    """The argument of a link to a step; a count such as "the worst three" takes so many of the list.

    A repeated source gives one output for each item, so a list out of it is gathered over them.
    """
    root = f"${source.id}"
    if link.how == "rows":
        return _as_rows(link, source, steps)
    if link.how == "items" and source.items is None:
        return Fill("$item", f"{root}.{link.product.reference}")
    if source.items is not None:
        return _from_repeated(link, source, steps, reading)
    if link.product.each is None:
        value = _value(link, f"{root}.{link.product.reference}")
        return Fill([value] if link.how == "wrap" else value)
    rows, before = _rows(link, source, steps, reading, model)
    if link.how == "each":
        return Fill(_value(link, f"$item{'.' if link.product.path else ''}{link.product.path}"), rows, before)
    gathered = Expr(fn="unique", args=(Expr(fn="map", args=(rows, link.product.path)),))
    step, new = _computed(f"{link.need.name}_of_{source.id}", gathered, [*steps, *before])
    return Fill(f"${step.id}", None, (*before, *new))


def _as_rows(link: Link, source: Step, steps: Sequence[Step]) -> Fill:
    """One call for each batch of records; what flows out of a meter is left aside."""
    rows: Expr | str = f"${source.id}.value.{link.product.each}"
    rows = Expr(fn="filter", args=(rows, "flow", "eq", "delivered"))
    made = Expr(fn="objects", args=(Expr(fn="unnest", args=(rows, link.product.path)), *link.fields))
    step, new = _computed(f"{link.need.name}_of_{source.id}", Expr(fn="chunks", args=(made, MOST_ROWS)), steps)
    return Fill("$item", f"${step.id}", new)


def _value(link: Link, root: str) -> Json:
    return {name: f"{root}.{name}" for name in link.fields} if link.fields else root


def _from_repeated(link: Link, source: Step, steps: Sequence[Step], reading: Reading) -> Fill:
    """From a list of answers: the same path of each, flattened where it is a list itself."""
    if link.product.each is not None:
        path = f"value.{link.product.each}" if link.product.each else "value"
        lists: Expr = Expr(fn="flatten", args=(Expr(fn="map", args=(f"${source.id}", path)),))
        values = Expr(fn="map", args=(lists, link.product.path)) if link.product.path else lists
    else:
        values = Expr(fn="map", args=(f"${source.id}", link.product.reference))
        values = Expr(fn="flatten", args=(values,)) if link.product.type.items is not None else values
    step, new = _computed(f"{link.need.name}_of_{source.id}", values, steps)
    many = link.need.many
    if link.need.name in TOTALLED and not reading.has(r"\b(?:each|every|per)\b"):
        total, more = _computed(f"total_{link.need.name}", Expr(fn="sum", args=(values,)), [*steps, *new])
        return Fill(f"${total.id}", None, more)
    return Fill(f"${step.id}" if many else "$item", None if many else f"${step.id}", new)


def _computed(name: str, expr: Expr, steps: Sequence[Step]) -> tuple[Step, tuple[Step, ...]]:
    """The step that computes the expression, and what must be added for it: nothing where one does already."""
    known = next((step for step in steps if step.expr == expr), None)
    if known is not None:
        return known, ()
    made = Step(free_id(name, steps), expr=expr)
    return made, (made,)


def _rows(
    link: Link, source: Step, steps: Sequence[Step], reading: Reading, model: ToolModel
) -> tuple[str, tuple[Step, ...]]:
    """The list that is taken from, cut to what was counted or meant, and the expressions that do it."""
    each = link.product.each or ""
    rows: Expr | str = f"${source.id}.value{'.' if each else ''}{each}"
    chosen = _limited(model, each, _meters(model, each, rows, reading) or rows, reading)
    if reading.counts:
        count, by = reading.counts[0].n, _WORST.get(each)
        source_rows = chosen if chosen is not None else rows
        args: tuple[Expr | Json, ...] = (source_rows, count, by) if by else (source_rows, count)
        chosen = Expr(fn="top" if by else "take", args=args)
    if chosen is None:
        return str(rows), ()
    step, new = _computed(f"chosen_{each.rpartition('.')[2]}", chosen, steps)
    return f"${step.id}", new


_OPS: Final = {"above": "gt", "at_least": "ge", "below": "lt", "at_most": "le"}


def _limited(model: ToolModel, each: str, rows: Expr | str, reading: Reading) -> Expr | None:
    """The items within a limit that the sentence names ("above $50 a day", "payback under 3 years"); None for all."""
    limits = [(m.comparison, m.usd, "USD/d") for m in reading.money if m.per == "day"]
    limits += [
        (q.comparison, q.value, "yr") for q in reading.quantities if q.unit == "year" and reading.has(r"\bpay\w*")
    ]
    found = rows
    for comparison, value, unit in limits:
        fields = [p.path for p in model.products if p.each == each and p.unit == unit and p.type.numeric]
        fields = [name for name in fields if unit != "yr" or "payback" in name]
        if fields and comparison in _OPS:
            found = Expr(fn="filter", args=(found, fields[0], _OPS[comparison], float(value)))
    return found if isinstance(found, Expr) else None


def _meters(model: ToolModel, each: str, rows: Expr | str, reading: Reading) -> Expr | None:
    """Of meters, the main ones of the named commodity, else of electricity: submeters would count twice."""
    names = {product.path for product in model.products if product.each == each}
    if not {"commodity", "role", "meter_code"} <= names:
        return None
    commodity = next(iter(reading.words.get("commodity", ())), "electricity")
    right = Expr(fn="filter", args=(rows, "commodity", "eq", commodity))
    return Expr(fn="filter", args=(right, "role", "eq", "main"))
