"""Webhooks: a JSON POST to a URL that a tenant chose, hence never to a private address unless the operator says so."""

from __future__ import annotations

from anyio import to_thread

from redaptive.infrastructure.notification.http_post import post_json
from redaptive.infrastructure.notification.message import Message


class WebhookChannel:
    """Posts `{key, subject, text}` with the header Idempotency-Key."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private

    async def send(self, message: Message) -> None:
        """Hand the message over; raises Unavailable or InvalidInput as every channel."""
        body = {"key": message.key, "subject": message.subject, "text": message.text}
        headers = {"Idempotency-Key": message.key}
        await to_thread.run_sync(
            lambda: post_json(message.to, body, headers, field="webhook", allow_private=self._allow_private),
            abandon_on_cancel=True,
        )
