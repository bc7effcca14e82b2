"""Addresses of people: whether a message can go there at all, told when they are written."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from redaptive.errors import InvalidInput

_EMAIL: Final = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@\w([\w.-]*\w)?")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_MOST_EMAIL: Final = 254


def require_email(text: str) -> None:
    """Do nothing for one address such as `ann@example.org`; raises InvalidInput for anything else."""
    if not _EMAIL.fullmatch(text) or ".." in text or len(text) > _MOST_EMAIL:
        raise InvalidInput(f"{text!r} is no e-mail address.", field="email", fix="Write one such as ann@example.org.")


def require_phone(text: str) -> None:
    """Do nothing for a number as E.164 has it, such as `+13125550100`; raises InvalidInput for anything else."""
    if not _PHONE.fullmatch(text):
        raise InvalidInput(
            f"{text!r} is no number that a message can go to.",
            field="phone",
            fix="Write + with country code and number, digits only, such as +13125550100 (E.164).",
        )


def require_webhook(text: str) -> None:
    """Do nothing for an http or https URL with a host; raises InvalidInput for anything else."""
    if not _is_url(text):
        raise InvalidInput(
            f"{text!r} is no URL that can be posted to.",
            field="webhook",
            fix="Write https:// (or http://) with a host, such as https://hooks.example.org/alerts.",
        )


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        return False
    blank = any(c.isspace() or not c.isprintable() for c in text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not blank
