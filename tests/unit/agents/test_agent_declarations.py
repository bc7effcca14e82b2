"""Declarations and schemas of tools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import jsonschema
import pytest
from mcp_types import CallToolResult, TextContent
from pydantic import TypeAdapter

from redaptive.agents.base import AgentBase
from redaptive.agents.envelope import ERRORS, answer_result, error_of, error_result, outcome
from redaptive.agents.keys import KEY_FILE, request_state_security
from redaptive.agents.principal import Principal
from redaptive.agents.registry import AgentRegistry, describe
from redaptive.agents.server import hints
from redaptive.agents.services import AgentServices
from redaptive.agents.tool import META_KEYS, ToolSpec, WayBack, tool
from redaptive.domain.answers import Answer, DataQuality
from redaptive.errors import CODES, Conflict, Internal, InvalidInput, NotFound, Unauthorized
from redaptive.settings import Settings


@dataclass(frozen=True)
class Bill:
    """One bill."""

    total_usd: Decimal
    day: date
    note: str | None = None


class Billing(AgentBase):
    """Bills."""

    id, version, title, purpose = "billing", "1", "Billing", "Adds up."

    @tool(scope="bills:read")
    async def add(self, amounts: list[Decimal], at_most: Decimal | None = None) -> Answer[Bill]:
        """The sum of the amounts."""
        raise NotImplementedError


def test_money_is_a_marked_string_out_and_string_or_number_in() -> None:
    described = describe(Billing).tools[0]
    assert described.output_schema["$defs"]["Bill"]["properties"]["total_usd"] == {
        "type": "string",
        "format": "decimal",
        "title": "Total Usd",
        "unit": "USD",
    }
    assert described.input_schema["properties"]["amounts"]["items"]["format"] == "decimal"


def test_an_answer_satisfies_its_own_schema() -> None:
    adapter: TypeAdapter[Answer[object]] = TypeAdapter(Answer[Bill])
    answer = Answer(Bill(Decimal("9.50"), date(2025, 1, 31)), "USD", "sum", {"n": 1}, ("v1",), DataQuality(99.5))
    result = answer_result(adapter, answer)
    jsonschema.validate(result.structured_content, describe(Billing).tools[0].output_schema)
    assert result.structured_content["value"]["total_usd"] == "9.50"


def test_the_schema_hash_changes_exactly_with_the_schema() -> None:
    class Reworded(AgentBase):
        """Bills."""

        id, version, title, purpose = "billing", "2", "Other", "Other."

        @tool(scope="bills:write", side_effect="write")
        async def add(self, amounts: list[Decimal], at_most: Decimal | None = None) -> Answer[Bill]:
            """Other words."""
            raise NotImplementedError

    class Changed(AgentBase):
        """Bills."""

        id, version, title, purpose = "billing", "1", "Billing", "Adds up."

        @tool(scope="bills:read")
        async def add(self, amounts: list[Decimal], at_most: Decimal) -> Answer[Bill]:
            """The sum of the amounts."""
            raise NotImplementedError

    original, reworded, changed = (describe(each).tools[0].schema_hash for each in (Billing, Reworded, Changed))
    assert original == reworded
    assert original != changed


@pytest.mark.parametrize("code", CODES)
def test_each_code_survives_the_wire(code: str) -> None:
    sent = ERRORS[code]("what", field="f", fix="do", retry_after_ms=7)
    received = error_of(CallToolResult.model_validate_json(error_result(sent).model_dump_json(by_alias=True)))
    assert type(received) is ERRORS[code]
    assert received.as_dict() == sent.as_dict()


def test_an_error_without_details_counts_as_internal() -> None:
    bare = CallToolResult(content=[TextContent(type="text", text="boom")], is_error=True)
    assert isinstance(error_of(bare), Internal)
    assert outcome(bare) == outcome(bare.model_dump(by_alias=True)) == "internal"
    assert outcome({"isError": True, "_meta": {"redaptive/error": {"code": "made up"}}}) == "internal"
    assert outcome(None) == "ok"


def test_every_key_of_the_metadata_is_there() -> None:
    assert set(ToolSpec(scope="a:b").meta()) == set(META_KEYS)
    assert len(META_KEYS) == 10


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("none", (True, False, True, False)),
        ("write", (False, False, False, False)),
        ("external", (False, False, False, True)),
        ("destructive", (False, True, False, False)),
    ],
)
def test_hints_follow_from_the_side_effect(effect, expected) -> None:
    found = hints(ToolSpec(scope="a:b", side_effect=effect, approval="always"))
    assert (
        found.read_only_hint,
        found.destructive_hint,
        found.idempotent_hint,
        found.open_world_hint,
    ) == expected


def test_contradictions_are_refused_when_declared() -> None:
    with pytest.raises(ValueError, match="approval"):
        ToolSpec(scope="a:b", side_effect="destructive")
    with pytest.raises(ValueError, match="compensate_args without compensate_with"):
        ToolSpec(scope="a:b", side_effect="write", compensate_args=(WayBack({}),))
    with pytest.raises(ValueError, match=r"'\$output.id' is neither an argument"):
        WayBack({"id": "$output.id"})
    with pytest.raises(ValueError, match="latency"):
        ToolSpec(scope="a:b", latency_p50_ms=10, latency_p95_ms=1)
    with pytest.raises(ValueError, match="docstring"):

        @tool(scope="a:b")
        async def silent(self) -> Answer[Bill]: ...


def test_an_agent_must_say_who_it_is(tmp_path) -> None:
    class Nameless(AgentBase):
        """No name."""

        id, version, title, purpose = "Not An Id", "1", "t", "p."

    class Untyped(AgentBase):
        """No type."""

        id, version, title, purpose = "untyped", "1", "t", "p."

        @tool(scope="a:b")
        async def ask(self) -> Bill:
            """Not an answer."""
            raise NotImplementedError

    services = AgentServices(Settings(home=tmp_path))
    with pytest.raises(TypeError, match="lower-case"):
        Nameless(services)
    with pytest.raises(TypeError, match="Answer"):
        Untyped(services)


def test_the_registry_knows_its_agents(tmp_path) -> None:
    agent = Billing(AgentServices(Settings(home=tmp_path)))
    registry = AgentRegistry((agent,))
    assert registry.owner("billing.add") is agent
    assert registry.scopes() == {"bills:read"}
    assert registry.health("billing") == "unknown"
    registry.set_health("billing", "ok")
    assert registry.health("billing") == "ok"
    with pytest.raises(NotFound, match="nobody"):
        registry.get("nobody")
    with pytest.raises(Conflict):
        registry.add(agent)


def test_a_scope_is_never_implied() -> None:
    caller = Principal(UUID(int=1), "t", "s", frozenset({"bills:*", "bills"}))
    with pytest.raises(Unauthorized, match="bills:read"):
        caller.require("bills:read")


def test_replicas_with_one_key_file_open_each_others_state(tmp_path) -> None:
    settings = Settings(home=tmp_path)
    first, second = request_state_security(settings), request_state_security(settings)
    assert second.codec.unseal(first.codec.seal(b"state")) == b"state"
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert [each.name for each in (tmp_path / KEY_FILE).parent.iterdir()] == ["request-state"]


def test_keys_rotate_by_lines(tmp_path) -> None:
    settings = Settings(home=tmp_path)
    old = request_state_security(settings)
    file = tmp_path / KEY_FILE
    file.write_text("n" * 40 + "\n" + file.read_text())
    rotated = request_state_security(settings)
    assert rotated.codec.unseal(old.codec.seal(b"state")) == b"state"
    file.write_text("short\n")
    with pytest.raises(InvalidInput, match="short"):
        request_state_security(settings)
