"""What travels back from a tool: an answer with its provenance, or an error that says what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from mcp_types import CallToolResult, TextContent
from pydantic import BaseModel, TypeAdapter, ValidationError

from redaptive.agents.tool import META
from redaptive.domain.answers import Answer
from redaptive.errors import (
    Conflict,
    Exhausted,
    Internal,
    InvalidInput,
    NotFound,
    RedaptiveError,
    Unauthorized,
    Unavailable,
)

ERROR_KEY: Final = META + "error"
TEXT_LIMIT = 2_000
"""Most characters of the readable text; the structured content is always complete."""

ERRORS: Final[Mapping[str, type[RedaptiveError]]] = {
    kind.code: kind for kind in (InvalidInput, NotFound, Conflict, Unauthorized, Unavailable, Exhausted, Internal)
}


def answer_result(adapter: TypeAdapter[Answer[object]], answer: Answer[object]) -> CallToolResult:
    """The answer as structured content plus a short text.

    :raises ValueError: when a figure is NaN or infinite, which JSON cannot carry.
    """
    wire = adapter.dump_python(answer, mode="json")
    value = json.dumps(wire, allow_nan=False) and json.dumps(wire["value"], ensure_ascii=False)
    text = _readable(answer, value)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=wire)


def error_result(error: RedaptiveError) -> CallToolResult:
    """The error as text for a model and as `_meta["redaptive/error"]` for a program.

    It is not structured content: clients check that against the output schema, some of them for errors too.
    """
    return CallToolResult(
        content=[TextContent(type="text", text=f"{error.code}: {error}")],
        is_error=True,
        _meta={ERROR_KEY: error.as_dict()},
    )


def invalid_arguments(error: ValidationError) -> InvalidInput:
    """The first thing wrong with the arguments; the value itself is not repeated."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "arguments"
    others = error.error_count() - 1
    more = f" ({others} more)" if others else ""
    return InvalidInput(f"{first['msg']}{more}.", field=field, fix="Compare with the tool's input schema.")


def error_of(result: CallToolResult) -> RedaptiveError | None:
    """The error that a result carries, as an exception of our tree; None for a success.

    An error without our details counts as internal and not retryable.
    """
    if not result.is_error:
        return None
    details = (result.meta or {}).get(ERROR_KEY)
    if not isinstance(details, dict):
        return Internal(text_of(result) or "The tool failed without saying why.")
    kind = ERRORS.get(str(details.get("code")), Internal)
    return kind(
        str(details.get("message")),
        field=details.get("field"),
        fix=details.get("fix"),
        retry_after_ms=details.get("retry_after_ms"),
        retryable=details.get("retryable"),
    )


def wire_form(result: BaseModel | Mapping[str, Any] | None) -> dict[str, Any]:
    """A handler's result as it goes over the wire; middleware meets it as a model or as this."""
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json", by_alias=True, exclude_none=True)
    return dict(result or {})


def outcome(result: BaseModel | Mapping[str, Any] | None) -> str:
    """`ok`, or the code of the error that a handler returned."""
    wire = wire_form(result) if not isinstance(result, Mapping) else result
    if not wire.get("isError"):
        return "ok"
    details = (wire.get("_meta") or {}).get(ERROR_KEY)
    code = details.get("code") if isinstance(details, Mapping) else None
    return str(code) if code in ERRORS else Internal.code


def text_of(result: CallToolResult) -> str:
    """The text blocks of a result, joined by line breaks."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def _readable(answer: Answer[object], value: str) -> str:
    shown = value if len(value) <= TEXT_LIMIT else f"{value[:TEXT_LIMIT]}... (full value: structured content)"
    lines = [shown, f"unit: {answer.unit}; method: {answer.method}"]
    lines += [f"warning: {warning}" for warning in answer.warnings]
    return "\n".join(lines)
