"""One JSON POST over HTTP, to an address that was looked up and judged first; no redirects, no proxies."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.notification.message import Unreachable

TIMEOUT_S: Final = 15.0
_TRY_LATER: Final = {408, 409, 425, 429}


def post_json(
    url: str, body: Mapping[str, object], headers: Mapping[str, str], *, field: str, allow_private: bool
) -> None:
    """POST `body`; anything but 2xx is an error.

    The connection goes to the very address that was judged, so a name cannot answer differently the second time.
    :raises Unreachable: no answer, or a name that is not known.
    :raises Unavailable: 5xx, 408, 409, 425, 429.
    :raises InvalidInput: an address that may not be used, or any other answer; `field` says of what.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise InvalidInput("The URL cannot be used.", field=field, fix="Write https://host/path without a password.")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise InvalidInput("The URL has no usable port.", field=field) from error
    address = _judged(parts.hostname, port, field, allow_private)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _Pinned(parts.hostname, port, address, secure=parts.scheme == "https")
    try:
        payload = json.dumps(body).encode()
        connection.request("POST", path, payload, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read(65_536)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{parts.hostname} does not answer: {error}") from error
    finally:
        connection.close()
    _check(answer.status, parts.hostname, field)


class _Pinned(http.client.HTTPConnection):
    """A connection to one address; the name counts for TLS and the Host header only."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._address = address
        self._secure = secure
        if secure:
            self.default_port = 443

    def connect(self) -> None:
        """Connect to the judged address."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _judged(host: str, port: int, field: str, allow_private: bool) -> str:
    """The first address of the host; raises InvalidInput when any of them is not public."""
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The name {host} is not known: {error}") from error
    private = [address for address in found if not is_public(address)]
    if private and not allow_private:
        raise InvalidInput(
            f"{host} has the address {private[0]}, which is not public.",
            field=field,
            fix="Give a public address, or set REDAPTIVE_WEBHOOK_ALLOW_PRIVATE=true if tenants are trusted.",
        )
    return found[0]


def is_public(address: str) -> bool:
    """Whether an IP address is a public unicast one; an IPv4 address within IPv6 is judged itself.

    >>> [is_public(a) for a in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "100.64.0.1")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def _check(status: int, host: str, field: str) -> None:
    if 200 <= status < 300:
        return
    if status >= 500 or status in _TRY_LATER:
        raise Unavailable(f"{host} answered {status}.")
    raise InvalidInput(f"{host} refuses the message: {status}.", field=field, fix="Check the address there.")
