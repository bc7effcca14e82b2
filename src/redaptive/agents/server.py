"""The MCP server of an agent: the SDK's, with our errors, our tools and a context for progress."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

import structlog
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import MCPServerError, ToolError, UnexpectedResourceError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp_types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import AnyUrl, ValidationError

from redaptive.agents.envelope import answer_result, error_result, invalid_arguments
from redaptive.agents.middleware.chain import mcp_error
from redaptive.agents.schema import answer_adapter, argument_model, input_schema, output_schema
from redaptive.agents.tool import ToolSpec
from redaptive.domain.answers import Answer
from redaptive.errors import Internal, InvalidInput, RedaptiveError

log = structlog.get_logger(__name__)
McpContext = Context[Any, Any]
_context: ContextVar[McpContext | None] = ContextVar("redaptive_mcp_context", default=None)


class AgentServer(MCPServer[Any]):
    """An MCP server whose failures carry code, message, field and fix."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: McpContext | None = None
    ) -> CallToolResult | InputRequiredResult:
        """The tool's result; a failure of any kind is an error result, with nothing of ours in it."""
        token = _context.set(context)
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            return error_result(_translated(error, f"tool {name}"))
        finally:
            _context.reset(token)

    async def read_resource(
        self, uri: AnyUrl | str, context: McpContext | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """The contents of a resource; failures become MCP errors with our details as data."""
        try:
            return await super().read_resource(uri, context)
        except UnexpectedResourceError as error:
            problem = _translated(error, f"resource {uri}")
            raise mcp_error(problem) from error


def mcp_context() -> McpContext | None:
    """The SDK's context of the tool call in progress, or None outside of one."""
    return _context.get()


def typed_tool(
    name: str, function: Callable[..., object], call: Callable[..., Any], spec: ToolSpec, description: str
) -> Tool:
    """The SDK's form of a declared tool; `call` is the bound method behind `function`."""
    arguments, adapter = argument_model(name, function), answer_adapter(name, function)

    async def run(**given: object) -> CallToolResult:
        answer = await call(**given)
        if not isinstance(answer, Answer):
            raise TypeError(f"{name} returned {type(answer).__name__} instead of an Answer")
        return answer_result(adapter, answer)

    return Tool(
        fn=run,
        name=name,
        title=spec.title,
        description=description,
        parameters=input_schema(arguments),
        fn_metadata=FuncMetadata(arg_model=arguments, output_schema=output_schema(adapter)),
        is_async=True,
        annotations=hints(spec),
        meta=dict(spec.meta()),
    )


def hints(spec: ToolSpec) -> ToolAnnotations:
    """The hints of the MCP specification that follow from the side effect."""
    return ToolAnnotations(
        title=spec.title,
        read_only_hint=spec.reads_only,
        destructive_hint=spec.side_effect == "destructive",
        idempotent_hint=spec.idempotent or spec.reads_only,
        open_world_hint=spec.side_effect == "external",
    )


def _translated(error: Exception, what: str) -> RedaptiveError:
    """The error of our tree behind an SDK exception; the unknown is logged and gets a reference."""
    cause: BaseException | None = error
    while isinstance(cause, MCPServerError):
        cause = cause.__cause__
    if isinstance(cause, RedaptiveError):
        return cause
    if type(error) is ToolError:
        return invalid_arguments(cause) if isinstance(cause, ValidationError) else InvalidInput(str(error))
    return internal_error(cause or error, what)


def internal_error(cause: BaseException, what: str) -> Internal:
    """An error that tells a user nothing but a reference; the log has the rest under the same reference."""
    reference = secrets.token_hex(6)
    log.error("unexpected_exception", what=what, reference=reference, exc_info=cause)
    return Internal(f"Internal error in {what}.", fix=f"Report it with the reference {reference}.")
