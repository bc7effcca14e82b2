"""E-mail over SMTP: TLS from the start (smtps), or STARTTLS where the server offers it."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from hashlib import sha256
from typing import Final
from urllib.parse import unquote, urlsplit

from anyio import to_thread

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.notification.message import Message, Unreachable

TIMEOUT_S: Final = 15.0
_PORTS: Final = {"smtp": 587, "smtps": 465}
_TRY_LATER: Final = range(400, 500)


class EmailChannel:
    """Sends through one mail server. The Message-ID is made of the key: a second copy is recognisable as one."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise InvalidInput(
                "The mail server's URL cannot be used.",
                field="REDAPTIVE_SMTP_URL",
                fix="Write smtp://user:password@host:587 or smtps://host:465.",
            )
        self._secure = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender

    async def send(self, message: Message) -> None:
        """Hand the mail to the server; raises Unavailable or InvalidInput as every channel."""
        await to_thread.run_sync(self._send, message, abandon_on_cancel=True)

    def _send(self, message: Message) -> None:
        mail = self._mail(message)
        try:
            with self._connected() as server:
                server.send_message(mail)
        except smtplib.SMTPConnectError as error:
            raise Unreachable(f"The mail server {self._host} takes no mail now: {_said(error.smtp_error)}") from error
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _refused(code, text) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"The mail server {self._host} does not answer: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        if self._secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_S, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
        if self._user:
            server.login(self._user, self._password)
        return server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["From"], mail["To"] = self._sender, message.to
        except ValueError as error:  # a line break in an address
            raise InvalidInput(f"The address cannot be used: {error}.", field="email", fix="Correct it.") from error
        mail["Subject"] = " ".join(message.subject.split())
        mail["Date"] = formatdate()
        domain = self._sender.rpartition("@")[2] or "localhost"
        mail["Message-ID"] = f"<{sha256(message.key.encode()).hexdigest()[:32]}@{domain}>"
        mail["X-Redaptive-Key"] = message.key
        mail.set_content(message.text)
        return mail


def _refused(code: int, text: bytes | str) -> Unavailable | InvalidInput:
    said = _said(text)
    if code in _TRY_LATER:
        return Unavailable(f"The mail server is busy: {code} {said}")
    return InvalidInput(f"The mail server refuses the mail: {code} {said}", field="email", fix="Check the address.")


def _said(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
