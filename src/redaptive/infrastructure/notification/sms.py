"""SMS through a provider's HTTP endpoint, which the operator configures."""

from __future__ import annotations

from typing import Final

from anyio import to_thread

from redaptive.infrastructure.notification.http_post import post_json
from redaptive.infrastructure.notification.message import Message

MOST_CHARACTERS: Final = 320


class SmsChannel:
    """Posts `{to, text}` with the header Idempotency-Key; long texts are cut to two messages' length, links never."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, message: Message) -> None:
        """Hand the message over; raises Unavailable or InvalidInput as every channel."""
        body = {"to": message.to, "text": _shortened(message)}
        headers = {"Idempotency-Key": message.key}
        await to_thread.run_sync(
            lambda: post_json(self._url, body, headers, field="sms", allow_private=True), abandon_on_cancel=True
        )


def _shortened(message: Message) -> str:
    """Subject, first line and, whole, the link by which the message is answered."""
    first, last = message.text.partition("\n")[0], message.text.rstrip().rpartition("\n")[2]
    link = f"\n{last}" if last.startswith("Acknowledge: http") else ""
    text, room = f"{message.subject}. {first}", MOST_CHARACTERS - len(link)
    return (text if len(text) <= room else f"{text[: max(0, room - 1)]}…") + link
