"""The call in progress: what is asked, under which promises, and by whom."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mcp.server.context import ServerRequestContext

from redaptive.agents.principal import Principal
from redaptive.agents.tool import META, ToolSpec

GUARDED: Final = frozenset({"tools/call", "resources/read", "prompts/get", "completion/complete"})
"""Methods that reach data; each needs a principal."""
UNKNOWN: Final = "unknown"
IDEMPOTENCY_KEY: Final = META + "idempotency_key"
DEADLINE_MS: Final = META + "deadline_ms"
BUDGET_USD: Final = META + "budget_usd"

RequestContext = ServerRequestContext[Any, Any]


@dataclass
class Call:
    """One guarded request on its way through the middleware; `principal` is filled in on the way."""

    agent: str
    method: str
    target: str
    spec: ToolSpec | None
    arguments: Mapping[str, Any]
    meta: Mapping[str, Any]
    principal: Principal | None = field(default=None)

    @property
    def label(self) -> str:
        """The target as a metric label: a tool we know, or a bounded stand-in."""
        if self.method != "tools/call":
            return self.method
        return self.target if self.spec else UNKNOWN

    @property
    def arguments_sha256(self) -> str:
        """Hash of target and arguments; the same call always has the same one."""
        text = json.dumps([self.target, self.arguments], sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def idempotency_key(self) -> str | None:
        """The key under which the caller wants the result stored."""
        key = self.meta.get(IDEMPOTENCY_KEY)
        return str(key) if key is not None else None


def read_call(agent: str, specs: Mapping[str, ToolSpec], context: RequestContext) -> Call:
    """The guarded request described by an MCP message."""
    params = context.params or {}
    target = str(params.get("name") or params.get("uri") or context.method)
    arguments, meta = params.get("arguments"), params.get("_meta")
    return Call(
        agent=agent,
        method=context.method,
        target=target,
        spec=specs.get(target) if context.method == "tools/call" else None,
        arguments=arguments if isinstance(arguments, Mapping) else {},
        meta=meta if isinstance(meta, Mapping) else {},
    )
