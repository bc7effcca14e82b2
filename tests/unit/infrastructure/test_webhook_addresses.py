"""No webhook reaches a private address, whatever its spelling, unless the operator allows it."""

from __future__ import annotations

import anyio
import pytest
from tests.fakes.receivers import http_receiver

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.notification.http_post import is_public
from redaptive.infrastructure.notification.mail import EmailChannel
from redaptive.infrastructure.notification.message import Message
from redaptive.infrastructure.notification.webhook import WebhookChannel


def _send(url: str, *, allow_private: bool = False) -> None:
    anyio.run(WebhookChannel(allow_private=allow_private).send, Message("k", url, "s", "t"))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.0.9", "169.254.169.254", "0.0.0.0", "2130706433", "0x7f.1",
     "[::ffff:127.0.0.1]", "[fd00::1]", "100.64.0.1", "[64:ff9b::7f00:1]"],
)  # fmt: skip
def test_private_addresses_are_refused(host: str) -> None:
    with pytest.raises((InvalidInput, Unavailable)) as refused:
        _send(f"http://{host}:9/hook")
    assert "not public" in refused.value.message or "not known" in refused.value.message


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "http:///x", "http://user:secret@example.org/", "http://a:99999/"]
)
def test_urls_that_are_no_webhooks_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _send(url)
    assert "secret" not in str(refused.value)


def test_redirects_are_not_followed() -> None:
    with http_receiver() as hook:
        hook.replies += [302]
        with pytest.raises(InvalidInput, match="302"):
            _send(hook.url, allow_private=True)
        _send(hook.url, allow_private=True)
        assert len(hook.posts) == 1


def test_public_addresses_pass() -> None:
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1::1")
    assert not is_public("224.0.0.1")


def test_a_mail_server_needs_a_usable_url_and_an_address_one_line() -> None:
    with pytest.raises(InvalidInput, match="cannot be used"):
        EmailChannel("http://x", "a@b.c")
    with pytest.raises(InvalidInput, match="address cannot be used"):
        anyio.run(EmailChannel("smtp://127.0.0.1:9", "a@b.c").send, Message("k", "a@b.c\nBcc: x@y.z", "s", "t"))
