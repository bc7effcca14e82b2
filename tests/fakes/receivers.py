"""Honest fakes of the other side of a message: a mail server and an HTTP receiver on loopback, over real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class FakeMailServer:
    """Keeps mails; answers with `replies` first, one each, then 250."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to send."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take one mail."""
        if self.replies:
            return self.replies.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content))
        return "250 OK"


@dataclass
class FakeHttpReceiver:
    """Keeps posted JSON with its headers; answers with `replies` first, one each, then 202."""

    port: int = 0
    posts: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    replies: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def mail_server() -> Iterator[FakeMailServer]:
    """A mail server on a free port, for the length of the block."""
    fake = FakeMailServer()
    controller = Controller(fake, hostname="127.0.0.1", port=_free_port())
    controller.start()
    fake.port = controller.port
    try:
        yield fake
    finally:
        controller.stop()


@contextmanager
def http_receiver() -> Iterator[FakeHttpReceiver]:
    """An HTTP receiver on a free port, for the length of the block."""
    fake = FakeHttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = fake.replies.pop(0) if fake.replies else 202
            if reply < 300:
                fake.posts.append((dict(self.headers), body))
            self.send_response(reply)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as probe:
        return int(probe.server_address[1])
