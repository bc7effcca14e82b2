"""From the outputs of a run to its answer: sentences and tables by the views, citations, warnings, what failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from redaptive.orchestration.answers.arrangement import Arrangement
from redaptive.orchestration.answers.figures import AnswerTable, Citation, RunAnswer, Sentence
from redaptive.orchestration.answers.ranking import Ranked, own_unit, ranked
from redaptive.orchestration.answers.tables import fits, table_of, told_limits, told_order, told_rows, told_sum, unmet
from redaptive.orchestration.answers.templates import Outputs, fill
from redaptive.orchestration.answers.views import PATTERNS, TOOLS, TableView, View
from redaptive.orchestration.intelligent.dag_engine import parents
from redaptive.orchestration.plans.references import is_reference, parse
from redaptive.orchestration.plans.schema import Json, Node, Plan
from redaptive.orchestration.plans.signatures import value_at
from redaptive.orchestration.state.run_records import Snapshot

AS_IS: Final = Arrangement()
MOST_WARNINGS: Final = 8
MOST_FIELDS: Final = 6
MOST_COLUMNS: Final = 7
MOST_ITEMS: Final = 10
LOW_COVERAGE_PCT: Final = 90.0
_ROW: Final = re.compile(r"(?P<table>\w+)/(?P<row>[^\s:/]+)(?P<rest>[ :].*)")
LOOK_UPS: Final = frozenset({"energy-monitoring.get_meter_status"})
"""Tools that plans also call to find out which meters there are: read by another step, their outcome is told last."""


@dataclass(frozen=True)
class Finished:
    """What is known of a run at its end: outputs by node, and why nodes failed or were skipped."""

    outputs: Outputs
    errors: Mapping[str, str]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Finished:
        """Out of the run's records, whose large outputs were put in their place."""
        done = [record for record in snapshot.nodes if record.item_index < 0]
        failed = {each.node: _reason(each.error) for each in done if each.error is not None}
        return cls({each.node: each.output for each in done if each.output is not None}, failed)


def _reason(error: Mapping[str, object]) -> str:
    """What happened, and what to do about it."""
    return " ".join(str(error[part]) for part in ("message", "fix") if error.get(part))


def compose(plan: Plan, finished: Finished, wish: Arrangement = AS_IS) -> RunAnswer:
    """The answer: by the view of the pattern, else of each tool in the order of the plan; lists arranged as wished."""
    told = PATTERNS.get(plan.id)
    views = [(told, "")] if told else [(_told(node, plan, finished), node.id) for node in _last(plan, finished)]
    tools = {node.id: node.tool or _inner_tool(node) for node in plan.nodes}
    sentences: list[Sentence] = []
    tables: list[AnswerTable] = []
    for view, name in views:
        lists = list(_lists(view, name, finished.outputs, wish))
        sentences += [said for _, each in lists if (said := told_limits(each))]
        sentences += [said for node, each in lists if (said := told_order(each, node, tools.get(node, "")))]
        sentences += [said for node, each in lists if (said := told_sum(each, wish, node, tools.get(node, "")))]
        sentences += (said for node, each in lists for said in told_rows(each, wish, node, tools.get(node, "")))
        sentences += (each for each in _sentences(view, name, finished.outputs, tools) if fits(each, wish))
        tables += [table_of(each, node, tools.get(node, "")) for node, each in lists]
    if not sentences and not tables:
        unanswered = (
            "A step failed, so there is no answer." if finished.errors else "Nothing was found that answers this."
        )
        sentences = [Sentence(unanswered)]
    citations = tuple(_citations(plan, finished.outputs))
    return RunAnswer(
        tuple(sentences),
        tuple(tables),
        citations,
        (*unmet(wish, tables), *_coverage(citations), *found_warnings(finished.outputs.values())),
        tuple(f"{name}: {message}" for name, message in finished.errors.items()),
    )


def _told(node: Node, plan: Plan, finished: Finished) -> View:
    """The view of a node; of a look-up that only led to others its sentences, for its rows are not what was asked."""
    found = _view(node, finished)
    led = node.tool in LOOK_UPS and any(node.id in names for names in parents(plan).values())
    return View(found.sentences) if led else found


def _last(plan: Plan, finished: Finished) -> Iterator[Node]:
    """The calls whose outcome is told, in the plan's order; what only led to others comes last."""
    told = [node for node in plan.nodes if (node.tool or node.sub_plan) and node.id in finished.outputs]
    read = {name for names in parents(plan).values() for name in names}
    yield from sorted(told, key=lambda node: node.tool in LOOK_UPS and node.id in read)


def _view(node: Node, finished: Finished) -> View:
    """The view of the node's tool; of a repeated call, or a tool without one, what its answer itself suggests."""
    known, output = TOOLS.get(node.tool or ""), finished.outputs.get(node.id)
    if known is None or node.foreach is None:
        return known or _suggested(node, output)
    items = len(output) if isinstance(output, list) else 0
    return _repeated(known, items) if 0 < items <= MOST_ITEMS else _suggested(node, output)


def _repeated(view: View, items: int) -> View:
    """The view of a tool for each of several calls; its tables only where there was one call."""
    sentences = tuple(text.replace("{node.", f"{{node[{at}].") for at in range(items) for text in view.sentences)
    tables = (replace(each, path=f"[0].{each.path}") for each in view.tables if each.node == "node" and items == 1)
    return View(sentences, tuple(tables))


def _suggested(node: Node, output: Json) -> View:
    """The first plain figures of an answer as sentences, and its first list of records as a table."""
    if isinstance(output, list):
        return View((), (_table_of(node, "", [value_at(item, "value") or item for item in output]),))
    value = value_at(output, "value")
    if not isinstance(value, dict):
        return View(("{node.value}",)) if value is not None else View()
    plain = [name for name, each in value.items() if isinstance(each, int | float | str) and not isinstance(each, bool)]
    lists = {
        name: each for name, each in value.items() if isinstance(each, list) and each and isinstance(each[0], dict)
    }
    sentences = tuple(f"{name.replace('_', ' ')}: {{node.value.{name}}}" for name in plain[:MOST_FIELDS])
    tables = tuple(_table_of(node, f"value.{name}", each) for name, each in list(lists.items())[:1])
    return View(sentences, tables)


def _table_of(node: Node, path: str, rows: Sequence[Json]) -> TableView:
    first = rows[0] if rows and isinstance(rows[0], dict) else {}
    names = [name for name, each in first.items() if not isinstance(each, list | dict)][:MOST_COLUMNS]
    inner = "value." if not path else ""
    columns = tuple((name.replace("_", " "), f"{inner}{name}") for name in names)
    return TableView(node.title or node.id.replace("_", " "), "node", path, columns)


def _sentences(view: View, name: str, outputs: Outputs, tools: Mapping[str, str]) -> Iterator[Sentence]:
    for template in view.sentences:
        text = template.replace("{node", f"{{{name}") if name else template
        if (found := fill(text, outputs, tools)) is not None:
            yield found


def _lists(view: View, name: str, outputs: Outputs, wish: Arrangement) -> Iterator[tuple[str, Ranked]]:
    """Each list of a view that has rows, arranged as wished, with the node that it is of."""
    per = [table for table in view.tables if wish.per and table.per == wish.per and not (table.on_wish and wish.things)]
    for table in per or [each for each in view.tables if not each.on_wish]:
        node = name if table.node == "node" else table.node
        rows = value_at(outputs.get(node), table.path)
        if isinstance(rows, list) and rows and table.columns:
            around = value_at(outputs.get(node), table.path.rpartition(".")[0])
            yield node, ranked(_with_units(table, rows[0], around), rows, wish)


def _with_units(table: TableView, row: Json, around: Json) -> TableView:
    """The view with the unit that its rows or their value say in the headings that leave it open."""
    said = own_unit(row) or own_unit(around)
    unit = f", {said}" if said else ""
    return replace(table, columns=tuple((head.replace(", {unit}", unit), path) for head, path in table.columns))


def _citations(plan: Plan, outputs: Outputs) -> Iterator[Citation]:
    """One for each call that answered, and one for each expression or sub-plan, which says what it was made of."""
    for node in plan.nodes:
        output = outputs.get(node.id)
        if output is None:
            continue
        answer = output[0] if isinstance(output, list) and output and node.tool else output
        if node.tool and isinstance(answer, dict):
            yield _of_call(node, answer)
        elif not node.tool:
            made_of = ", ".join(_read(node)) or "the request"
            yield Citation(node.id, _inner_tool(node), f"computed from {made_of}", (), (), None)


def _of_call(node: Node, answer: Mapping[str, Json]) -> Citation:
    sources = answer.get("provenance")
    texts = [" ".join(str(part) for part in each.values() if part) for each in _dicts(sources)]
    factors = answer.get("factor_version")
    coverage = value_at(answer.get("data_quality"), "coverage_pct")
    return Citation(
        node.id,
        node.tool or "",
        str(answer.get("method", "")),
        tuple(texts),
        tuple(str(each) for each in factors) if isinstance(factors, list) else (),
        float(coverage) if isinstance(coverage, int | float) else None,
    )


def _dicts(value: Json | None) -> Iterator[Mapping[str, Json]]:
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def _read(node: Node) -> list[str]:
    """The nodes that an expression or sub-plan reads."""
    texts = str(node.model_dump(mode="json", exclude_defaults=True))
    found = [word.strip("'\",)]}(") for word in texts.split() if "$" in word]
    names = [parse(each[each.index("$") :]).node for each in found if is_reference(each[each.index("$") :])]
    return list(dict.fromkeys(name for name in names if name))


def _inner_tool(node: Node) -> str:
    inner = node.sub_plan.plan if node.sub_plan else None
    return next((each.tool for each in inner.nodes if each.tool), "") if inner else ""


def _coverage(citations: Sequence[Citation]) -> Iterator[str]:
    """What is to be said of calls whose data were not there, or in small part."""
    for each in citations:
        if each.coverage_pct == 0:
            yield f"{each.node} found no readings for what was asked, so its figures say nothing"
        elif each.coverage_pct is not None and each.coverage_pct < LOW_COVERAGE_PCT:
            yield f"{each.node} rests on {each.coverage_pct:.1f} % of the readings that there should be"


def found_warnings(outputs: Iterable[Json]) -> Iterator[str]:
    """The warnings of the answers, each once; those that differ in the row of a table of factors as one."""
    seen: dict[tuple[str, str], dict[str, None]] = {}
    for output in outputs:
        for answer in output if isinstance(output, list) else [output]:
            found = answer.get("warnings") if isinstance(answer, dict) else None
            for text in found if isinstance(found, list) else []:
                row = _ROW.fullmatch(str(text))
                key = (row["table"], row["rest"]) if row else ("", str(text))
                seen.setdefault(key, {}).update({row["row"]: None} if row else {})
    told = [f"{table}/{', '.join(rows)}{rest}" if table else rest for (table, rest), rows in seen.items()]
    yield from told[:MOST_WARNINGS]
    if len(told) > MOST_WARNINGS:
        yield f"and {len(told) - MOST_WARNINGS} more (`redaptive runs show RUN --node NODE` shows all of a step)"
