"""For whom a program calls: a signed, short-lived claim beside its token, which the called agent checks.

Over HTTP a call has the identity of its connection's token, e.g. that of an executor. The claim adds the person whose
run it is, with that person's scopes: the agent audits the person, and allows no more than both of them may. It is a
compact JWS (RFC 7515) with HS256 under a key that all processes of a deployment share.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from redaptive.agents.principal import Principal
from redaptive.agents.tool import META
from redaptive.errors import InvalidInput, Unauthorized

ON_BEHALF_OF: Final = META + "on_behalf_of"
"""Where a call's `_meta` carries the claim."""
LIFETIME_S: Final = 120
SKEW_S: Final = 30
"""How far the clocks of two machines may be apart."""
_HEADER: Final = {"alg": "HS256", "typ": "JWT"}
_FIX: Final = "Give both processes the same file of keys, and check their clocks."


class Delegation:
    """Makes claims with the first of its keys, and checks them with all: so keys are rotated without a gap."""

    def __init__(self, keys: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        if not keys or not all(keys):
            raise InvalidInput("There is no key for claims of delegation.", field="keys")
        self._keys = [key.encode() for key in keys]
        self._clock = clock

    def claim(self, person: Principal, caller: str, agent_id: str) -> str:
        """The claim that the token's subject `caller` acts for the person when it calls the agent."""
        now = int(self._clock())
        body = {
            "sub": person.on_behalf_of or person.subject,
            "tenant": str(person.tenant_id),
            "scopes": sorted(person.scopes),
            "act": {"sub": caller},
            "aud": agent_id,
            "iat": now,
            "exp": now + LIFETIME_S,
        }
        signed = f"{_encoded(_HEADER)}.{_encoded(body)}"
        return f"{signed}.{_base64(_mac(self._keys[0], signed))}"

    def accept(self, claim: object, caller: Principal, agent_id: str) -> Principal:
        """The caller, on behalf of the claim's person and with the scopes that both have.

        :raises Unauthorized: the claim is forged, expired, or meant for another caller, agent or tenant.
        """
        body = self._verified(claim)
        now = self._clock()
        wrong = (
            ("is for another agent", body.get("aud") != agent_id),
            ("was given to another caller", _subject(body.get("act")) != caller.subject),
            ("is of another tenant", body.get("tenant") != str(caller.tenant_id)),
            ("has expired", not _number(body.get("exp")) > now - SKEW_S),
            ("is of the future", not _number(body.get("iat")) < now + SKEW_S),
            ("names nobody", not isinstance(body.get("sub"), str) or not body.get("sub")),
        )
        for reason, holds in wrong:
            if holds:
                raise _refused(reason)
        scopes = body.get("scopes")
        allowed = frozenset(str(each) for each in scopes) if isinstance(scopes, list) else frozenset()
        person = str(body["sub"])
        acted_for = person if person != caller.subject else None
        return replace(caller, scopes=caller.scopes & allowed, on_behalf_of=acted_for)

    def _verified(self, claim: object) -> dict[str, Any]:
        signed, _, signature = str(claim).rpartition(".")
        given = _decoded(signature)
        if not any(hmac.compare_digest(given, _mac(key, signed)) for key in self._keys):
            raise _refused("is not signed by a key of this deployment")
        header, _, body = signed.partition(".")
        try:
            head, found = json.loads(_decoded(header)), json.loads(_decoded(body))
        except ValueError as error:
            raise _refused("cannot be read") from error
        if head != _HEADER or not isinstance(found, dict):
            raise _refused("is of another kind")
        return found


def _refused(reason: str) -> Unauthorized:
    return Unauthorized(f"The claim to act for somebody {reason}.", field=ON_BEHALF_OF, fix=_FIX)


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _encoded(value: object) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _subject(actor: object) -> object:
    return actor.get("sub") if isinstance(actor, dict) else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
