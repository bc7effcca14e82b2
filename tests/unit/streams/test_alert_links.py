"""Links of alerts: what they say comes back; changed, foreign and old ones are refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.errors import InvalidInput, Unauthorized
from redaptive.streams.alerts.links import LEAST_SECRET, VALID_FOR, Links, kept_secret

NOW = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
TENANT, ALERT = uuid4(), uuid4()
LINKS = Links(b"k" * 32, "https://alerts.example.org/")


def _token(engineer: str = "ann") -> str:
    return LINKS.url(TENANT, ALERT, 3, engineer, NOW).removeprefix("https://alerts.example.org/a/")


def test_a_link_says_who_may_acknowledge_what() -> None:
    found = LINKS.read(_token("jörg"), NOW + VALID_FOR - timedelta(seconds=1))
    assert (found.tenant, found.alert, found.occurrence, found.engineer) == (TENANT, ALERT, 3, "jörg")
    assert found.id != LINKS.read(_token("ann"), NOW).id


def test_a_link_ends_after_a_week() -> None:
    with pytest.raises(Unauthorized, match="is over"):
        LINKS.read(_token(), NOW + VALID_FOR)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_link_is_none_of_ours(place: int, change: int) -> None:
    token = bytearray(_token().encode())
    token[place % len(token)] ^= change
    text = token.decode(errors="replace")
    try:
        found = LINKS.read(text, NOW)
    except Unauthorized:
        return
    # The last character holds bits that base64 does not use: another spelling of the same bytes.
    assert found == LINKS.read(_token(), NOW)


def test_another_installation_does_not_take_it() -> None:
    with pytest.raises(Unauthorized, match="none of ours"):
        Links(b"x" * 32, "https://alerts.example.org").read(_token(), NOW)
    for text in ("", "a", "!!!!", "é" * 200):
        with pytest.raises(Unauthorized, match="none of ours"):
            LINKS.read(text, NOW)


def test_a_short_secret_is_refused_and_a_kept_one_stays(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="fewer than 32 bytes"):
        Links(b"short", "https://alerts.example.org")
    path = tmp_path / "secrets" / "alert-links"
    assert kept_secret(path) == kept_secret(path)
    assert path.stat().st_mode & 0o077 == 0


def test_desks_that_start_at_once_share_one_whole_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for n in range(20):
            path = tmp_path / str(n) / "alert-links"
            (secret,) = set(pool.map(kept_secret, [path] * 16))
            assert len(secret) == LEAST_SECRET
            assert [file.name for file in path.parent.iterdir()] == [path.name]
