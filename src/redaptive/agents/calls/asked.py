"""What a caller asks for, as it goes from the invoker to the replica that answers."""

from __future__ import annotations

from dataclasses import dataclass

from redaptive.agents.invoker import Json, Progress, Terms
from redaptive.agents.principal import Principal
from redaptive.agents.tool import ToolSpec


@dataclass(frozen=True)
class Asked:
    """One call. `spec` is None for a tool that no catalogue knows."""

    tool: str
    arguments: Json
    spec: ToolSpec | None
    principal: Principal | None
    progress: Progress | None
    terms: Terms

    @property
    def agent_id(self) -> str:
        """The agent behind the tool."""
        return self.tool.partition(".")[0]

    @property
    def scope(self) -> str | None:
        """What the tool asks of a caller; None when unknown."""
        return self.spec.scope if self.spec else None

    @property
    def safe_to_repeat(self) -> bool:
        """Whether running it twice is no worse than once: it reads, is idempotent, or has a key."""
        harmless = self.spec is not None and (self.spec.reads_only or self.spec.idempotent)
        return harmless or self.terms.idempotency_key is not None
