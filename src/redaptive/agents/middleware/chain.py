"""The chain: layers in their fixed order, and the boundary that turns our errors into results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Protocol

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

from redaptive.agents.call import GUARDED, Call, RequestContext, read_call
from redaptive.agents.envelope import error_result
from redaptive.agents.tool import ToolSpec
from redaptive.errors import Internal, RedaptiveError, Unavailable

_current: ContextVar[Call | None] = ContextVar("redaptive_call", default=None)
SERVER_FAULTS: Final = (Internal, Unavailable)


class Layer(Protocol):
    """One concern around a guarded call."""

    async def __call__(self, call: Call, context: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the call, or a RedaptiveError that refuses it."""
        ...


@dataclass(frozen=True)
class Boundary:
    """Outermost of ours: names the call for the layers inside, and makes results of their refusals."""

    agent: str
    specs: Mapping[str, ToolSpec]

    async def __call__(self, ctx: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the inner layers; a refused tool call is an error result, anything else an MCP error."""
        if ctx.method not in GUARDED:
            return await call_next(ctx)
        token = _current.set(read_call(self.agent, self.specs, ctx))
        try:
            return await call_next(ctx)
        except RedaptiveError as error:
            if ctx.method == "tools/call":
                return error_result(error)
            raise mcp_error(error) from error
        finally:
            _current.reset(token)


@dataclass(frozen=True)
class Guard:
    """Adapts a layer to the SDK: guarded calls pass through it, everything else passes by."""

    layer: Layer

    async def __call__(self, ctx: RequestContext, call_next: CallNext) -> HandlerResult:
        """The result of the layer."""
        call = _current.get()
        if call is None or ctx.method not in GUARDED:
            return await call_next(ctx)
        return await self.layer(call, ctx, call_next)


def current_call() -> Call | None:
    """The guarded call of this context, or None outside of one."""
    return _current.get()


def chain(agent: str, specs: Mapping[str, ToolSpec], layers: Sequence[Layer]) -> list[ServerMiddleware[Any]]:
    """The SDK's form of the layers, outermost first."""
    return [Boundary(agent, specs), *(Guard(layer) for layer in layers)]


def mcp_error(error: RedaptiveError) -> MCPError:
    """The error as a JSON-RPC error, with our details as its data."""
    code = INTERNAL_ERROR if isinstance(error, SERVER_FAULTS) else INVALID_PARAMS
    return MCPError(code=code, message=str(error), data=error.as_dict())
