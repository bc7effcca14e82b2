"""Declarations: the decorators `tool`, `resource` and `prompt`, and what they record."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar, get_args

from pydantic import JsonValue

SideEffect = Literal["none", "write", "external", "destructive"]
Approval = Literal["never", "policy", "always"]
DataClass = Literal["public", "tenant", "personal"]
MetaValue = str | float | bool | None | dict[str, float] | list[dict[str, dict[str, JsonValue]]]

META: Final = "redaptive/"
META_KEYS: Final = tuple(
    META + key
    for key in (
        "latency",
        "cost",
        "scope",
        "side_effect",
        "approval",
        "compensate_with",
        "compensate_args",
        "timeout_s",
        "long_running",
        "data_class",
    )
)
_MARK = "__redaptive__"
FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


@dataclass(frozen=True)
class WayBack:
    """The arguments of the call that takes back what a call of the tool did.

    `when`: the arguments, with their values, of the calls that are meant; empty means every call. In `args` a string
    `$args.name` is an argument of the call that is undone, and `$value.path` a part of its result, null when it has
    none because it never took effect; everything else is meant as it stands.
    """

    args: Mapping[str, JsonValue]
    when: Mapping[str, JsonValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse references to anything else."""
        for name, value in self.args.items():
            if isinstance(value, str) and value.startswith("$") and not value.startswith(("$args.", "$value")):
                raise ValueError(f"{name}: {value!r} is neither an argument ($args.) nor a part of the result ($value)")


@dataclass(frozen=True)
class ToolSpec:
    """What a tool promises: latency in ms, cost in USD a call, scope, effect, approval, deadline in s."""

    scope: str
    side_effect: SideEffect = "none"
    latency_p50_ms: float = 50.0
    latency_p95_ms: float = 500.0
    usd_per_call: float = 0.0
    approval: Approval = "never"
    compensate_with: str | None = None
    compensate_args: tuple[WayBack, ...] = ()
    timeout_s: float = 30.0
    long_running: bool = False
    data_class: DataClass = "tenant"
    idempotent: bool = False
    title: str | None = None

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        if self.side_effect not in get_args(SideEffect) or self.approval not in get_args(Approval):
            raise ValueError(f"unknown side_effect {self.side_effect!r} or approval {self.approval!r}")
        if self.side_effect == "destructive" and self.approval == "never":
            raise ValueError(f"a destructive tool (scope {self.scope}) needs approval 'policy' or 'always'")
        if self.compensate_args and self.compensate_with is None:
            raise ValueError(f"compensate_args without compensate_with (scope {self.scope})")
        if self.latency_p95_ms < self.latency_p50_ms:
            raise ValueError(f"latency_p95_ms is below latency_p50_ms (scope {self.scope})")

    @property
    def reads_only(self) -> bool:
        """Whether a call changes nothing anywhere."""
        return self.side_effect == "none"

    def meta(self) -> dict[str, MetaValue]:
        """The `_meta` of the tool: every key of `META_KEYS`."""
        return {
            META + "latency": {"p50_ms": self.latency_p50_ms, "p95_ms": self.latency_p95_ms},
            META + "cost": {"usd_per_call": self.usd_per_call},
            META + "scope": self.scope,
            META + "side_effect": self.side_effect,
            META + "approval": self.approval,
            META + "compensate_with": self.compensate_with or "",  # the wire drops nulls
            META + "compensate_args": [
                {"when": dict(way.when), "args": dict(way.args)} for way in self.compensate_args
            ],
            META + "timeout_s": self.timeout_s,
            META + "long_running": self.long_running,
            META + "data_class": self.data_class,
        }


@dataclass(frozen=True)
class ResourceSpec:
    """A resource or resource template: its URI, the scope a reader needs, its media type."""

    uri: str
    scope: str
    mime_type: str = "application/json"
    title: str | None = None


@dataclass(frozen=True)
class PromptSpec:
    """A prompt: a common job written down for a language model."""

    title: str | None = None


Spec = ToolSpec | ResourceSpec | PromptSpec
SpecT = TypeVar("SpecT", ToolSpec, ResourceSpec, PromptSpec)


def tool(
    *,
    scope: str,
    side_effect: SideEffect = "none",
    latency_p50_ms: float = 50.0,
    latency_p95_ms: float = 500.0,
    usd_per_call: float = 0.0,
    approval: Approval = "never",
    compensate_with: str | None = None,
    compensate_args: tuple[WayBack, ...] = (),
    timeout_s: float = 30.0,
    long_running: bool = False,
    data_class: DataClass = "tenant",
    idempotent: bool = False,
    title: str | None = None,
) -> Callable[[FunctionT], FunctionT]:
    """A decorator that makes a method `async def name(self, ...) -> Answer[T]` a tool of its agent."""
    return _mark(
        ToolSpec(
            scope=scope,
            side_effect=side_effect,
            latency_p50_ms=latency_p50_ms,
            latency_p95_ms=latency_p95_ms,
            usd_per_call=usd_per_call,
            approval=approval,
            compensate_with=compensate_with,
            compensate_args=compensate_args,
            timeout_s=timeout_s,
            long_running=long_running,
            data_class=data_class,
            idempotent=idempotent,
            title=title,
        )
    )


def resource(
    uri: str, *, scope: str, mime_type: str = "application/json", title: str | None = None
) -> Callable[[FunctionT], FunctionT]:
    """A decorator that publishes a method under a URI (`energy://sites/{code}`); parameters come from the URI."""
    return _mark(ResourceSpec(uri=uri, scope=scope, mime_type=mime_type, title=title))


def prompt(*, title: str | None = None) -> Callable[[FunctionT], FunctionT]:
    """A decorator that publishes a method returning the text of a prompt; its arguments are strings."""
    return _mark(PromptSpec(title=title))


def declared(agent: type, kind: type[SpecT]) -> dict[str, tuple[Callable[..., object], SpecT]]:
    """Method name -> (function, specification) of one kind, base classes first, in order of declaration."""
    found: dict[str, tuple[Callable[..., object], SpecT]] = {}
    for owner in reversed(agent.__mro__):
        for name, member in vars(owner).items():
            spec = getattr(member, _MARK, None)
            if isinstance(spec, kind) and inspect.isfunction(member):
                found[name] = (member, spec)
    return found


def _mark(spec: Spec) -> Callable[[FunctionT], FunctionT]:
    def decorate(function: FunctionT) -> FunctionT:
        if not inspect.getdoc(function):
            raise ValueError(f"{getattr(function, '__qualname__', function)} needs a docstring: callers choose by it")
        setattr(function, _MARK, spec)
        return function

    return decorate
