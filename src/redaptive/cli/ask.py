"""`redaptive ask`: from a question to a plan, a durable run, and an answer whose figures can be traced."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

import typer

from redaptive.agents.catalogue import catalogue
from redaptive.app import App
from redaptive.cli.ask_turns import aside, before, context_in, last_of, remember, shown_as_before, spelled
from redaptive.cli.ask_view import print_answer, print_changes, print_told, show_plan
from redaptive.cli.ask_watch import Watched, watch
from redaptive.cli.executor import open_engine
from redaptive.cli.output import print_json, say
from redaptive.cli.runs_session import checker, controller, operator
from redaptive.cli.session import with_app
from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.llm_budget import LlmBudget, ValkeyLedger
from redaptive.orchestration.ai.llm_framework import language_model
from redaptive.orchestration.ai.semantic_search import packaged_search
from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.context.memory_manager import MemoryManager
from redaptive.orchestration.control.starting import StartTerms
from redaptive.orchestration.control.workflow_controller import WorkflowController
from redaptive.orchestration.dialogue.filling import with_thing, with_unknown
from redaptive.orchestration.dialogue.heard import Told
from redaptive.orchestration.dialogue.last_answer import SLOT, LastAnswer
from redaptive.orchestration.dialogue.replies import completed
from redaptive.orchestration.dialogue.talk import Talk, Trade
from redaptive.orchestration.intelligent.engine.runtime import EngineOptions
from redaptive.orchestration.intelligent.matchers.nlu_matcher import NluMatcher
from redaptive.orchestration.intelligent.matchers.sentence import sentence_of
from redaptive.orchestration.intelligent.planners.ai_planner import AiPlanner
from redaptive.orchestration.intelligent.planners.outcome import Context, PlanOutcome, PlanRequest
from redaptive.orchestration.intelligent.planners.planner import Knowledge, Planner
from redaptive.orchestration.intelligent.planners.planning import Planning
from redaptive.orchestration.intelligent.planners.replanner import replan
from redaptive.orchestration.intelligent.planners.tenant_directory import load_directory
from redaptive.orchestration.state.workflow_persistence import WorkflowStore

NEW = "new"


@dataclass(frozen=True)
class Asked:
    """What the command was given."""

    text: str
    plan_only: bool
    approve: bool
    as_json: bool
    conversation: str | None


@dataclass(frozen=True)
class Reply:
    """Everything that came of a question."""

    outcome: PlanOutcome
    conversation: str | None = None
    run_id: str | None = None
    state: str | None = None
    answer: RunAnswer | None = None
    told: Told | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON: the outcome of planning, the run, the answer; or what was told of the answer before."""
        named = {"conversation": self.conversation, "run": self.run_id, "state": self.state}
        outcome = self.outcome.as_dict() if self.told is None else self.told.as_dict()
        found = {**outcome, **{key: value for key, value in named.items() if value is not None}}
        return found | ({"answer": self.answer.as_dict()} if self.answer else {})


def ask(
    text: Annotated[str, typer.Argument(help="What you want to know or have done, in your own words.")],
    conversation: Annotated[
        str | None, typer.Option(help="Id of a conversation to go on with; `new` begins one.")
    ] = None,
    plan_only: Annotated[bool, typer.Option("--plan-only", help="Show the plan and run nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve what the plan asks a person for.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Ask a question: the plan is shown and run by this process, the answer cites where each figure comes from.

    The run is durable: if this process dies, an executor (`redaptive up`) goes on with it; `redaptive runs show last`.
    """
    if not text.strip():
        raise InvalidInput("There is no question.", field="text", fix='Say: redaptive ask "which stores use most?"')
    asked = Asked(text, plan_only, yes, as_json, conversation)

    async def run(running: App) -> Reply:
        return await answer(running, asked)

    reply = with_app(run, quiet=True)
    if as_json:
        print_json(reply.as_dict())
    if reply.outcome.status == "refused" or reply.state in ("failed", "needs_attention"):
        raise typer.Exit(1)


async def answer(running: App, asked: Asked) -> Reply:
    """The reply, inside its conversation where there is one; raises InvalidInput for endless text."""
    asked = replace(asked, text=sentence_of(asked.text))
    control = await controller(running)
    planning = await planning_for(running, control)
    knowledge = planning.planner.knowledge
    trade = Trade(knowledge.directory.codes, knowledge.tools, knowledge.patterns)
    talk = Talk(WorkflowStore(running.pools, control.tenant_id), trade)
    if asked.conversation is None:
        heard = await talk.hear(asked.text, None)
        if heard.told is not None:
            return _told(heard.told, asked)
        return await _reply(running, control, await _planned(running, planning, asked, Context()), asked)
    memory = MemoryManager(running.pools, control.tenant_id, control.actor)
    handle = await memory.start() if asked.conversation == NEW else _handle(asked.conversation)
    reply = replace(await _in_turn(running, control, planning, asked, memory, talk, handle), conversation=str(handle))
    if not asked.as_json:
        say(f'\nGo on with: redaptive ask --conversation {handle} "..."')
    return reply


async def _in_turn(
    running: App, control: WorkflowController, planning: Planning, asked: Asked, memory: MemoryManager, talk: Talk,
    handle: UUID,
) -> Reply:  # fmt: skip
    """The next turn: about the last answer, or a plan of its own, whose run begins when the conversation is free."""
    async with memory.turn(handle) as turn:
        typed, last, said = asked.text, last_of(turn), before(turn, lambda: _sentences(memory, handle))
        heard = await talk.hear(asked.text, last, said)
        if heard.told is not None:
            aside(turn, asked.text, heard.told)
        else:
            codes = planning.planner.knowledge.directory.codes
            asked = replace(asked, text=spelled(turn, heard.text, codes.get("meter", frozenset())))
            context = context_in(turn, planning.planner, asked.text, heard, last)
            outcome = await talk.narrow(await _planned(running, planning, asked, context), heard)
            if (whole := completed(last, outcome, asked.text, said.request)) is not None:
                full = replace(asked, text=whole)
                if (found := await _planned(running, planning, full, context)).plan is not None:
                    outcome, asked = found, full
            if last is not None and (taken := with_thing(asked.text, outcome, said.things)) is not None:
                full = replace(asked, text=taken.text)
                found = await _planned(running, planning, full, context)
                if reads_only(found) or found.choices:
                    outcome, asked = found.noting(taken.note), full
            outcome = with_unknown(asked.text, outcome, codes)
            outcome = shown_as_before(outcome.noting(*heard.notes), asked.text, last, context)
            now = LastAnswer.of(asked.text, outcome, last).about(heard.pointed, heard.meant, heard.listed)
            now = remember(turn, typed, asked.text, outcome, now, context)
    if heard.told is not None:
        return _told(heard.told, asked)
    reply = await _reply(running, control, outcome, asked)
    if reply.run_id is None:
        return reply
    now = await talk.answered(now, reply.run_id)
    await memory.note(handle, {SLOT: now.as_dict()})
    return await _against(talk, now, reply, asked) if heard.compares else reply


async def _against(talk: Talk, now: LastAnswer, reply: Reply, asked: Asked) -> Reply:
    """The reply with what its answer says against the one before it."""
    found = await talk.against(now)
    if isinstance(found, str) or reply.answer is None:
        if not asked.as_json:
            say(f"\n{found if isinstance(found, str) else ''}")
        return reply
    if not asked.as_json:
        print_changes(found)
    return replace(reply, answer=replace(reply.answer, sentences=(*found.sentences, *reply.answer.sentences)))


def reads_only(outcome: PlanOutcome) -> bool:
    """Whether an outcome has a plan, none of whose steps waits for a person."""
    return outcome.plan is not None and all(node.approval is None for node in outcome.plan.nodes)


async def _sentences(memory: MemoryManager, handle: UUID) -> list[str]:
    """What was said in the conversation, turn by turn."""
    return [str(turn["text"]) for turn in await memory.history(handle)]


def _told(told: Told, asked: Asked) -> Reply:
    if not asked.as_json:
        print_told(told)
    run_id = told.last.run_id or None if told.last else None
    return Reply(PlanOutcome("planned"), None, run_id, None, told.answer, told)


async def planning_for(running: App, control: WorkflowController) -> Planning:
    """The planners that know the tenant's names and buildings, with a language model where one is configured."""
    directory = await load_directory(running.pools, control.tenant_id)
    planner = Planner(NluMatcher(), Knowledge(catalogue(), directory))
    settings = running.settings
    budget = LlmBudget(ValkeyLedger(running.cache), settings.llm_tokens_per_day, settings.llm_usd_per_day)
    model = language_model(settings, budget)
    return Planning(planner, AiPlanner(model, planner, packaged_search(catalogue())) if model else None)


async def _planned(running: App, planning: Planning, asked: Asked, context: Context) -> PlanOutcome:
    scopes = frozenset(tool.spec.scope for tool in catalogue().values())
    return await planning.plan(PlanRequest(asked.text, running.settings.tenant, scopes, context))


async def _reply(running: App, control: WorkflowController, outcome: PlanOutcome, asked: Asked) -> Reply:
    if not asked.as_json:
        show_plan(outcome)
    if outcome.plan is None or asked.plan_only:
        return Reply(outcome)
    return await _run(running, control, outcome, asked)


async def _run(running: App, control: WorkflowController, outcome: PlanOutcome, asked: Asked) -> Reply:
    """The plan, run by an executor of this process; a run that waits for somebody else is left to wait."""
    assert outcome.plan is not None
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_engine(running, EngineOptions(grace_s=1.0)))
        outcome, watched, lost = await _until_done(running, control, outcome, asked)
    assert outcome.plan is not None
    found = compose(outcome.plan, Finished.of(watched.snapshot), outcome.shown)
    found = replace(found, problems=(*found.problems, *lost))
    if not asked.as_json:
        _print(watched, found)
    return Reply(outcome, None, watched.snapshot.run.id, watched.snapshot.run.state, found)


async def _until_done(
    running: App, control: WorkflowController, outcome: PlanOutcome, asked: Asked
) -> tuple[PlanOutcome, Watched, tuple[str, ...]]:
    """The run at its end; when a step failed, once more from the checkpoint without it, if that leaves something.

    The last says what the answer lacks then.
    """
    assert outcome.plan is not None
    terms = StartTerms(origin="ask", reason=asked.text[:200])
    started = await control.start(outcome.plan, outcome.inputs, terms)
    watched = await watch(running, control, started.run_id, approve=asked.approve, quiet=asked.as_json)
    if watched.snapshot.run.state != "failed":
        return outcome, watched, ()
    finished, context = Finished.of(watched.snapshot), checker().context(await operator(running))
    other = replan(outcome.plan, finished.outputs, finished.errors, context, outcome.inputs)
    if other is None:
        return outcome, watched, ()
    changed = replace(outcome, plan=other.plan).noting(*other.notes)
    if not asked.as_json:
        say("\nPlanned again from the checkpoint: " + " ".join(other.notes))
    again = replace(terms, preset=dict(other.preset), correlation_id=started.run_id)
    second = await control.start(other.plan, changed.inputs, again)
    watched = await watch(running, control, second.run_id, approve=asked.approve, quiet=asked.as_json)
    return changed, watched, other.lost


def _print(watched: Watched, found: RunAnswer) -> None:
    run = watched.snapshot.run
    if not run.finished:
        say(f"\nRun {run.id} waits: {watched.waits_for}. See `redaptive runs show {run.id}`.")
        return
    print_answer(found)
    say(f"\nRun {run.id}: {run.state}. All steps: redaptive runs show {run.id}")


def _handle(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(
            f"{text} is no conversation.", field="--conversation", fix="Give the id that was printed, or `new`."
        ) from None
