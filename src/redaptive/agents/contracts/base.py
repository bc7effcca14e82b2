"""What a contract is: the declaration of an agent whose tools answer that they are not available yet."""

from __future__ import annotations

from redaptive.agents.base import AgentBase
from redaptive.agents.call import Call
from redaptive.agents.middleware.chain import current_call
from redaptive.errors import Unavailable


class AgentContract(AgentBase):
    """An agent in words and types only. Plans may name its tools; `discover()` does not find it.

    A docstring of a tool says what comes back, when to use it, and questions that it answers.
    """

    def not_built(self) -> Unavailable:
        """The error that every tool of a contract raises; never worth a retry."""
        call: Call | None = current_call()
        return not_available(call.target if call else self.id)


def not_available(name: str) -> Unavailable:
    """The error for a tool or agent that is declared but not built: unavailable, and not retryable."""
    return Unavailable(
        f"{name} is not available yet.",
        field="tool",
        fix="It is planned but not built; leave this step out of the plan.",
        retryable=False,
    )
