"""What stands in a node, seen in one walk: references with their places, nesting, and whether to look closer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.references import Reference, comparisons, inside, is_reference, parse
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Condition, Expr, Json, Node, Not

PARTS: Final = ("args", "default", "when", "expr", "foreach", "compensate", "wait_event")
"""The parts of a node in which something may be nested."""
SECRET_KEY: Final = re.compile(
    r"(^|.*_)(password|passwd|passphrase|secret|api_?key|access_?key|private_?key|(access|auth|bearer|refresh)_?token"
    r"|token|credentials?|authorization|client_secret)$",
    re.IGNORECASE,
)
SECRET_MARKS: Final = re.compile(r"PRIVATE KEY|AKIA|sk-|gh[pousr]_|xox|eyJ|earer |://")
"""A text without any of these is no secret that is known by its looks; quicker to see."""
SHORTEST_SECRET: Final = 8
"""No text with fewer characters has the looks of a secret: `a://b:c@` is the shortest."""
_OVERHEAD: Final = 32
"""No less than what names, quotes and brackets add to the bytes of a text, a number or a list."""
_UNCOUNTED: Final = -1_000
_LEAVES: Final = (str, int, float, type(None))


class Found(NamedTuple):
    """A reference where it stands; `undo`: in a compensation. Not read when it is malformed."""

    field: str
    text: str
    reference: Reference | None
    undo: bool
    node: str | None
    """The node referred to."""

    @classmethod
    def at(cls, field: str, text: str, *, undo: bool) -> Found:
        """The reference that stands in a field."""
        try:
            reference = parse(text)
        except InvalidInput:
            return cls(field, text, None, undo, None)
        return cls(field, text, reference, undo, reference.node)


class Contents:
    """What a walk over all parts of a node has seen. `deep`: parts nested deeper than the limit, not seen to the end.

    `size` is no less than the bytes of any part as JSON. `suspect`: some text may be a secret. `tenants`: some key may
    name a tenant. These three say so too often rather than too rarely.
    """

    __slots__ = ("_limit", "_undo", "deep", "found", "size", "suspect", "tenants")

    def __init__(self, node: Node, limit: int) -> None:
        self.found: list[Found] = []
        self.deep: set[str] = set()
        self.size, self.suspect, self.tenants = 0, False, False
        self._limit, self._undo = limit, False
        if node.foreach:
            self._part("foreach", node.foreach.items, "foreach.items")
        if node.args:
            self._part("args", node.args, "args")
        if node.expr:
            self._part("expr", node.expr, "expr")
        if node.wait_event:
            self._part("wait_event", node.wait_event.match, "wait_event.match")
        if node.when:
            self._condition(node.when)
        if node.default is not None:
            self._default(node.default)
        if node.compensate:
            self._undo = True
            self._part("compensate", node.compensate.args, "compensate.args")

    def _part(self, name: str, part: Json | Expr, place: str, level: int = 0) -> None:
        if self._deeper(part, place, level):
            self.deep.add(name)

    def _default(self, part: Json) -> None:
        """A default is data: no text in it refers to anything."""
        known = len(self.found)
        self._part("default", part, "default")
        del self.found[known:]

    def _condition(self, condition: Condition) -> None:
        if deeper(condition, self._limit):
            self.deep.add("when")
            return
        for place, comparison in comparisons(condition):
            self._part("when", comparison.left, f"{place}.left", _UNCOUNTED)
            self._part("when", comparison.right, f"{place}.right", _UNCOUNTED)

    def _deeper(self, value: Json | Expr, field: str, level: int) -> bool:
        """Look at the value and at what stands in it; whether that is nested deeper than the limit."""
        self.size += _OVERHEAD
        if isinstance(value, str):
            self._text(value, field)
            return False
        return isinstance(value, (dict, list, Expr)) and self._deeper_inside(value, field, level)

    def _deeper_inside(self, part: dict[str, Json] | list[Json] | Expr, place: str, level: int) -> bool:
        if level > self._limit:
            return True
        beyond = False
        if isinstance(part, dict):
            for key, each in part.items():
                self._key(key)
                beyond |= self._deeper(each, f"{place}.{key}", level + 1)
        else:
            for field, inner in inside(part, place):
                beyond |= self._deeper(inner, field, level + 1)
        return beyond

    def _key(self, key: str) -> None:
        self.size += len(key)
        if _telling(key):
            self.tenants = self.tenants or "tenant" in key
            self.suspect = self.suspect or names_secret(key)

    def _text(self, text: str, field: str) -> None:
        self.size += len(text)
        if is_reference(text):
            self.found.append(Found.at(field, text, undo=self._undo))
        elif len(text) >= SHORTEST_SECRET and SECRET_MARKS.search(text):
            self.suspect = True


@lru_cache(maxsize=2_048)
def names_secret(key: str) -> bool:
    """Whether a key says that its value is a secret."""
    return SECRET_KEY.fullmatch(key) is not None


@lru_cache(maxsize=2_048)
def _telling(key: str) -> bool:
    """Whether a key may name a secret or a tenant."""
    return "tenant" in key or names_secret(key)


def deeper(part: Json | Condition | Expr | None, limit: int) -> bool:
    """Whether something is nested deeper than the limit; level by level, so no depth can exhaust the stack."""
    if isinstance(part, (Compare, *_LEAVES)):
        return False
    level: list[object] = [part]
    for _ in range(limit + 1):
        level = [inner for each in level for inner in _inner(each) if not isinstance(inner, _LEAVES)]
        if not level:
            return False
    return True


def _inner(part: object) -> list[object]:
    """What stands directly inside; leaves hold nothing, and comparisons are not looked into."""
    if isinstance(part, dict):
        return list(part.values())
    if isinstance(part, (list, tuple)):
        return list(part)
    if isinstance(part, Expr):
        return list(part.args)
    if isinstance(part, AllOf):
        return list(part.all)
    if isinstance(part, AnyOf):
        return list(part.any)
    return [part.not_] if isinstance(part, Not) else []
