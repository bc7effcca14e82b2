"""Calls of language models: bounded in time, tokens and money, behind a breaker, recorded; errors are ours.

Text in, text out: what a model replies is checked by whoever asked, never believed. Libraries are imported when used.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from redaptive.errors import Exhausted, RedaptiveError, Unavailable
from redaptive.infrastructure.resilience.circuit_breaker import BreakerPolicy, CircuitBreaker
from redaptive.orchestration.ai.llm_budget import LlmBudget, MemoryLedger
from redaptive.orchestration.ai.llm_providers import model_for
from redaptive.settings import Settings

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model

MILLION: Final = 1_000_000
BREAKER: Final = BreakerPolicy(window_s=120.0, min_calls=3, failure_rate=0.6, open_s=30.0, probes=1)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Turn:
    """One message of a dialogue: what we said, or what the model replied."""

    role: str
    text: str


@dataclass(frozen=True)
class Completion:
    """A reply, and what it took: tokens, USD by the configured prices, seconds."""

    text: str
    model: str
    input_tokens: int
    output_tokens: int
    usd: float
    seconds: float


@dataclass(frozen=True)
class LlmOptions:
    """Which model, how long a reply may take and be, and what a million tokens cost in USD."""

    model: str
    timeout_s: float = 30.0
    max_output_tokens: int = 4_096
    usd_per_million_input: float = 0.0
    usd_per_million_output: float = 0.0


@dataclass
class LanguageModel:
    """One configured model. `make` gives the library's object and is called once, on the first use."""

    options: LlmOptions
    make: Callable[[], Model]
    budget: LlmBudget
    breaker: CircuitBreaker = field(default_factory=lambda: CircuitBreaker("llm", BREAKER))
    _model: Model | None = None

    async def complete(self, tenant: str, system: str, turns: Sequence[Turn]) -> Completion:
        """The model's reply to the dialogue.

        :raises Exhausted: the tenant's budget is spent, or the provider's limit reached.
        :raises Unavailable: no provider, no answer in time, a server error, or the breaker is open.
        """
        await self.budget.require(tenant)
        permit = self.breaker.acquire()
        try:
            found = await self._ask(system, turns)
        except RedaptiveError:
            permit.failed()
            raise
        except BaseException:
            permit.withdrawn()
            raise
        permit.succeeded()
        await self.budget.charge(tenant, found.input_tokens + found.output_tokens, found.usd)
        log.info("llm_call", model=found.model, tokens=found.input_tokens + found.output_tokens, usd=found.usd)
        return found

    async def _ask(self, system: str, turns: Sequence[Turn]) -> Completion:
        from pydantic_ai.exceptions import AgentRunError
        from pydantic_ai.models import ModelRequestParameters

        model = self._library_model()
        begin = time.monotonic()
        settings = {"max_tokens": self.options.max_output_tokens, "temperature": 0.0, "max_retries": 0}
        try:
            async with asyncio.timeout(self.options.timeout_s):
                reply = await model.request(_messages(system, turns), settings, ModelRequestParameters())  # type: ignore[arg-type]
        except TimeoutError as error:
            raise Unavailable(
                f"The language model did not answer within {self.options.timeout_s:g} s.", field="REDAPTIVE_LLM_MODEL"
            ) from error
        except AgentRunError as error:
            raise _ours(error) from error
        text = "".join(part.content for part in reply.parts if part.part_kind == "text")
        used = reply.usage
        usd = (
            used.input_tokens * self.options.usd_per_million_input
            + used.output_tokens * self.options.usd_per_million_output
        )
        name = reply.model_name or self.options.model
        return Completion(text, name, used.input_tokens, used.output_tokens, usd / MILLION, time.monotonic() - begin)

    def _library_model(self) -> Model:
        if self._model is None:
            self._model = self.make()
        return self._model


def language_model(settings: Settings, budget: LlmBudget | None = None) -> LanguageModel | None:
    """The model that the settings name; None when they name none, and then nothing is ever sent anywhere."""
    if not settings.llm_model:
        return None
    name, url, key = settings.llm_model, settings.llm_base_url, settings.llm_api_key
    options = LlmOptions(
        name,
        settings.llm_timeout_s,
        usd_per_million_input=settings.llm_usd_per_million_input,
        usd_per_million_output=settings.llm_usd_per_million_output,
    )
    own = budget or LlmBudget(MemoryLedger(), settings.llm_tokens_per_day, settings.llm_usd_per_day)
    return LanguageModel(options, lambda: model_for(name, base_url=url, api_key=key), own)


def _messages(system: str, turns: Sequence[Turn]) -> list[ModelMessage]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    first, *rest = turns
    found: list[ModelMessage] = [ModelRequest(parts=[SystemPromptPart(system), UserPromptPart(first.text)])]
    for turn in rest:
        if turn.role == "model":
            found.append(ModelResponse(parts=[TextPart(turn.text)]))
        else:
            found.append(ModelRequest(parts=[UserPromptPart(turn.text)]))
    return found


def _ours(error: Exception) -> RedaptiveError:
    """The library's error as ours; its text may hold parts of the request, so only its kind is told."""
    kind = type(error).__name__
    if "RateLimit" in kind or "Quota" in kind or "UsageLimit" in kind:
        return Exhausted(f"The provider of the language model refused: {kind}.", field="REDAPTIVE_LLM_MODEL")
    return Unavailable(f"The language model did not answer: {kind}.", field="REDAPTIVE_LLM_MODEL")
