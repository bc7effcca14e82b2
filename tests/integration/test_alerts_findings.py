"""What people find out about an alert: nothing that was entered is lost, and the history tells each change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.alert_world import NOON, World, after, in_world
from tests.integration.running_app import RunningApp

from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.alert_records import Alert
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.infrastructure.notification.channel import Channels
from redaptive.reference.loader import load_all
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.playbook import Playbook

Run = Callable[..., Any]


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work, *args, **kwargs: in_world(running.app.urls, work, *args, **kwargs)


async def _opened(world: World) -> tuple[AlertStore, Alert]:
    """The store, and the one alert that is open in it."""
    await world.confirmed(world.signal("E", "drift"))
    await AlertDesk(world.worker, Channels({}), Playbook(load_all())).run_once(after(hours=3))
    store = AlertStore(world.app, world.tenant)
    return store, (await store.alerts())[0]


async def _said(store: AlertStore, alert: Alert) -> list[tuple[str, str, str]]:
    """What people wrote into the history: who, action, why."""
    return [(e.who, e.action, e.why) for e in await store.history(alert.id) if e.who != "desk"]


def test_a_note_stays_until_another_is_given_and_the_history_has_both(run: Run) -> None:
    async def work(world: World) -> None:
        store, alert = await _opened(world)
        await store.diagnose(alert.id, "fouling", who="ann", note="filters are grey", rejected=("refrigerant",))
        kept = await store.diagnose(alert.id, "meter_fault", who="bob")
        assert (kept.cause, kept.cause_note, kept.rejected_causes) == (
            "meter_fault", "filters are grey", ("refrigerant",),
        )  # fmt: skip
        await store.diagnose(alert.id, "meter_fault", who="bob", note="CT was loose")
        await store.diagnose(alert.id, "meter_fault", who="bob", note="CT was loose")  # the same again says nothing
        assert await _said(store, alert) == [
            ("ann", "diagnose", 'cause fouling; note "filters are grey"; ruled out refrigerant'),
            ("bob", "diagnose", "cause meter_fault (was fouling)"),
            ("bob", "diagnose", 'note "CT was loose" (was "filters are grey")'),
        ]
        # A cause that is found after all is no longer ruled out.
        found = await store.diagnose(alert.id, "refrigerant", who="cat")
        assert found.rejected_causes == ()

    run(work)


def test_a_second_resolve_with_a_note_is_in_the_history(run: Run) -> None:
    async def work(world: World) -> None:
        store, alert = await _opened(world)
        await store.resolve(alert.id, "fouling", who="ann")
        done = await store.resolve(alert.id, "fouling", who="bob", note="washed the coil")
        assert (done.state, done.cause_note) == ("resolved", "washed the coil")
        assert await _said(store, alert) == [
            ("ann", "resolve", "cause fouling"),
            ("bob", "resolve", 'note "washed the coil"'),
        ]
        # Resolved after a diagnosis: what was noted then is kept.
        assert (await store.resolve(alert.id, "fouling", who="ann")).cause_note == "washed the coil"

    run(work)


def test_a_cause_cannot_be_ruled_out_too_nor_a_snooze_last_for_ever(run: Run) -> None:
    async def work(world: World) -> None:
        store, alert = await _opened(world)
        for act in (store.diagnose, store.resolve):
            with pytest.raises(InvalidInput, match="fouling cannot be the cause and ruled out"):
                await act(alert.id, "fouling", who="ann", rejected=("fouling",))
        for span in (timedelta(days=91), timedelta(0)):
            with pytest.raises(InvalidInput, match="not within the next 90 days"):
                await store.snooze(alert.id, NOON + span, who="ann", now=NOON)
        assert (await store.snooze(alert.id, after(days=90), who="ann", now=NOON)).snoozed_until == after(days=90)
        assert [action for _, action, _ in await _said(store, alert)] == ["snooze"]

    run(work)
