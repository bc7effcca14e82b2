"""How an answer came about, out of its stored run: steps, inputs, period, data, factors, what was assumed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from redaptive.orchestration.answers.composer import Finished, found_warnings
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.state.run_records import NodeRecord, Snapshot

MOST_TEXT: Final = 240
_ASKS: Final = {
    "infeasible": "It cannot be done as it was said; nothing was run.",
    "unsafe": "It would change or switch something that may not be touched this way; nothing was run.",
    "out_of_scope": "No tool of this platform does that; nothing was run.",
    "not_permitted": "Your rights do not allow it; nothing was run.",
    "unavailable": "The part that does that is not here; nothing was run.",
}


def of_no_run(last: LastAnswer) -> tuple[str, ...]:
    """Why there was a question, a refusal, or nothing yet."""
    if last.status == "refused":
        return (f'You said: "{last.text}"', last.message, _ASKS.get(last.reason, "Nothing was run."))
    if last.status == "question":
        return (
            f'You said: "{last.text}"', f"Asked back: {last.message}",
            "A step needs that, and neither this sentence nor an earlier one says it; nothing is guessed.",
        )  # fmt: skip
    return (f'You said: "{last.text}"', "A plan was shown, and no step was run.", *last.notes)


def explained(last: LastAnswer, snapshot: Snapshot, answer: RunAnswer) -> tuple[str, ...]:
    """Lines that say what was asked, what each step was given and took, and how its figures were made."""
    run = snapshot.run
    steps = [record for record in snapshot.nodes if record.item_index < 0]
    at = f"{run.created_at:%Y-%m-%d %H:%M} UTC"
    lines = [
        f'You asked: "{last.text}"',
        f"{_counted(len(steps))} of run {run.id} answered it, {at} ({run.state}). Nothing was run again.",
    ]
    methods = {citation.node: citation for citation in answer.citations}
    for number, record in enumerate(steps, 1):
        lines.append(f"{number}. {record.node}{f': {record.tool}' if record.tool else ''} ({record.state})")
        lines += [f"   {line}" for line in _of_step(record)]
        if (citation := methods.get(record.node)) is not None:
            lines += [f"   how: {citation.method}"] if citation.method else []
            lines += (
                [f"   data: {'; '.join(citation.sources)}{_coverage(citation.coverage_pct)}"]
                if citation.sources
                else []
            )
            lines += [f"   factors: {'; '.join(citation.factors)}"] if citation.factors else []
    lines += [
        f"order: {table.title}; ordered after the run, no step did that" for table in answer.tables if table.ordered_by
    ]
    lines += [f"not shown: {table.left_out} rows of {table.title}" for table in answer.tables if table.left_out]
    lines += [f"assumed: {note}" for note in last.notes]
    lines += [f"careful: {warning}" for warning in found_warnings(Finished.of(snapshot).outputs.values())]
    return (*lines, f"All that was recorded: redaptive runs show {run.id}")


def _of_step(record: NodeRecord) -> Iterator[str]:
    """What the step was given, what its tool took besides, and why it failed."""
    given: Mapping[str, Json] = record.args if isinstance(record.args, dict) else {}
    if said := _listed(given):
        yield f"given: {said}"
    output = record.output[0] if isinstance(record.output, list) and record.output else record.output
    used = output.get("inputs_used") if isinstance(output, dict) else None
    taken = (
        {k: v for k, v in used.items() if v not in (None, [], {}) and given.get(k) != v}
        if isinstance(used, dict)
        else {}
    )
    if said := _listed(taken):
        yield f"taken by the tool: {said}"
    if record.error is not None:
        yield f"failed: {record.error.get('message')}"


def _listed(values: Mapping[str, Json]) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in values.items() if value is not None)


def _short(value: Json) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        text = ", ".join(map(str, value))
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}..."


def _coverage(share: float | None) -> str:
    return f" (coverage {share:.1f} %)" if share is not None else ""


def _counted(steps: int) -> str:
    return "1 step" if steps == 1 else f"{steps} steps"
