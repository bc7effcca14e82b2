"""What a channel is, and the channels that the settings make possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from redaptive.infrastructure.notification.mail import EmailChannel
from redaptive.infrastructure.notification.message import Message
from redaptive.infrastructure.notification.sms import SmsChannel
from redaptive.infrastructure.notification.webhook import WebhookChannel
from redaptive.settings import Settings


class Channel(Protocol):
    """A way to reach a person."""

    async def send(self, message: Message) -> None:
        """Hand the message over.

        :raises Unavailable: the other side does not answer or is busy; trying again may help.
        :raises InvalidInput: it refuses this message or address for good.
        """


@dataclass(frozen=True)
class Channels:
    """The configured channels by name; a name that is missing is not configured."""

    by_name: dict[str, Channel]

    @classmethod
    def from_settings(cls, settings: Settings) -> Channels:
        """E-mail with `smtp_url`, SMS with `sms_url`, webhooks always."""
        found: dict[str, Channel] = {"webhook": WebhookChannel(allow_private=settings.webhook_allow_private)}
        if settings.smtp_url is not None:
            found["email"] = EmailChannel(settings.smtp_url.get_secret_value(), settings.alert_sender)
        if settings.sms_url is not None:
            found["sms"] = SmsChannel(settings.sms_url.get_secret_value())
        return cls(found)
