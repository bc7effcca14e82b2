"""What a turn of a conversation asks of the turns before it: an explanation, another view, some rows; or a new plan."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from redaptive.orchestration.answers.arrangement import QUANTITIES, Arrangement, quantity_in
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.dialogue.abilities import abilities
from redaptive.orchestration.dialogue.against import against_period
from redaptive.orchestration.dialogue.asides import Aside, aside_in, yes_but
from redaptive.orchestration.dialogue.asking_on import AskedOn, asked_on
from redaptive.orchestration.dialogue.details import in_full
from redaptive.orchestration.dialogue.done_runs import DoneRun, DoneRuns
from redaptive.orchestration.dialogue.explaining import explained, of_no_run
from redaptive.orchestration.dialogue.filling import with_unit
from redaptive.orchestration.dialogue.heard import Heard, Told
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.listed import Listed, listed_of
from redaptive.orchestration.dialogue.narrowing import narrowed
from redaptive.orchestration.dialogue.reckoner import NOTHING_RUN, Reckoner
from redaptive.orchestration.dialogue.referents import Pointing, pointed, superlative
from redaptive.orchestration.dialogue.remarks import Remark, remark_on
from redaptive.orchestration.dialogue.replies import replied
from redaptive.orchestration.dialogue.run_deeds import decision, ending, undoing
from redaptive.orchestration.dialogue.spoken import Thing, both_spoken, other_spoken, which_two
from redaptive.orchestration.dialogue.telling import told_again, told_row
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome
from redaptive.orchestration.plans.pattern import Pattern
from redaptive.orchestration.plans.reference_types import Tools
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

_I: Final = re.IGNORECASE
_ONLY_ROWS: Final = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|now|please|so|then|just|only|no|actually)\b\W*)*(?:(?:tell\s+me|show(?:\s+me)?|give\s+me|what\s+do\s+you\s+know|what\s+can\s+you\s+tell\s+me)\s+)?(?:(?:(?:some|more|everything|all|the)\s+)*(?:details?|about|on|of|for|information)\s+)*(?P<again>(?:what|how)\s+about\s+|same\s+for\s+|the\s+same\s+for\s+|for\s+)?(?:the\s+details\s+(?:of|on)\s+)?\{\}(?P<too>\s*,?\s*(?:too|as\s+well|please|instead))?\W*$",
    _I,
)
"""A sentence that is nothing but rows: "and the third?", "tell me more about the second one"."""
NO_ANSWER: Final = "Nothing was answered in this conversation yet. What would you like to know?"
NO_LIST: Final = "There is no answer with rows in this conversation yet. What shall be listed?"
STARTED_OVER: Final = "Nothing of before is carried on. What would you like to know?"
NOTHING_ASKED: Final = "There is nothing to do in that. Ask on, or leave the conversation; it is kept for a day."


async def _nothing_said() -> Sequence[str]:
    """The sentences of a conversation that has none."""
    return ()


@dataclass(frozen=True)
class Before:
    """What was said before a turn: the open request with what changed it, and the things that were named, newest last.

    `sentences` gives what was said, turn by turn.
    """

    request: str = ""
    things: tuple[Thing, ...] = ()
    sentences: Callable[[], Awaitable[Sequence[str]]] = _nothing_said


@dataclass(frozen=True)
class Trade:
    """What the platform can do: its tools, its patterns, and the tenant's codes by kind of thing."""

    codes: Mapping[str, Set[str]] = field(default_factory=dict)
    tools: Tools = field(default_factory=dict)
    patterns: Mapping[str, Pattern] = field(default_factory=dict)


class Talk:
    """Hears the turns of a conversation; reads its runs, each once for a turn."""

    def __init__(self, store: WorkflowStore, trade: Trade) -> None:
        self._runs = DoneRuns(store)
        self._trade = trade
        self._reckoner = Reckoner(self._runs, trade.codes)

    async def hear(self, text: str, last: LastAnswer | None, before: Before = Before()) -> Heard:
        """What the sentence asks of the last answer, or the sentence to be planned."""
        aside = aside_in(text)
        if (told := await self._aside(aside, last, before)) is not None:
            return Heard(text, told)
        if last is None:
            remark = remark_on(text)
            return Heard(text, Told(question=NO_ANSWER) if remark is not None and remark.leans else None)
        if (reply := replied(text, last, before.request)) is not None:
            if reply.question:
                return Heard(text, Told(question=reply.question, last=reply.open))
            return Heard(reply.text, intent=reply.intent)
        if aside == "again":
            return Heard(_repeated(last) or text)
        text = yes_but(text) or text
        if last.told and last.period and (other := against_period(text)):
            return Heard(other, compares=True)
        remark = remark_on(text)
        if remark is not None and remark.of_two and (last.listed is None or last.listed.shown != 2):
            remark = None
        if remark is not None and (told := await self._remarked(remark, last)) is not None:
            return Heard(text, told)
        if (unit := with_unit(text, last.text)) is not None and last.status != "question":
            return Heard(unit.text, notes=(unit.note,))
        if (again := _again(text, last)) is not None:
            return again
        both = other_spoken(text, before.things) if not last.meant else None
        if both := both or both_spoken(text, before.things, last.listed):
            return Heard(both.text, notes=both.notes)
        if (which := which_two(text, last.listed)) is not None:
            return Heard(text, Told(question=which, last=last))
        if (on := asked_on(text, self._thing(last, before))) is not None:
            return _going_on(on, last, last.meant)
        return await self._pointing(text, last)

    def _thing(self, last: LastAnswer, before: Before) -> Thing | None:
        """The thing that is spoken of: the only row that was meant or asked for, else what was named last."""
        if last.listed is not None and len(last.meant) == 1 and (row := _building(last.listed, last.meant[0])):
            return row
        for code in last.shown.things if len(last.shown.things) == 1 else ():
            return next((Thing(kind, code) for kind, codes in self._trade.codes.items() if code in codes), None)
        return before.things[-1] if before.things else None

    async def against(self, last: LastAnswer) -> RunAnswer | str:
        """The answer of the turn against the one before it, figure by figure; or why there is no such thing."""
        return await self._reckoner.against(last)

    async def narrow(self, outcome: PlanOutcome, heard: Heard) -> PlanOutcome:
        """The outcome whose steps take the rows that were meant, as they were seen, where they would take every row."""
        if heard.listed is None or outcome.plan is None or (done := await self._runs.run(heard.listed.run_id)) is None:
            return outcome
        listed, tools = heard.listed, {node.id: node.tool for node in done.plan.nodes}
        records = listed.records(heard.meant, done.finished.outputs)
        return narrowed(outcome, listed, tools.get(listed.node) or "", records)

    async def answered(self, last: LastAnswer, run_id: str) -> LastAnswer:
        """The turn after its run, with the list and the period of its answer."""
        done = await self._runs.run(run_id)
        if done is None:
            return last
        answer = done.answer(last.shown)
        listed = self._list(run_id, done, last.shown, answer)
        return last.answered(run_id, listed, done.period, told=bool(answer.citations))

    def _list(self, run_id: str, done: DoneRun, wish: Arrangement, answer: RunAnswer) -> Listed | None:
        return listed_of(run_id, done.plan, done.finished, wish, answer, self._trade.codes)

    async def _aside(self, aside: Aside | None, last: LastAnswer | None, before: Before) -> Told | None:
        """What is told of the conversation itself; None where the sentence is not about that, or answers a question."""
        if aside == "help":
            return Told(lines=abilities(self._trade.patterns), last=last)
        if aside == "recall":
            asked = [text for text in await before.sentences() if aside_in(text) is None]
            return Told(lines=_recalled(asked), last=last)
        if aside == "reset":
            return Told(lines=(STARTED_OVER,), resets=True)
        if aside in ("drop", "undo"):
            return await (self._dropped(last) if aside == "drop" else self._undone(last))
        if aside in ("yes", "no") and last is not None and last.status != "question":
            done = await self._runs.run(last.run_id)
            lines = decision(aside, done.snapshot) if done is not None else ()
            return Told(lines=lines or (NOTHING_ASKED,), last=last)
        return None

    async def _dropped(self, last: LastAnswer | None) -> Told:
        """The open question given up, or how a run that has not ended is ended."""
        if last is None:
            return Told(lines=(NOTHING_RUN,))
        if last.status != "planned":
            return Told(lines=("It is dropped; nothing was run for it.",), last=last.dropped(), drops=True)
        done = await self._runs.run(last.run_id)
        lines = ending(done.snapshot) if done is not None else ()
        said = (f"Run {last.run_id} has ended; nothing is left to cancel. `undo` says how what it did is undone.",)
        return Told(lines=lines or (said if done is not None else (NOTHING_ASKED,)), last=last)

    async def _undone(self, last: LastAnswer | None) -> Told:
        run_id = (last.run_id or last.before.run_id) if last is not None else ""
        done = await self._runs.run(run_id)
        if done is None:
            return Told(lines=(f"{NOTHING_RUN} There is nothing to undo.",), last=last)
        return Told(lines=undoing(done.snapshot, done.plan, self._trade.tools), last=last)

    async def _remarked(self, remark: Remark, last: LastAnswer) -> Told | None:
        """The last answer explained or shown again; None where it does not have what is wished."""
        if remark.thanks:
            still = (f"Still open: {last.message}",) if last.status == "question" else (NOTHING_ASKED,)
            return Told(lines=still, last=last)
        if not last.told:
            last = replace(last, shown=last.before.shown)
        run_id = last.run_id if last.told or remark.explains else last.before.run_id
        done = await self._runs.run(run_id)
        if remark.explains:
            if done is None:
                return Told(lines=of_no_run(last), last=last)
            return Told(lines=explained(last, done.snapshot, done.answer(last.shown)), last=last)
        if remark.reckons is not None:
            return await self._reckoner.reckoned(remark.reckons, done, last)
        if remark.tells:
            return await self._figures(remark.tells, done, last)
        if done is None:
            return Told(question=NO_LIST, last=last) if _needs_rows(remark) else None
        if remark.form == "chart":
            return await self._reckoner.charted(done, last)
        wish = _over(remark.wish, last) if remark.wish else last.shown
        if any(not limit.quantity for limit in wish.within):
            return Told(question="That limit is for which figure: cost, savings, EUI, kWh, or another one?", last=last)
        if remark.form == "csv":
            wish = replace(wish, most=0)
        answer = done.answer(wish)
        if not answer.tables or (remark.wish is not None and not _met(wish, answer)):
            return None
        listed = self._list(run_id, done, wish, answer)
        shown = done.again(last, wish).answered(run_id, listed)
        return Told(answer, form=remark.form, last=replace(shown, meant=(0,)) if remark.one else shown)

    async def _figures(self, quantity: str, done: DoneRun | None, last: LastAnswer) -> Told | None:
        """The figures of a quantity in the row that is spoken of, else in the last answer; None where none is."""
        listed = last.listed
        of_list = await self._runs.run(listed.run_id) if listed is not None and len(last.meant) == 1 else None
        if listed is not None and of_list is not None and listed.run_id == last.run_id:
            answer = of_list.answer(last.shown)
            if (row := told_row(quantity, listed, last.meant[0], of_list.finished.outputs, answer)) is not None:
                return Told(row, last=last)
        if done is None:
            return None
        found = told_again(quantity, done.answer(last.shown), done.period)
        only = done.answer(replace(last.shown, only=(quantity,)))
        if found is None and any(set(table.fields) & set(QUANTITIES[quantity].fields) for table in only.tables):
            found = only
        return Told(found, last=last) if found is not None else None

    async def _pointing(self, text: str, last: LastAnswer) -> Heard:
        """The sentence with codes for the rows it means; rows alone are shown, or done with as the one before was."""
        listed = await self._ordered(text, last)
        if listed is None or last.listed is None:
            return Heard(text)
        found = pointed(text, listed, last.meant, fresh=listed.run_id == last.run_id)
        if found.question and last.earlier is not None:
            listed = last.earlier
            found = pointed(text, listed)
        if found.question:
            return Heard(text, Told(question=found.question, last=last))
        if not (found.rows or found.meant):
            return Heard(text)
        if listed is last.earlier:
            last = replace(last, listed=listed)
        rows = found.rows or found.meant
        meant, alone = _places_in(last.listed or listed, listed, rows), _ONLY_ROWS.match(found.template)
        if found.shape and (told := await self._reckoner.of_rows(found, listed, last)) is not None:
            return Heard(text, replace(told, last=replace(last, meant=meant)))
        if not found.rows:
            return Heard(text)
        if len(meant) == 1 and (on := asked_on(found.shape, _building(listed, rows[0]))) is not None and not on.told:
            return _going_on(on, last, meant, *found.notes)
        if alone and last.status != "question" and (told := await self._rows(listed, found, last)) is not None:
            return Heard(text, replace(told, last=replace(last, meant=meant)))
        return Heard(found.text, None, found.template, meant, last.listed, found.notes)

    async def _ordered(self, text: str, last: LastAnswer) -> Listed | None:
        """The last list; where a superlative points at it, in the order of that: "the cheapest one"."""
        if last.listed is None or (end := superlative(text)) is None:
            return last.listed
        wish = Arrangement(by=end[0], end=end[1]).over(replace(last.shown, most=None))
        done = await self._runs.run(last.listed.run_id)
        ordered = self._list(last.listed.run_id, done, wish, done.answer(wish)) if done is not None else None
        return ordered or last.listed

    async def _rows(self, listed: Listed, found: Pointing, last: LastAnswer) -> Told | None:
        done = await self._runs.run(listed.run_id)
        if done is None:
            return None
        return Told(in_full(listed, found.rows, done.finished.outputs, done.answer(last.shown)))


def _going_on(on: AskedOn, last: LastAnswer, meant: tuple[int, ...], *notes: str) -> Heard:
    """The request for the thing that is spoken of, open for the next: "and the other one?"."""
    told = Told(question=on.told, last=last) if on.told else None
    if last.listed is None or len(meant) != 1 or on.told:
        return Heard(on.text, told, notes=(*notes, on.note))
    return Heard(on.text, None, on.text.replace(on.thing, "{}"), meant, last.listed, (*notes, on.note))


def _building(listed: Listed, row: int) -> Thing | None:
    """The building of a row; None where it is of none, or is not kept."""
    code = listed.rows[row].get("building") if row < len(listed.rows) else None
    return Thing("building", code) if code else None


MOST_RECALLED: Final = 10


def _recalled(sentences: Sequence[str]) -> tuple[str, ...]:
    """What was said before, numbered, the newest last."""
    if not sentences:
        return ("Nothing was asked in this conversation before.",)
    first = max(0, len(sentences) - MOST_RECALLED)
    more = (f"({first} earlier ones are not shown)",) if first else ()
    return (*more, *(f'{at}. "{text}"' for at, text in enumerate(sentences[first:], first + 1)))


def _repeated(last: LastAnswer) -> str:
    """What is run when the last sentence is to be run again; empty where it only makes sense after others."""
    return last.text if last.status == "planned" and last.request == last.text else ""


def _places_in(listed: Listed, ordered: Listed, rows: Sequence[int]) -> tuple[int, ...]:
    """The places in a list of rows of the same list in another order; none where it is another list."""
    if ordered.run_id != listed.run_id or ordered.node != listed.node:
        return ()
    at = {place: number for number, place in enumerate(listed.places)}
    places = [ordered.places[row] for row in rows if row < len(ordered.places)]
    return tuple(at[place] for place in places if place in at)


def _needs_rows(remark: Remark) -> bool:
    """Whether a remark says nothing without an answer before it: "top 3", "as CSV"."""
    return remark.form != "text" or (remark.wish is not None and remark.wish.most is not None)


def _over(wish: Arrangement, last: LastAnswer) -> Arrangement:
    """The new wish over the one before; "per square foot" after a cost is a cost per square foot."""
    within = tuple(replace(each, quantity=each.quantity or last.shown.by or "") for each in wish.within)
    wish, name = replace(wish, within=within), f"{last.shown.by or quantity_in(last.text)} per area"
    if wish.by == "intensity" and wish.only and name in QUANTITIES:
        wish = replace(wish, by=name, only=(name,))
    return wish.over(last.shown)


def _met(wish: Arrangement, answer: RunAnswer) -> bool:
    """Whether a list of the answer has the quantity that is wished for."""
    ordered = wish.by is None or any(table.ordered_by for table in answer.tables)
    fields = {field for name in wish.only for field in QUANTITIES[name].fields}
    named = not wish.only or any(fields & set(table.fields) for table in answer.tables)
    limited = all(any(limit.quantity in table.limited_by for table in answer.tables) for limit in wish.within)
    return limited and ordered and named and (not wish.per or any(table.per == wish.per for table in answer.tables))


_GOES_ON: Final = re.compile(
    r"^\W*(?:and|what\s+about|how\s+about|now|then|also|(?:the\s+)?same)\b|\b(?:too|as\s+well)\W*$", _I
)


def _again(text: str, last: LastAnswer) -> Heard | None:
    """ "And the third?": what was done with rows of a list, done with other rows of it; None where nothing was."""
    if not last.pointed or last.pointed_list is None or not _GOES_ON.search(text):
        return None
    found = pointed(text, last.pointed_list, last.meant_before if last.moved else last.meant)
    if not found.named or not _ONLY_ROWS.match(found.template):
        return None
    return Heard(
        last.pointed.replace("{}", found.named), None, last.pointed, found.rows, last.pointed_list, found.notes
    )
