"""A fake language model behind OpenAI's protocol: a local HTTP server that replays hand-made replies in order."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG = "hang"
Reply = str | int
"""A text that the model says, an HTTP status, or `HANG`."""


@dataclass
class FakeLlm:
    """The replies that are left, and every request that came."""

    replies: list[Reply]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def said(self) -> list[str]:
        """Everything that was sent as messages of the person, over all requests."""
        return [m["content"] for r in self.requests for m in r["messages"] if m["role"] == "user"]


@contextmanager
def fake_llm(*replies: Reply) -> Iterator[FakeLlm]:
    """A server that gives these replies, the last one again and again."""
    fake = FakeLlm(list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fake.requests.append(json.loads(body))
            reply = fake.replies.pop(0) if len(fake.replies) > 1 else fake.replies[0]
            if reply == HANG:
                fake.released.wait(30)
                return
            status = reply if isinstance(reply, int) else 200
            error = {"error": {"message": "fake failure", "type": "fake"}}
            self._send(status, error if isinstance(reply, int) else _completion(str(reply)))

        def _send(self, status: int, value: dict[str, Any]) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "fake-1",
        "object": "chat.completion",
        "created": 1,
        "model": "fake-model",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1_000, "completion_tokens": 200, "total_tokens": 1_200},
    }
