"""Plans and values as people give them on the command line: files, `name=value`, JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from redaptive.errors import InvalidInput, NotFound
from redaptive.orchestration.ai.plan_validator import read_plan
from redaptive.orchestration.ai.validation.literals import Problem, problems
from redaptive.orchestration.plans.json_types import ANY, JsonType, read
from redaptive.orchestration.plans.schema import Plan
from redaptive.orchestration.state.run_records import JsonObject


def plan_file(path: str) -> Plan:
    """The plan in a file, or on standard input for `-`.

    :raises NotFound: no such file. :raises InvalidInput: it is no plan; names the first field that does not fit.
    """
    text = text_of(path, "PLAN.json")
    plan, wrong = read_plan(text)
    if plan is None:
        first = wrong[0]
        more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise InvalidInput(f"{path} is no plan: {first.message}{more}", field=f"{path}:{first.field}", fix=first.fix)
    return plan


def text_of(path: str, field: str) -> str:
    """The text of a file, or of standard input for `-`; raises NotFound."""
    if path == "-":
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(f"Cannot read {path}: {error.strerror}.", field=field, fix="Give the path of a file.") from error


def inputs_of(plan: Plan, pairs: Sequence[str], file: str | None = None) -> JsonObject:
    """The inputs of a run: of a JSON file, then of `name=value` pairs, which win.

    A value is read as JSON unless the plan asks for a text: `count=3` is a number, `site=12` a text where the plan
    says so.

    :raises InvalidInput: for a malformed pair, or an input that the plan does not have.
    """
    found: JsonObject = json_object(text_of(file, "--input-file"), "--input-file") if file else {}
    kind = read(plan.inputs)
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise InvalidInput(f"{pair!r} is no input.", field="--input", fix="Write name=value.")
        known = plan.inputs.get("properties", {})
        if known and name not in known:
            raise InvalidInput(
                f"The plan {plan.id} has no input {name}.", field="--input", fix=f"There are: {', '.join(known)}."
            )
        found[name] = value_of(text, kind.step(name) or ANY)
    return found


def value_of(text: str, kind: JsonType) -> JsonValue:
    """What the text means where this type is asked for: JSON when that fits, else the text itself when that does."""
    try:
        value: JsonValue = json.loads(text)
    except json.JSONDecodeError:
        return text
    if problems(value, kind, "", _plain) and not problems(text, kind, "", _plain):
        return text
    return value


def json_value(text: str, field: str) -> JsonValue:
    """The JSON that the text is; `@file` reads it from a file.

    :raises InvalidInput: with line and column of what is wrong.
    """
    source = text_of(text[1:], field) if text.startswith("@") else text
    try:
        value: JsonValue = json.loads(source)
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"{field} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            field=field,
            fix="Texts need quotes, e.g. '\"MA\"'; @file.json reads a file.",
        ) from error
    return value


def json_object(text: str, field: str) -> JsonObject:
    """As `json_value`, for an object."""
    value = json_value(text, field)
    if not isinstance(value, dict):
        raise InvalidInput(f"{field} is no JSON object.", field=field, fix="Give e.g. '{\"count\": 3}'.")
    return value


def named_values(pairs: Sequence[str], field: str) -> JsonObject:
    """`node=JSON` pairs as an object; raises InvalidInput."""
    found: JsonObject = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise InvalidInput(f"{pair!r} is no pair.", field=field, fix="Write NODE=JSON, or NODE=@file.json.")
        found[name] = json_value(text, field)
    return found


def _plain(_reference: str, _kind: JsonType, _place: str) -> list[Problem]:
    return []
