"""Events that a person gives to a waiting node: of the type that it waits for, with the fields of that type."""

from __future__ import annotations

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation.literals import Problem, problems
from redaptive.orchestration.plans.comparison import equal
from redaptive.orchestration.plans.json_types import JsonType, read
from redaptive.orchestration.plans.reference_types import event_schemas
from redaptive.orchestration.plans.references import is_reference
from redaptive.orchestration.plans.schema import Node
from redaptive.orchestration.state.run_records import JsonObject


def require_event(node: Node, data: JsonObject) -> str:
    """The type of the event that the node waits for, when the data is of that type.

    :raises InvalidInput: the node waits for none, the data does not fit, or differs from a literal of its `match`.
    """
    wanted = node.wait_event
    if wanted is None:
        raise InvalidInput(f"{node.id} waits for no event.", field="node", fix="Name a node with wait_event.")
    schema = event_schemas().get(wanted.type)
    if schema is not None and (wrong := problems(data, read(schema), "data", _text)):
        said = " ".join(dict.fromkeys(each.message for each in wrong))
        raise InvalidInput(said, field=wrong[0].place, fix=wrong[0].fix)
    for name, value in wanted.match.items():
        if not is_reference(value) and not equal(data.get(name), value):
            raise InvalidInput(
                f"{node.id} waits for an event whose {name} is {value!r}, not {data.get(name)!r}.", field=f"data.{name}"
            )
    return wanted.type


def _text(_reference: str, _kind: JsonType, _place: str) -> list[Problem]:
    return []
