"""Ports that commands are to listen on: whether they are free, told before anything is started."""

from __future__ import annotations

import socket

from redaptive.errors import Conflict


def require_free_port(port: int, setting: str, host: str = "127.0.0.1") -> None:
    """Do nothing if `port` of `host` can be listened on; raises Conflict that names the setting of another one."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: recently closed ones are free
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"Port {port} of {host} cannot be listened on: {(error.strerror or str(error)).lower()}.",
                field=setting,
                fix=f"Stop the program that uses it, or choose another port with {setting}.",
            ) from error
