"""Schemas of a tool: from typed Python signatures to JSON Schema 2020-12."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, get_origin

from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from pydantic import ConfigDict, TypeAdapter, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DecimalSchema

from redaptive.agents.schema_marks import marked
from redaptive.domain.answers import Answer

JsonSchema = dict[str, Any]


class StrictArguments(ArgModelBase):
    """Arguments of a tool; a name that the tool does not know is refused, not ignored."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")


class WireSchema(GenerateJsonSchema):
    """JSON Schema as it travels: a decimal is a string marked `format: decimal`, so conditions can compare it."""

    def decimal_schema(self, schema: DecimalSchema) -> JsonSchemaValue:
        """The schema of a Decimal: string out; string or number in."""
        if self.mode == "serialization":
            return {"type": "string", "format": "decimal"}
        return {**super().decimal_schema(schema), "format": "decimal"}


def argument_model(name: str, function: Callable[..., object]) -> type[StrictArguments]:
    """A pydantic model of the function's parameters, `self` left out.

    :raises TypeError: when a parameter has no type or is variadic.
    """
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(function, eval_str=True).parameters.values())[1:]:
        variadic = parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        if variadic or parameter.annotation is parameter.empty:
            raise TypeError(f"tool {name}: parameter {parameter.name} must be named and typed")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (parameter.annotation, default)
    return create_model(f"{name}_arguments", __base__=StrictArguments, **fields)


def answer_adapter(name: str, function: Callable[..., object]) -> TypeAdapter[Answer[object]]:
    """A serialiser for the function's result.

    :raises TypeError: when the function does not return `Answer[Something]`.
    """
    returned = inspect.signature(function, eval_str=True).return_annotation
    if get_origin(returned) is not Answer:
        raise TypeError(f"tool {name} must return Answer[<dataclass>], not {returned!r}")
    adapter: TypeAdapter[Answer[object]] = TypeAdapter(returned)
    return adapter


def input_schema(model: type[StrictArguments]) -> JsonSchema:
    """The JSON Schema of a tool's arguments; ids carry `entity`, numbers `unit`."""
    return marked(model.model_json_schema(by_alias=True, schema_generator=WireSchema))


def output_schema(adapter: TypeAdapter[Answer[object]]) -> JsonSchema:
    """The JSON Schema of a tool's result; ids carry `entity`, numbers `unit`."""
    return marked(adapter.json_schema(mode="serialization", schema_generator=WireSchema))


def schema_hash(arguments: Mapping[str, Any], result: Mapping[str, Any] | None) -> str:
    """16 hex digits that change exactly when the input or output schema changes."""
    text = json.dumps([arguments, result], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
