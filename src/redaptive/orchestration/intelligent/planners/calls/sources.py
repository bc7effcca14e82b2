"""Where the arguments of a part come from: links to earlier steps, and what they put into the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.calls.chaining import Given
from redaptive.orchestration.intelligent.planners.calls.links import SAME_FIGURE, Link, fill, links
from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.schema import Json


@dataclass(frozen=True)
class Source:
    """A link to the output of an earlier step, and the tool of that step."""

    link: Link
    step: Step
    model: ToolModel


def together(sources: Sequence[Source]) -> list[Source]:
    """What must be filled, and what may be from the same steps: another step's things are another matter."""
    must = {source.step.id for source in sources if source.link.need.required}
    kept = [
        each for each in sources if each.link.need.required or each.link.need.entity is None or each.step.id in must
    ]
    return kept if must else list(sources)


def alike(sources: Sequence[Source]) -> list[Source]:
    """Where one figure comes from the items of a list, the others come from the same items."""
    must = [source for source in sources if source.link.need.required]
    itemwise = [source for source in (must or sources) if source.link.how == "each"]
    lists = {source.step.id: source.link.product.each for source in itemwise}
    figures = [each for each in sources if each.link.need.name in SAME_FIGURE]
    if must and not itemwise:
        sources = [each for each in sources if each.link.how != "each" or each not in figures]
    found = []
    for source in sources:
        same = [
            link for link in links(source.link.need, source.model) if link.product.each == lists.get(source.step.id)
        ]
        found.append(replace(source, link=same[0]) if source.step.id in lists and same else source)
    return found


def filled_from(sources: Sequence[Source], steps: Sequence[Step], reading: Reading) -> Given:
    """The arguments out of earlier steps; of two lists that a call would repeat over, the first counts."""
    args: dict[str, Json] = {}
    items: Json = None
    before: list[Step] = []
    for source in sources:
        given = fill(source.link, source.step, [*steps, *before], reading, source.model)
        if given.items is not None and items not in (None, given.items):
            continue
        before += [step for step in given.before if step.id not in {made.id for made in before}]
        args[source.link.need.name] = given.value
        items = given.items if given.items is not None else items
    return Given(args, items, tuple(before))
