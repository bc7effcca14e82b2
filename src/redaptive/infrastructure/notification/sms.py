"""SMS through a provider's HTTP endpoint, which the operator configures."""

from __future__ import annotations

from typing import Final

from anyio import to_thread

from redaptive.infrastructure.notification.http_post import post_json
from redaptive.infrastructure.notification.message import Message

MOST_CHARACTERS: Final = 320


class SmsChannel:
    """Posts `{to, text}` with the header Idempotency-Key; long texts are cut to two messages' length."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, message: Message) -> None:
        """Hand the message over; raises Unavailable or InvalidInput as every channel."""
        text = f"{message.subject}. {message.text.partition(chr(10))[0]}"
        body = {"to": message.to, "text": text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"}
        headers = {"Idempotency-Key": message.key}
        await to_thread.run_sync(lambda: post_json(self._url, body, headers, field="sms", allow_private=True))
