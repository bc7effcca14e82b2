"""What a turn of a conversation asks of the turns before it: an explanation, another view, some rows; or a new plan."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Final

from redaptive.errors import NotFound
from redaptive.orchestration.answers.arrangement import QUANTITIES, Arrangement, quantity_in
from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.answers.templates import Outputs
from redaptive.orchestration.dialogue.details import in_full
from redaptive.orchestration.dialogue.explaining import explained, of_no_run
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.listed import Listed, listed_of
from redaptive.orchestration.dialogue.narrowing import narrowed
from redaptive.orchestration.dialogue.referents import Pointing, pointed, superlative
from redaptive.orchestration.dialogue.remarks import Form, Remark, remark_on
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.plans.signatures import value_at
from redaptive.orchestration.state.run_export import whole_nodes
from redaptive.orchestration.state.run_records import Snapshot
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

_I: Final = re.IGNORECASE
_ONLY_ROWS: Final = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|now|please|so|then|just|only|no|actually)\b\W*)*(?:(?:tell\s+me|show(?:\s+me)?|give\s+me|what\s+do\s+you\s+know|what\s+can\s+you\s+tell\s+me)\s+)?(?:(?:(?:some|more|everything|all|the)\s+)*(?:details?|about|on|of|for|information)\s+)*(?P<again>(?:what|how)\s+about\s+|same\s+for\s+|the\s+same\s+for\s+|for\s+)?(?:the\s+details\s+(?:of|on)\s+)?\{\}(?P<too>\s*,?\s*(?:too|as\s+well|please|instead))?\W*$",
    _I,
)
"""A sentence that is nothing but rows: "and the third?", "tell me more about the second one"."""
NO_LIST: Final = "There is no answer with rows in this conversation yet. What shall be listed?"
NOTHING_ASKED: Final = "There is nothing to do in that. Ask on, or leave the conversation; it is kept for a day."


@dataclass(frozen=True)
class Heard:
    """What a sentence means after what was answered. `told` says that it needs no new run; `text` is what is planned
    otherwise, with rows named by their codes, and `pointed` the same with `{}` for the rows `meant` of a list.
    """

    text: str
    told: Told | None = None
    pointed: str = ""
    meant: tuple[int, ...] = ()
    listed: Listed | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """An answer about the last answer, from its stored run. `lines` explain it; `question` is asked back."""

    answer: RunAnswer | None = None
    lines: tuple[str, ...] = ()
    form: Form = "text"
    question: str = ""
    last: LastAnswer | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON: a question, or `told` with the lines of an explanation; the answer stands beside it."""
        if self.question:
            return {"status": "question", "question": self.question}
        return {"status": "told", "lines": list(self.lines)} if self.lines else {"status": "told"}


@dataclass(frozen=True)
class _Done:
    """A run of the conversation as it is stored."""

    snapshot: Snapshot
    plan: Plan
    finished: Finished


@dataclass
class Talk:
    """Reads the runs of a conversation, each once for a turn; `codes` are the tenant's, by kind of thing."""

    store: WorkflowStore
    codes: Mapping[str, Set[str]] = field(default_factory=dict)
    _read: dict[str, _Done | None] = field(default_factory=dict)

    async def hear(self, text: str, last: LastAnswer | None) -> Heard:
        """What the sentence asks of the last answer, or the sentence to be planned."""
        if last is None:
            return Heard(text)
        remark = remark_on(text)
        if remark is not None and (told := await self._remarked(remark, last)) is not None:
            return Heard(text, told)
        return await self._pointing(text, last)

    async def narrow(self, outcome: PlanOutcome, heard: Heard) -> PlanOutcome:
        """The outcome whose steps take the rows that were meant, as they were seen, where they would take every row."""
        if heard.listed is None or outcome.plan is None or (done := await self._run(heard.listed.run_id)) is None:
            return outcome
        listed, tools = heard.listed, {node.id: node.tool for node in done.plan.nodes}
        records = listed.records(heard.meant, done.finished.outputs)
        return narrowed(outcome, listed, tools.get(listed.node) or "", records)

    async def answered(self, last: LastAnswer, run_id: str) -> LastAnswer:
        """The turn after its run, with the list and the period of its answer."""
        done = await self._run(run_id)
        if done is None:
            return last
        answer = _answer(done, last.shown)
        listed = self._list(run_id, done, last.shown, answer)
        return last.answered(run_id, listed, period_of(done.finished.outputs), told=bool(answer.citations))

    def _list(self, run_id: str, done: _Done, wish: Arrangement, answer: RunAnswer) -> Listed | None:
        return listed_of(run_id, done.plan, done.finished, wish, answer, self.codes)

    async def _remarked(self, remark: Remark, last: LastAnswer) -> Told | None:
        """The last answer explained or shown again; None where it does not have what is wished."""
        if remark.thanks:
            return None if last.status == "question" else Told(lines=(NOTHING_ASKED,), last=last)
        run_id = last.run_id if last.told or remark.explains else last.answered_by
        done = await self._run(run_id) if run_id else None
        if remark.explains:
            if done is None:
                return Told(lines=of_no_run(last), last=last)
            return Told(lines=explained(last, done.snapshot, _answer(done, last.shown)), last=last)
        if done is None:
            return Told(question=NO_LIST, last=last) if _needs_rows(remark) else None
        wish = _over(remark.wish, last) if remark.wish else last.shown
        if remark.form == "csv":
            wish = replace(wish, most=0)
        answer = _answer(done, wish)
        if not answer.tables or (remark.wish is not None and not _met(wish, answer)):
            return None
        listed = self._list(run_id, done, wish, answer)
        shown = _of_run(last, run_id, done, wish).answered(run_id, listed)
        return Told(answer, form=remark.form, last=replace(shown, meant=(0,)) if remark.one else shown)

    async def _pointing(self, text: str, last: LastAnswer) -> Heard:
        """The sentence with codes for the rows it means; rows alone are shown, or done with as the one before was."""
        if (again := _again(text, last)) is not None:
            return again
        listed = await self._ordered(text, last)
        if listed is None or last.listed is None:
            return Heard(text)
        found = pointed(text, listed, last.meant, fresh=listed.run_id == last.run_id)
        if found.question and last.earlier is not None:
            listed = last.earlier
            found = pointed(text, listed)
        if found.question:
            return Heard(text, Told(question=found.question, last=last))
        if not found.rows:
            return Heard(text)
        if listed is last.earlier:
            last = replace(last, listed=listed)
        meant = _places_in(last.listed or listed, listed, found.rows)
        if _ONLY_ROWS.match(found.template) and (told := await self._rows(listed, found, last)) is not None:
            return Heard(text, replace(told, last=replace(last, meant=meant)))
        return Heard(found.text, None, found.template, meant, last.listed, found.notes)

    async def _ordered(self, text: str, last: LastAnswer) -> Listed | None:
        """The last list; where a superlative points at it, in the order of that: "the cheapest one"."""
        if last.listed is None or (end := superlative(text)) is None:
            return last.listed
        wish = Arrangement(by=end[0], end=end[1]).over(replace(last.shown, most=None))
        done = await self._run(last.listed.run_id)
        ordered = self._list(last.listed.run_id, done, wish, _answer(done, wish)) if done is not None else None
        return ordered or last.listed

    async def _rows(self, listed: Listed, found: Pointing, last: LastAnswer) -> Told | None:
        done = await self._run(listed.run_id)
        if done is None:
            return None
        return Told(in_full(listed, found.rows, done.finished.outputs, _answer(done, last.shown)))

    async def _run(self, run_id: str) -> _Done | None:
        """The run with its outputs; None when it is not kept any more."""
        if run_id not in self._read:
            self._read[run_id] = await self._stored(run_id)
        return self._read[run_id]

    async def _stored(self, run_id: str) -> _Done | None:
        try:
            snapshot = await self.store.snapshot(run_id)
        except NotFound:
            return None
        whole = replace(snapshot, nodes=await whole_nodes(self.store, snapshot))
        return _Done(whole, Plan.model_validate(snapshot.run.plan), Finished.of(whole))


def _of_run(last: LastAnswer, run_id: str, done: _Done, wish: Arrangement) -> LastAnswer:
    """What was last answered, by the run that is shown again: after a question that is the one before."""
    if last.run_id == run_id:
        return replace(last, shown=wish)
    return replace(last, status="planned", text=done.plan.title, message="", notes=(), shown=wish)


def _places_in(listed: Listed, ordered: Listed, rows: Sequence[int]) -> tuple[int, ...]:
    """The places in a list of rows of the same list in another order; none where it is another list."""
    if ordered.run_id != listed.run_id or ordered.node != listed.node:
        return ()
    at = {place: number for number, place in enumerate(listed.places)}
    return tuple(at[ordered.places[row]] for row in rows if ordered.places[row] in at)


def period_of(outputs: Outputs) -> str:
    """The period that the first tool says its figures are of; empty where none does."""
    said = (value_at(output, "inputs_used.period") for output in outputs.values())
    return next((each for each in said if isinstance(each, str)), "")


def _answer(done: _Done, wish: Arrangement) -> RunAnswer:
    return compose(done.plan, done.finished, wish)


def _needs_rows(remark: Remark) -> bool:
    """Whether a remark says nothing without an answer before it: "top 3", "as CSV"."""
    return remark.form != "text" or (remark.wish is not None and remark.wish.most is not None)


def _over(wish: Arrangement, last: LastAnswer) -> Arrangement:
    """The new wish over the one before; "per square foot" after a cost is a cost per square foot."""
    name = f"{last.shown.by or quantity_in(last.text)} per area"
    if wish.by == "intensity" and wish.only and name in QUANTITIES:
        wish = replace(wish, by=name, only=(name,))
    return wish.over(last.shown)


def _met(wish: Arrangement, answer: RunAnswer) -> bool:
    """Whether a list of the answer has the quantity that is wished for."""
    ordered = wish.by is None or any(table.ordered_by for table in answer.tables)
    named = not wish.only or any(len(table.columns) > 1 for table in answer.tables)
    return ordered and named and (not wish.per or any(table.per == wish.per for table in answer.tables))


_GOES_ON: Final = re.compile(
    r"^\W*(?:and|what\s+about|how\s+about|now|then|also|(?:the\s+)?same)\b|\b(?:too|as\s+well)\W*$", _I
)


def _again(text: str, last: LastAnswer) -> Heard | None:
    """ "And the third?": what was done with rows of a list, done with other rows of it; None where nothing was."""
    if not last.pointed or last.pointed_list is None or not _GOES_ON.search(text):
        return None
    found = pointed(text, last.pointed_list, () if last.moved else last.meant)
    if not found.named or not _ONLY_ROWS.match(found.template):
        return None
    return Heard(
        last.pointed.replace("{}", found.named), None, last.pointed, found.rows, last.pointed_list, found.notes
    )
