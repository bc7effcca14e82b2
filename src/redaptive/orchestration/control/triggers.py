"""Plans that events start: kept per tenant; an event starts at most one run of each trigger, however often it comes.

The run's id is `evt:{event id}:{trigger}`, so that a second delivery, a replay or a crash in between adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from psycopg.types.json import Jsonb

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation.compatibility import mismatch
from redaptive.orchestration.ai.validation.literals import Problem, no_references, problems
from redaptive.orchestration.control.kept_plans import KeptPlans
from redaptive.orchestration.control.permissions import OPERATE, READ
from redaptive.orchestration.control.starting import with_defaults
from redaptive.orchestration.intelligent.engine.matching import EVENT
from redaptive.orchestration.plans.json_types import JsonType, read
from redaptive.orchestration.plans.reference_types import event_schemas
from redaptive.orchestration.plans.references import parse
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import JsonObject


@dataclass(frozen=True)
class Cause:
    """Which events start the plan: those of the type whose fields equal `match`, and what they give it as `inputs`.

    `inputs`: literals, or `$event.field` of the event's data.
    """

    event_type: str
    match: JsonObject = field(default_factory=dict)
    inputs: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class Trigger:
    """A plan with the events that start it."""

    name: str
    event_type: str
    match: JsonObject
    plan: JsonObject
    inputs: JsonObject
    priority: int
    queue: str
    created_by: str
    enabled: bool


class Triggers(KeptPlans):
    """The triggers of the principal's tenant. A triggered run has the rights of whoever made the trigger."""

    noun = "trigger"
    deletes = "DELETE FROM run_triggers WHERE name = %s"

    async def put(self, name: str, cause: Cause, plan: Plan, *, priority: int = 100) -> Trigger:
        """The trigger, new or replaced.

        :raises InvalidInput: plan, event or inputs do not fit. :raises Unauthorized: scope.
        """
        self._principal.require(OPERATE)
        plan = self._checker.completed(plan, self._principal)
        self._checker.require_plan(plan, self._principal)
        given = with_defaults(plan, cause.inputs)
        check_cause(cause, plan, given)
        values = self._values(name, plan, given, priority)
        values |= {"type": cause.event_type, "match": Jsonb(cause.match)}
        async with self._pools.transaction(self._tenant) as connection:
            cursor = await connection.execute(_PUT, values)
            return self._record(Trigger, await cursor.fetchall(), name)

    async def all(self) -> list[Trigger]:
        """Every trigger, by name."""
        self._principal.require(READ)
        rows = await self._pools.query("SELECT * FROM run_triggers ORDER BY name", tenant_id=self._tenant)
        return [self._record(Trigger, [row], str(row["name"])) for row in rows]

    async def enable(self, name: str, enabled: bool) -> Trigger:
        """Let a trigger rest, or start runs again; events that came while it rested start nothing. Raises NotFound."""
        self._principal.require(OPERATE)
        async with self._pools.transaction(self._tenant) as connection:
            cursor = await connection.execute(
                "UPDATE run_triggers SET enabled = %s WHERE name = %s RETURNING *", (enabled, name)
            )
            return self._record(Trigger, await cursor.fetchall(), name)


def check_cause(cause: Cause, plan: Plan, given: Mapping[str, object]) -> None:
    """Nothing, when the event has the fields that are matched and referred to, and they fit the plan's inputs.

    :raises InvalidInput: otherwise; names the field.
    """
    schema = event_schemas().get(cause.event_type)
    if schema is None:
        known = ", ".join(sorted(event_schemas()))
        raise InvalidInput(f"No event {cause.event_type}.", field="event_type", fix=f"There are: {known}.")
    event = read(schema)

    def of_event(text: str, wanted: JsonType, place: str) -> list[Problem]:
        return _reference(text, wanted, place, event)

    wrong = [found for name, value in cause.match.items() for found in _matched(name, value, event)]
    wrong += problems(dict(given), read(plan.inputs), "inputs", of_event)  # type: ignore[arg-type]
    if wrong:
        raise InvalidInput(wrong[0].message, field=wrong[0].place, fix=wrong[0].fix)


def _matched(name: str, value: object, event: JsonType) -> list[Problem]:
    if (kind := event.step(name)) is None:
        return [_no_field(f"match.{name}", event)]
    return problems(value, kind, f"match.{name}", no_references)  # type: ignore[arg-type]


def _reference(text: str, wanted: JsonType, place: str, event: JsonType) -> list[Problem]:
    found = parse(text)
    if found.root != EVENT:
        return [Problem("bad_inputs", place, f"{text} is no field of the event.", "Write $event.<field>, or a value.")]
    kind: JsonType | None = event
    for step in found.path:
        kind = kind.step(step) if kind is not None else None
    if kind is None:
        return [_no_field(place, event)]
    reason = mismatch(kind, wanted)
    return [Problem("bad_inputs", place, f"{text} does not fit: {reason}.", f"Give {wanted}.")] if reason else []


def _no_field(place: str, event: JsonType) -> Problem:
    names = ", ".join(event.field_names())
    return Problem("bad_inputs", place, "The event has no such field.", f"There are: {names}.")


_PUT: Final = """
INSERT INTO run_triggers (tenant_id, name, event_type, match, plan, inputs, priority, created_by, scopes)
VALUES (%(tenant)s, %(name)s, %(type)s, %(match)s, %(plan)s, %(inputs)s, %(priority)s, %(by)s, %(scopes)s)
ON CONFLICT (tenant_id, name) DO UPDATE SET event_type = excluded.event_type, match = excluded.match,
  plan = excluded.plan, inputs = excluded.inputs, priority = excluded.priority, created_by = excluded.created_by,
  scopes = excluded.scopes, enabled = true
RETURNING *
"""
