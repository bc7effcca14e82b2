"""Arithmetic on the runs of a conversation: with the last answer, with rows of a list, with the answer before."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Final

from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.dialogue.arithmetic import comparable, reckoned
from redaptive.orchestration.dialogue.basis import Basis, rows_of
from redaptive.orchestration.dialogue.charting import charted
from redaptive.orchestration.dialogue.done_runs import DoneRun, DoneRuns
from redaptive.orchestration.dialogue.heard import Told
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.listed import Listed, listed_of
from redaptive.orchestration.dialogue.reckoning import Reckoning
from redaptive.orchestration.dialogue.referents import Pointing
from redaptive.orchestration.dialogue.remarks import Form, remark_on
from redaptive.orchestration.dialogue.summaries import without_outliers

_OF_SEVERAL: Final = frozenset({"compare", "sum", "mean", "median", "count", "outliers"})
NOTHING_RUN: Final = "Nothing was run in this conversation yet."


class Reckoner:
    """Reckons with the runs of a conversation; `codes` are the tenant's, by kind of thing."""

    def __init__(self, runs: DoneRuns, codes: Mapping[str, Set[str]]) -> None:
        self._runs, self._codes = runs, codes

    async def charted(self, done: DoneRun, last: LastAnswer) -> Told | None:
        """The figures of the last answer as a chart."""
        return _as_told(charted(await self._basis(done, last)), last, form="chart")

    async def reckoned(self, wish: Reckoning, done: DoneRun | None, last: LastAnswer) -> Told | None:
        """Arithmetic on the figures of the last answer; None where it names a part that is in none of its rows."""
        if done is None:
            return Told(
                question="There is no figure in this conversation yet. Of what, and of which period?", last=last
            )
        basis = await self._basis(done, last)
        if wish.kind in _OF_SEVERAL and len(basis.rows) == 1:  # the row that was spoken of before is not what is meant
            basis = replace(basis, rows=())
        if wish.kind == "compare" and not comparable(basis):
            return None
        if wish.kind == "outliers":
            return self._spread(done, last, basis)
        return _as_told(reckoned(wish, basis), last, wish)

    async def _basis(self, done: DoneRun, last: LastAnswer) -> Basis:
        """What is reckoned with: the last answer, the only rows of it that are meant, and the answer before."""
        basis = Basis(done.answer(last.shown), done.finished.outputs, last.shown, last.text, done.period)
        if last.listed is not None and last.listed.run_id == last.run_id:
            basis = replace(basis, rows=tuple(last.listed.places[at] for at in last.meant))
        earlier = await self._runs.run(last.before.run_id) if last.told else None
        if earlier is None:
            return basis
        shown = replace(last.shown, things=tuple(last.before.things))
        return replace(basis, before=Basis(earlier.answer(shown), earlier.finished.outputs, shown, "", earlier.period))

    def _spread(self, done: DoneRun, last: LastAnswer, basis: Basis) -> Told:
        """The last answer without the rows that are far from the others."""
        rows = rows_of(basis)
        found = without_outliers(rows) if rows is not None else "The last answer has no rows of figures."
        if isinstance(found, str):
            return Told(question=found, last=last)
        wish, run_id = replace(last.shown, things=found.kept), done.snapshot.run.id
        answer = done.answer(wish)
        listed = listed_of(run_id, done.plan, done.finished, wish, answer, self._codes)
        shown = done.again(last, wish).answered(run_id, listed)
        return Told(replace(answer, sentences=(found.told, *answer.sentences)), last=shown)

    async def against(self, last: LastAnswer) -> RunAnswer | str:
        """The answer of the turn against the one before it, figure by figure; or why there is no such thing."""
        done = await self._runs.run(last.run_id)
        return reckoned(Reckoning("change"), await self._basis(done, last)) if done is not None else NOTHING_RUN

    async def of_rows(self, found: Pointing, listed: Listed, last: LastAnswer) -> Told | None:
        """What is reckoned with rows that are meant: "the sum of the first two"; None where something else is asked."""
        remark = remark_on(found.shape.replace("{}", "these"))
        done = await self._runs.run(listed.run_id)
        if remark is None or remark.reckons is None or done is None:
            return None
        shown = replace(last.shown, most=0)
        basis = Basis(done.answer(shown), done.finished.outputs, shown, last.text, done.period)
        places = tuple(listed.places[at] for at in found.meant if at < len(listed.places))
        return _as_told(reckoned(remark.reckons, replace(basis, rows=places)), last, remark.reckons)


def _as_told(
    found: RunAnswer | str, last: LastAnswer, wish: Reckoning | None = None, form: Form = "text"
) -> Told | None:
    """What was found, or the question why it was not; None where the sentence may mean something that is not here."""
    if isinstance(found, RunAnswer):
        return Told(found, form=form, last=last)
    return None if wish is not None and wish.part else Told(question=found, last=last)
