"""Patterns: typed templates of plans, one file each in a folder that is the registry.

A pattern module holds one `PATTERN`. The planner fills the slots, which are the inputs of the plan; a slot that is
missing is asked for with its own question.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any, Final

from redaptive.errors import Conflict, Internal
from redaptive.orchestration.plans.schema import Plan

NAME: Final = "PATTERN"


@dataclass(frozen=True)
class Slot:
    """What must be known before the plan can run: its JSON Schema, and the question when it is missing.

    The schema's `entity` says which kind of thing fills it. A slot that is not required has a default or allows null.
    """

    name: str
    schema: Mapping[str, Any]
    question: str = ""
    required: bool = True


@dataclass(frozen=True)
class Pattern:
    """A plan template: the intents that it answers, its slots, how it is built, and how people ask for it."""

    id: str
    title: str
    intents: tuple[str, ...]
    build: Callable[[], Plan]
    slots: tuple[Slot, ...] = ()
    utterances: tuple[str, ...] = ()
    answers: str = field(default="", metadata={"meaning": "what the output tells, in a sentence"})

    @cached_property
    def plan(self) -> Plan:
        """The plan, under the pattern's id, with the slots as its inputs.

        :raises Internal: when the plan declares inputs that are no slots.
        """
        plan = self.build()
        names = {slot.name for slot in self.slots}
        if strange := sorted(set(plan.inputs.get("properties", {})) - names):
            raise Internal(f"The plan of {self.id} has inputs that are no slots: {', '.join(strange)}.")
        return plan.model_copy(update={"id": self.id, "inputs": self.inputs, "origin": "pattern"})

    @property
    def inputs(self) -> dict[str, Any]:
        """The JSON Schema of the slots."""
        schema: dict[str, Any] = {"type": "object", "additionalProperties": False}
        schema["properties"] = {slot.name: dict(slot.schema) for slot in self.slots}
        required = [slot.name for slot in self.slots if slot.required]
        return {**schema, "required": required} if required else schema

    def missing(self, filled: Mapping[str, object]) -> tuple[Slot, ...]:
        """The required slots that are not filled, in their order."""
        return tuple(slot for slot in self.slots if slot.required and filled.get(slot.name) is None)


def discover(folder: ModuleType) -> dict[str, Pattern]:
    """Id -> pattern of every module of a package that has one.

    :raises Conflict: when two patterns share an id.
    :raises Internal: when a module's `PATTERN` is none.
    """
    found: dict[str, Pattern] = {}
    for entry in sorted(pkgutil.iter_modules(folder.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{folder.__name__}.{entry.name}")
        pattern = getattr(module, NAME, None)
        if pattern is None:
            continue
        if not isinstance(pattern, Pattern):
            raise Internal(f"{NAME} of {module.__name__} is no Pattern.")
        if pattern.id in found:
            raise Conflict(f"Two patterns have the id {pattern.id}.", field="id", fix=f"Rename {module.__name__}'s.")
        found[pattern.id] = pattern
    return found
