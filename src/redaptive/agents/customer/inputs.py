"""Structured arguments of the customer tools."""

from __future__ import annotations

from pydantic import JsonValue

from redaptive.agents.arguments import Argument
from redaptive.agents.entities import CallId


class Finding(Argument):
    """The answer of an earlier tool call, which an answer to a customer may quote."""

    call_id: CallId
    tool: str
    answer: dict[str, JsonValue]


class TemplateValue(Argument):
    """A value that a message template is filled with."""

    name: str
    value: str
