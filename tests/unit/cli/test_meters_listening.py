"""A simulated fleet says so when nobody takes what it sends."""

from __future__ import annotations

import socket

import anyio

from redaptive.cli.meters import _listens


def test_a_port_is_known_to_be_served_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert anyio.run(_listens, port)
    assert not anyio.run(_listens, port)
