"""Claims to act for a person: what is signed, what is checked, and how keys and clocks may differ."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from uuid import UUID

import jwt
import pytest

from redaptive.agents.delegation import LIFETIME_S, SKEW_S, Delegation
from redaptive.agents.principal import Principal
from redaptive.errors import InvalidInput, Unauthorized

OLD, NEW = "o" * 40, "n" * 40
ENGINE = Principal(UUID(int=1), "acme", "engine", frozenset({"a:read", "a:write"}))
ANN = Principal(UUID(int=1), "acme", "ann", frozenset({"a:read", "b:read"}))


def _at(second: float, *keys: str) -> Delegation:
    return Delegation(keys or (OLD,), clock=lambda: second)


def _claim() -> str:
    return _at(1_000).claim(ANN, "engine", "water")


def test_both_are_known_and_only_what_both_may_is_allowed() -> None:
    found = _at(1_000).accept(_claim(), ENGINE, "water")
    assert (found.subject, found.on_behalf_of, found.scopes) == ("engine", "ann", {"a:read"})


def test_another_implementation_reads_it() -> None:
    body = jwt.decode(_claim(), OLD, algorithms=["HS256"], audience="water", options={"verify_exp": False})
    assert (body["sub"], body["act"], body["exp"] - body["iat"]) == ("ann", {"sub": "engine"}, LIFETIME_S)


def test_keys_are_rotated_without_a_gap() -> None:
    for signer, reader in (((OLD,), (OLD, NEW)), ((NEW, OLD), (OLD, NEW)), ((NEW, OLD), (NEW,))):
        claim = _at(1_000, *signer).claim(ANN, "engine", "water")
        assert _at(1_000, *reader).accept(claim, ENGINE, "water").on_behalf_of == "ann"
    with pytest.raises(InvalidInput):
        Delegation([])


@pytest.mark.parametrize(
    ("second", "reason"),
    [(1_000 + LIFETIME_S + SKEW_S, "has expired"), (1_000 - SKEW_S, "is of the future")],
)
def test_it_holds_for_a_short_time_only(second: float, reason: str) -> None:
    with pytest.raises(Unauthorized, match=reason):
        _at(second).accept(_claim(), ENGINE, "water")


def test_clocks_may_be_apart_a_little() -> None:
    for second in (1_000 - SKEW_S + 1, 1_000 + LIFETIME_S + SKEW_S - 1):
        assert _at(second).accept(_claim(), ENGINE, "water").on_behalf_of == "ann"


def _unsigned(claim: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    return f"{header}.{claim.split('.')[1]}."


@pytest.mark.parametrize(
    "forge",
    [
        lambda claim: claim[:-2] + ("aa" if claim[-2:] != "aa" else "bb"),
        lambda claim: claim.replace(claim.split(".")[1][:8], "eyJzdWIi"[::-1]),
        _unsigned,
        lambda claim: jwt.encode({"sub": "eve"}, OLD * 2, algorithm="HS512"),
        lambda claim: jwt.encode({"sub": "eve"}, "e" * 40, algorithm="HS256"),
        lambda claim: "",
        lambda claim: "...",
        lambda claim: {"sub": "eve"},
    ],
)
def test_what_is_not_signed_by_the_key_is_refused(forge: Callable[[str], object]) -> None:
    with pytest.raises(Unauthorized):
        _at(1_000).accept(forge(_claim()), ENGINE, "water")


def test_a_signed_text_without_its_parts_is_refused() -> None:
    for body in ({}, {"sub": "ann", "aud": "water", "tenant": str(UUID(int=1)), "act": "engine"}):
        with pytest.raises(Unauthorized):
            _at(1_000).accept(jwt.encode(body, OLD, algorithm="HS256"), ENGINE, "water")
