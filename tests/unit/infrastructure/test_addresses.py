"""Which addresses of people are taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from redaptive.errors import InvalidInput
from redaptive.infrastructure.notification.addresses import require_email, require_phone, require_webhook


@pytest.mark.parametrize(
    ("check", "good"),
    [
        (require_email, "ann@example.org"),
        (require_email, "ann.o'neil+alerts@mail.example.co.uk"),
        (require_email, "root@localhost"),
        (require_email, "anna@bücher.example"),
        (require_phone, "+13125550100"),
        (require_phone, "+442079460000"),
        (require_webhook, "https://hooks.example.org/services/T0/B0?x=1"),
        (require_webhook, "http://127.0.0.1:9399/hook"),
        (require_webhook, "http://[::1]:80/"),
    ],
)
def test_what_a_message_can_go_to_is_taken(check: Callable[[str], None], good: str) -> None:
    check(good)


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        (require_email, "notmail"),
        (require_email, "a@b@c"),
        (require_email, "ann@"),
        (require_email, "@example.org"),
        (require_email, "Ann <ann@example.org>"),
        (require_email, "ann@example.org, bob@example.org"),
        (require_email, "ann@example..org"),
        (require_email, "ann@example.org\nBcc: x@y"),
        (require_email, "a" * 260 + "@b.c"),
        (require_phone, "hello"),
        (require_phone, "3125550100"),
        (require_phone, "+1 312 555 0100"),
        (require_phone, "+03125550100"),
        (require_phone, "+1234567890123456"),
        (require_phone, "+١٢٣٤٥٦٧٨٩٠"),
        (require_webhook, "ftp://foo"),
        (require_webhook, "hooks.example.org/alerts"),
        (require_webhook, "https://"),
        (require_webhook, "https://a b/"),
        (require_webhook, "http://host:port/"),
        (require_webhook, "http://[::1/"),
    ],
)
def test_what_no_message_can_go_to_is_refused(check: Callable[[str], None], bad: str) -> None:
    with pytest.raises(InvalidInput, match="is no"):
        check(bad)
