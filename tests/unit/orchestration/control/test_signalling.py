"""Events given by people: everything that is wrong with one is said at once."""

from __future__ import annotations

import pytest

from redaptive.errors import InvalidInput
from redaptive.orchestration.control.signalling import require_event
from redaptive.orchestration.plans.schema import Node

NODE = Node.model_validate({"id": "alarm", "wait_event": {"type": "alert.opened", "match": {"severity": "critical"}}})
EVENT = {
    "alert_id": "0199a1b2-0000-7000-8000-000000000001", "kind": "stuck", "severity": "critical",
    "since": "2026-01-01T00:00:00Z", "decided_at": "2026-01-01T00:00:00Z",
}  # fmt: skip


def test_all_that_an_event_lacks_is_named_together() -> None:
    assert require_event(NODE, EVENT) == "alert.opened"
    with pytest.raises(InvalidInput) as caught:
        require_event(NODE, {"severity": "critical", "since": "today"})
    assert caught.value.field == "data.alert_id"
    for name in ("alert_id is required", "kind is required", "decided_at is required", "'today'"):
        assert name in caught.value.message


def test_another_event_than_the_one_waited_for_is_refused() -> None:
    with pytest.raises(InvalidInput, match="whose severity is 'critical', not 'info'"):
        require_event(NODE, {**EVENT, "severity": "info"})
    with pytest.raises(InvalidInput, match="waits for no event"):
        require_event(Node.model_validate({"id": "n", "expr": {"fn": "list", "args": []}}), EVENT)
