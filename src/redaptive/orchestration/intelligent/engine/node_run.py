"""What one node of a run works with: its plan, values, principal, and how it tells what happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import JsonValue

from redaptive.agents.invoker import Progress
from redaptive.agents.principal import Principal
from redaptive.errors import Internal, InvalidInput
from redaptive.infrastructure.messaging.events.envelope import Event
from redaptive.orchestration.intelligent.conditional_engine import Types
from redaptive.orchestration.intelligent.dag_engine import ordered
from redaptive.orchestration.intelligent.engine.accounts import Charge
from redaptive.orchestration.intelligent.engine.announcements import node_started
from redaptive.orchestration.intelligent.engine.calls import Pay, ToolCall
from redaptive.orchestration.intelligent.engine.journal import NodeEntry
from redaptive.orchestration.intelligent.engine.keys import call_key
from redaptive.orchestration.intelligent.engine.live_run import LiveRun
from redaptive.orchestration.intelligent.engine.outcomes import pack
from redaptive.orchestration.intelligent.engine.steps import Steps
from redaptive.orchestration.intelligent.engine.tools import Tools, now
from redaptive.orchestration.plans.references import Scope
from redaptive.orchestration.plans.schema import Node, Plan
from redaptive.orchestration.state.run_records import JsonObject


@dataclass
class RunContext:
    """A run at work in this process. `outputs` fills as nodes end; skipped ones are there by their default."""

    tools: Tools
    live: LiveRun
    plan: Plan
    steps: Steps
    principal: Principal
    types: Types
    order: list[str]
    parents: dict[str, tuple[str, ...]]
    nodes: dict[str, Node]
    outputs: dict[str, JsonValue] = field(default_factory=dict)

    @classmethod
    def of(cls, tools: Tools, live: LiveRun, plan: Plan, steps: Steps, principal: Principal) -> RunContext:
        """The context of a run that begins, or begins again; raises InvalidInput for a plan without an order."""
        by_id = {node.id: node for node in plan.nodes}
        graph = ordered(plan)
        above = {name: tuple(graph.ids[at] for at in those) for name, those in zip(by_id, graph.parents, strict=True)}
        order = [graph.ids[at] for at in graph.order]
        return cls(tools, live, plan, steps, principal, tools.types(plan), order, above, by_id, outputs={})

    def position(self, node: str) -> int:
        """The place of a node in the topological order, from 0."""
        return self._positions[node]

    def __post_init__(self) -> None:
        """Index the order."""
        self._positions = {name: at for at, name in enumerate(self.order)}

    def scope(self, item: JsonValue = None, index: int | None = None) -> Scope:
        """The values that references stand for right now."""
        return Scope(self.live.run.inputs, self.outputs, item, index)

    def arguments(self, node: Node, scope: Scope) -> JsonObject:
        """The node's arguments with every reference resolved.

        :raises InvalidInput: when a reference leads nowhere.
        """
        found = scope.resolve(dict(node.args))
        assert isinstance(found, dict)
        return found

    def tell(self, entry: NodeEntry, *events: Event) -> None:
        """Note a change of a node for people, with the events that go out."""
        self.live.changes += 1
        self.tools.journal.node(self.live.key, entry, events)

    def has_effects(self, node: Node) -> bool:
        """Whether the node's tool changes something somewhere, so that others are told what became of it."""
        spec = self.tools.specs(node.tool) if node.tool else None
        return spec is not None and not spec.reads_only

    async def keep(self, value: JsonValue, node: str) -> JsonObject:
        """The checkpoint of an output; a large one is stored on its own first.

        :raises InvalidInput: when it is no plain JSON.
        """
        packed = pack(value, node)
        if packed.sha256 is not None:
            await self.tools.store.keep_output(self.live.key, packed.sha256, packed.value)
        return packed.checkpoint()

    async def unpack(self, checkpoint: JsonObject) -> JsonValue:
        """The output of a checkpoint that has one."""
        if "ref" in checkpoint:
            return await self.tools.store.output(self.live.key, str(checkpoint["ref"]))
        if "ok" not in checkpoint:
            raise Internal("A checkpoint holds neither an output nor an error.")
        return checkpoint["ok"]

    def tried(self, node: Node, index: int = -1, args: JsonObject | None = None) -> Callable[[int], None]:
        """A function that tells of each attempt."""

        told = index < 0 and self.has_effects(node)

        def tell(attempt: int) -> None:
            entry = NodeEntry(node.id, "running", index, tool=node.tool, attempt=attempt, args=args, started_at=now())
            self.tell(entry, *([node_started(self.live, node.id, str(node.tool), attempt)] if told else []))

        return tell

    def tool_call(self, node: Node, arguments: JsonObject, index: int | None = None) -> ToolCall:
        """The call of the node, or of one item of its foreach.

        :raises InvalidInput: when the node names no tool.
        """
        if node.tool is None:
            raise InvalidInput(f"The node {node.id} does nothing.", field=node.id, fix="Give it a tool.")
        return ToolCall(
            tool=node.tool,
            arguments=arguments,
            key=call_key(self.live.run.id, node.id, index),
            principal=self.principal,
            retry=node.retry,
            timeout_s=node.timeout_s,
            pay=self._payment(node, node.tool, -1 if index is None else index),
        )

    def _payment(self, node: Node, tool: str, index: int) -> Pay | None:
        """What takes the price of an attempt from the budget; None for what costs nothing."""
        spec = self.tools.specs(tool)
        if spec is None or not spec.usd_per_call:
            return None
        price, accounts, key = spec.usd_per_call, self.tools.accounts, self.live.key
        return lambda attempt: accounts.reserve(key, Charge(node.id, index, attempt, tool, price))

    def progress(self, node: Node) -> Progress:
        """A function that tells how far a tool is; of unknown totals nothing is told."""

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            if total:
                share = min(1.0, max(0.0, progress / total))
                self.tell(NodeEntry(node.id, "running", progress=share, reason=message or ""))

        return tell
