"""The fixture agent of the MCP conformance suite: tools with the names that the suite calls, on the real base.

It runs behind the full production middleware. Run it: `python tests/fakes/conformance_agent.py --port 8899`;
over stdio with `--stdio`.
"""

from __future__ import annotations

import argparse
import base64
import json
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import anyio
from agent_fakes import FakeAudit, FakeIdempotencyStore, FakeLimiter
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from mcp_types import (
    AudioContent,
    Completion,
    CompletionArgument,
    CompletionContext,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    InputRequest,
    InputRequiredResult,
    ListRootsRequest,
    PromptReference,
    ResourceTemplateReference,
    SamplingMessage,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel, Field

from redaptive.agents.base import AgentBase
from redaptive.agents.keys import request_state_security
from redaptive.agents.principal import LocalAuthenticator, Principal, local_principal
from redaptive.agents.server import AgentServer, hints
from redaptive.agents.services import AgentServices
from redaptive.agents.serving import Serving, serve_http, serve_stdio
from redaptive.agents.tool import ToolSpec, prompt, resource, tool
from redaptive.domain.answers import Answer, DataQuality
from redaptive.errors import InvalidInput
from redaptive.infrastructure.logging.structured_logger import configure_logging
from redaptive.settings import Settings

SCOPE = "conformance:call"
TENANT = UUID(int=0xC0FFEE)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SILENCE = base64.b64encode(
    b"RIFF"
    + (36).to_bytes(4, "little")
    + b"WAVEfmt "
    + (16).to_bytes(4, "little")
    + bytes([1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0])
    + b"data"
    + (0).to_bytes(4, "little")
).decode()
RICH_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
McpContext = Context[Any, Any]


@dataclass(frozen=True)
class Echo:
    """The text that came in."""

    text: str


class Reply(BaseModel):
    """What the suite's person answers."""

    username: str = Field(description="Name")
    email: str = Field(description="Address")


class Defaults(BaseModel):
    """One default for each primitive type."""

    name: str = Field(default="John Doe")
    age: int = Field(default=30)
    score: float = Field(default=95.5)
    status: str = Field(default="active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = Field(default=True)


_OPTIONS = ["option1", "option2", "option3"]
_TITLED = [{"const": "value1", "title": "First"}, {"const": "value2", "title": "Second"}]


class Choices(BaseModel):
    """The five ways of offering a choice."""

    untitledSingle: str = Field(json_schema_extra={"enum": _OPTIONS})  # noqa: N815  the suite\'s name
    titledSingle: str = Field(json_schema_extra={"oneOf": _TITLED})  # noqa: N815  the suite\'s name
    legacyEnum: str = Field(json_schema_extra={"enum": ["opt1", "opt2"], "enumNames": ["One", "Two"]})  # noqa: N815  the suite\'s name
    untitledMulti: list[str] = Field(json_schema_extra={"items": {"type": "string", "enum": _OPTIONS}})  # noqa: N815  the suite\'s name
    titledMulti: list[str] = Field(json_schema_extra={"items": {"anyOf": _TITLED}})  # noqa: N815  the suite\'s name


class ConformanceAgent(AgentBase):
    """Answers the conformance suite."""

    id, version, title = "conformance", "1", "Conformance fixture"
    purpose = "Lets the MCP conformance suite exercise the agent base."

    @tool(scope=SCOPE, latency_p50_ms=1, latency_p95_ms=10, data_class="public")
    async def echo(self, text: Annotated[str, Field(description="Any text")]) -> Answer[Echo]:
        """The text, unchanged."""
        if not text:
            raise InvalidInput("The text is empty.", field="text", fix="Give at least one character.")
        return Answer(Echo(text), "text", "identity", {"text": text}, (), DataQuality(100.0))

    @resource("test://static-text", scope=SCOPE, mime_type="text/plain")
    async def static_text(self) -> str:
        """A text that never changes."""
        return "This is the content of the static text resource."

    @resource("test://static-binary", scope=SCOPE, mime_type="image/png")
    async def static_binary(self) -> bytes:
        """One pixel."""
        return base64.b64decode(PIXEL)

    @resource("test://template/{id}/data", scope=SCOPE)
    async def template(self, id: str) -> str:
        """The id, echoed."""
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @resource("test://watched-resource", scope=SCOPE, mime_type="text/plain")
    async def watched(self) -> str:
        """A text that may be subscribed to."""
        return "Watched resource content"

    @prompt(title="Echo")
    async def ask_for_echo(self) -> str:
        """A prompt in the agent's own name space."""
        return "Call conformance.echo with a text of your choice."

    def extend(self, server: AgentServer) -> None:
        """Register what the suite calls under its own bare names."""
        for function in (*CONTENT_TOOLS, *DIALOGUE_TOOLS, *INPUT_TOOLS):
            spec = ToolSpec(scope=SCOPE, data_class="public")
            self.specs[function.__name__] = spec
            server.add_tool(function, annotations=hints(spec), meta=dict(spec.meta()), structured_output=False)
        rich = server._tool_manager.get_tool("json_schema_2020_12_tool")
        assert rich is not None
        rich.parameters = RICH_SCHEMA
        for render in PROMPTS:
            server.prompt(name=render.__name__)(render)
        low = server._lowlevel_server
        low.add_request_handler("resources/subscribe", SubscribeRequestParams, _empty)
        low.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, _empty)
        low.add_request_handler("logging/setLevel", SetLevelRequestParams, _empty)

    async def complete(
        self,
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        """Places that begin like the argument."""
        values = [word for word in ("paris", "park", "party") if word.startswith(argument.value)]
        return Completion(values=values, total=len(values), has_more=False)


async def _empty(ctx: Any, params: Any) -> EmptyResult:
    return EmptyResult()


def test_simple_text() -> str:
    """A line of text."""
    return "This is a simple text response for testing."


def test_image_content() -> ImageContent:
    """An image."""
    return ImageContent(type="image", data=PIXEL, mime_type="image/png")


def test_audio_content() -> AudioContent:
    """A sound."""
    return AudioContent(type="audio", data=SILENCE, mime_type="audio/wav")


def _embedded(uri: str, mime_type: str, text: str) -> EmbeddedResource:
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, mime_type=mime_type, text=text))


def test_embedded_resource() -> EmbeddedResource:
    """An embedded resource."""
    return _embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")


def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
    """Text, image and resource together."""
    return [
        TextContent(type="text", text="Multiple content types test:"),
        test_image_content(),
        _embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ]


def test_error_handling() -> str:
    """Always refuses."""
    raise InvalidInput("This tool intentionally returns an error for testing")


def test_custom_header(
    region: Annotated[str, Field(description="Any region", json_schema_extra={"x-mcp-header": "Region"})],
) -> str:
    """Takes a parameter that proxies may read from a header."""
    return region


def json_schema_2020_12_tool() -> str:
    """Publishes a schema that uses the wider vocabulary."""
    return "ok"


async def test_tool_with_progress(ctx: McpContext) -> str:
    """Reports progress three times."""
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100, f"Completed step {done} of 100")
        await anyio.sleep(0.02)
    return "done"


async def test_tool_with_logging(ctx: McpContext) -> str:
    """Logs three lines to the client."""
    for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.info(line)
        await anyio.sleep(0.02)
    return "logged"


async def test_logging_tool(ctx: McpContext) -> str:
    """Logs one line, to clients that asked for lines."""
    await ctx.info("A line")
    return "logged"


async def test_reconnection(ctx: McpContext) -> str:
    """Closes its stream and goes on."""
    await ctx.close_sse_stream()
    await anyio.sleep(0.2)
    return "Reconnection test completed"


async def test_sampling(prompt: str, ctx: McpContext) -> str:
    """Asks the client's model."""
    message = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
    result = await ctx.session.create_message(messages=[message], max_tokens=100)
    return f"LLM response: {getattr(result.content, 'text', '')}"


async def _elicited(ctx: McpContext, message: str, schema: type[BaseModel]) -> str:
    result = await ctx.elicit(message, schema)
    content = result.data.model_dump_json() if result.action == "accept" else "{}"
    return f"action={result.action}, content={content}"


async def test_elicitation(message: str, ctx: McpContext) -> str:
    """Asks the person."""
    return f"User response: {await _elicited(ctx, message, Reply)}"


async def test_elicitation_sep1034_defaults(ctx: McpContext) -> str:
    """Asks with defaults."""
    return f"Elicitation completed: {await _elicited(ctx, 'Please check the defaults', Defaults)}"


async def test_elicitation_sep1330_enums(ctx: McpContext) -> str:
    """Asks with choices."""
    return f"Elicitation completed: {await _elicited(ctx, 'Please choose', Choices)}"


async def test_trigger_tool_change(ctx: McpContext) -> str:
    """Announces a changed list of tools."""
    await ctx.notify_tools_changed()
    return "announced"


async def test_trigger_prompt_change(ctx: McpContext) -> str:
    """Announces a changed list of prompts."""
    await ctx.notify_prompts_changed()
    return "announced"


def _form(message: str, name: str, kind: str = "string") -> ElicitRequest:
    schema = {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def _sample(text: str, max_tokens: int) -> CreateMessageRequest:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=text))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=max_tokens))


def _answered(ctx: McpContext, key: str) -> Any:
    return (ctx.input_responses or {}).get(key)


def _filled(ctx: McpContext, key: str, name: str) -> Any:
    answer = _answered(ctx, key)
    content = answer.content if isinstance(answer, ElicitResult) and answer.action == "accept" else None
    return (content or {}).get(name)


def _need(requests: dict[str, InputRequest], state: str | None = None) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def _lacking(capability: str) -> MCPError:
    return MCPError(
        code=-32021,
        message=f"The client did not declare {capability}",
        data={"requiredCapabilities": {capability: {}}},
    )


async def test_missing_capability(ctx: McpContext) -> str:
    """Needs sampling, which the client must declare."""
    capabilities = ctx.client_capabilities
    if capabilities is None or capabilities.sampling is None:
        raise _lacking("sampling")
    return "declared"


async def test_input_required_result_elicitation(ctx: McpContext) -> str | InputRequiredResult:
    """Asks for a name and greets."""
    name = _filled(ctx, "user_name", "name")
    return f"Hello, {name}!" if isinstance(name, str) else _need({"user_name": _form("What is your name?", "name")})


async def test_streaming_elicitation(ctx: McpContext) -> str | InputRequiredResult:
    """Reports progress, then asks."""
    await ctx.report_progress(1, 2)
    return await test_input_required_result_elicitation(ctx)


async def test_input_required_result_sampling(ctx: McpContext) -> str | InputRequiredResult:
    """Asks the client's model for a capital."""
    answer = _answered(ctx, "capital_question")
    if answer is None:
        return _need({"capital_question": _sample("What is the capital of France?", 100)})
    return str(getattr(answer.content, "text", answer.content))


async def test_input_required_result_list_roots(ctx: McpContext) -> str | InputRequiredResult:
    """Asks for the client's roots."""
    answer = _answered(ctx, "client_roots")
    if answer is None:
        return _need({"client_roots": ListRootsRequest()})
    return ", ".join(str(root.uri) for root in answer.roots)


async def test_input_required_result_request_state(ctx: McpContext) -> str | InputRequiredResult:
    """Checks that its state came back."""
    if _answered(ctx, "confirm") is None or ctx.request_state != "begun":
        return _need({"confirm": _form("Please confirm", "ok", "boolean")}, "begun")
    return "state-ok"


async def test_input_required_result_tampered_state(ctx: McpContext) -> str | InputRequiredResult:
    """Relies on the seal of its state."""
    return await test_input_required_result_request_state(ctx)


async def test_input_required_result_multiple_inputs(ctx: McpContext) -> str | InputRequiredResult:
    """Asks three things at once."""
    asked: dict[str, InputRequest] = {
        "user_name": _form("What is your name?", "name"),
        "greeting": _sample("Generate a greeting", 50),
        "client_roots": ListRootsRequest(),
    }
    return "all answered" if all(_answered(ctx, key) for key in asked) else _need(asked, "begun")


async def test_input_required_result_capabilities(ctx: McpContext) -> str | InputRequiredResult:
    """Asks only what the client can answer."""
    can, asked = ctx.client_capabilities, dict[str, InputRequest]()
    if can and can.elicitation is not None:
        asked["user_name"] = _form("What is your name?", "name")
    if can and can.sampling is not None:
        asked["greeting"] = _sample("Generate a greeting", 50)
    if can and can.roots is not None:
        asked["client_roots"] = ListRootsRequest()
    if not asked:
        raise _lacking("elicitation")
    return "answered" if all(_answered(ctx, key) for key in asked) else _need(asked)


async def test_input_required_result_multi_round(ctx: McpContext) -> str | InputRequiredResult:
    """Asks for a name, then for a color."""
    if ctx.request_state == "asked-color" and (color := _filled(ctx, "step2", "color")):
        return f"Done: {color}"
    if ctx.request_state == "asked-name" and _filled(ctx, "step1", "name"):
        return _need({"step2": _form("Step 2: What is your favorite color?", "color")}, "asked-color")
    return _need({"step1": _form("Step 1: What is your name?", "name")}, "asked-name")


def _says(text: str) -> UserMessage:
    return UserMessage(content=TextContent(type="text", text=text))


def test_simple_prompt() -> list[UserMessage]:
    """A prompt without arguments."""
    return [_says("This is a simple prompt for testing.")]


def test_prompt_with_arguments(arg1: str, arg2: str) -> list[UserMessage]:
    """A prompt with two arguments."""
    return [_says(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")]


def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803  the suite's name
    """A prompt that embeds a resource."""
    embedded = _embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
    return [UserMessage(content=embedded), _says("Please process the embedded resource above.")]


def test_prompt_with_image() -> list[UserMessage]:
    """A prompt with an image."""
    return [UserMessage(content=test_image_content()), _says("Please analyze the image above.")]


async def test_input_required_result_prompt(ctx: McpContext) -> list[UserMessage] | InputRequiredResult:
    """A prompt that asks for its context."""
    context = _filled(ctx, "user_context", "context")
    if not isinstance(context, str):
        return _need({"user_context": _form("What context should the prompt use?", "context")})
    return [_says(f"Use this context: {context}")]


CONTENT_TOOLS = (
    test_simple_text,
    test_image_content,
    test_audio_content,
    test_embedded_resource,
    test_multiple_content_types,
    test_error_handling,
    json_schema_2020_12_tool,
    test_custom_header,
    test_tool_with_progress,
    test_tool_with_logging,
    test_logging_tool,
)
DIALOGUE_TOOLS = (
    test_reconnection,
    test_sampling,
    test_elicitation,
    test_elicitation_sep1034_defaults,
    test_elicitation_sep1330_enums,
    test_trigger_tool_change,
    test_trigger_prompt_change,
    test_missing_capability,
    test_streaming_elicitation,
)
INPUT_TOOLS = (
    test_input_required_result_elicitation,
    test_input_required_result_sampling,
    test_input_required_result_list_roots,
    test_input_required_result_request_state,
    test_input_required_result_tampered_state,
    test_input_required_result_multiple_inputs,
    test_input_required_result_capabilities,
    test_input_required_result_multi_round,
)
PROMPTS = (
    test_simple_prompt,
    test_prompt_with_arguments,
    test_prompt_with_embedded_resource,
    test_prompt_with_image,
    test_input_required_result_prompt,
)


def build(home: Path) -> tuple[ConformanceAgent, Principal]:
    """The agent with every layer of the middleware present, and the principal it is called as."""
    settings = Settings(home=home, log_level="WARNING")
    configure_logging(settings)
    services = AgentServices(settings, audit=FakeAudit(), limiter=FakeLimiter(), idempotency=FakeIdempotencyStore())
    agent = ConformanceAgent(services, request_state=request_state_security(settings))
    return agent, local_principal(TENANT, "conformance", {SCOPE})


def main() -> None:
    """Serve the fixture until interrupted."""
    # The suite calls client logging, which the specification deprecates; it says so once per call.
    warnings.simplefilter("ignore", MCPDeprecationWarning)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8899)
    parser.add_argument("--stdio", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        agent, principal = build(Path(home))
        if options.stdio:
            anyio.run(serve_stdio, agent, principal)
        else:
            serving = Serving(LocalAuthenticator(principal))
            anyio.run(lambda: serve_http([agent], serving, port=options.port))


if __name__ == "__main__":
    main()
