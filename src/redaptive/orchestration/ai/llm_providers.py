"""The model behind a name: OpenAI, Anthropic, Google, or any server that speaks OpenAI's protocol.

`provider:name`, e.g. `openai:gpt-4.1`, `anthropic:claude-sonnet-4-5`, `google:gemini-2.5-pro`; with a base URL the
provider is `openai` whatever serves it. The libraries are the extra `llm` and are imported when they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from redaptive.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from pydantic import SecretStr
    from pydantic_ai.models import Model

PROVIDERS: Final = ("openai", "anthropic", "google")


def model_for(name: str, *, base_url: str | None, api_key: SecretStr | None) -> Model:
    """The model of a setting.

    :raises InvalidInput: for a name without a known provider. :raises Unavailable: without the extra or a key.
    """
    provider, _, model = name.partition(":")
    if provider not in PROVIDERS or not model:
        known = ", ".join(f"{each}:<model>" for each in PROVIDERS)
        raise InvalidInput(f"{name!r} is no model.", field="REDAPTIVE_LLM_MODEL", fix=f"Write one of {known}.")
    key = api_key.get_secret_value() if api_key is not None else None
    try:
        return _made(provider, model, base_url, key)
    except ImportError as error:
        raise Unavailable(
            f"The library for {provider} models is not installed.",
            field="REDAPTIVE_LLM_MODEL",
            fix="Install the extra: pip install 'redaptive[llm]'.",
            retryable=False,
        ) from error
    except Exception as error:
        if type(error).__name__ != "UserError":
            raise
        raise Unavailable(
            f"There is no key for {provider}.", field="REDAPTIVE_LLM_API_KEY", fix="Set the key.", retryable=False
        ) from error


def _made(provider: str, model: str, base_url: str | None, key: str | None) -> Model:
    found: Any
    if provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        found = AnthropicModel(model, provider=AnthropicProvider(api_key=key) if key else "anthropic")
    elif provider == "google":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        found = GoogleModel(model, provider=GoogleProvider(api_key=key) if key else "google")
    else:
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        found = OpenAIChatModel(model, provider=OpenAIProvider(base_url=base_url, api_key=key))
    model_found: Model = found
    return model_found
