"""From a mail's link to an acknowledged alert: a look changes nothing, the button does, once; metrics of the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from tests.fakes.receivers import mail_server
from tests.integration.alert_world import World, after, in_world, two_people
from tests.integration.running_app import RunningApp

from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.infrastructure.notification.channel import Channels
from redaptive.infrastructure.notification.mail import EmailChannel
from redaptive.reference.loader import load_all
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.desk_app import desk_app
from redaptive.streams.alerts.links import Links
from redaptive.streams.alerts.playbook import Playbook

Run = Callable[..., Any]
BASE = "http://alerts.test"


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work: in_world(running.app.urls, work)


def _client(desk: AlertDesk, now: datetime) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(desk_app(desk, clock=lambda: now)), base_url=BASE)


def test_a_link_acknowledges_once_and_stops_the_escalation(run: Run) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        with mail_server() as mail:
            channels = Channels({"email": EmailChannel(mail.url, "alerts@example.org")})
            desk = AlertDesk(world.worker, channels, Playbook(load_all()), links=Links(b"s" * 32, BASE))
            await world.confirmed(world.signal("E", "drift"))
            await desk.run_once(after(hours=1))
            body = mail.mails[0].get_payload(decode=True).decode()  # type: ignore[union-attr]
            (link,) = re.findall(r"Acknowledge: (http\S+)", body)
            store = AlertStore(world.app, world.tenant)
            async with _client(desk, after(hours=2)) as http:
                looks = [await http.get(link) for _ in range(2)]
                assert [look.status_code for look in looks] == [200, 200]
                assert "<button>Acknowledge</button>" in looks[0].text
                assert looks[0].headers["cache-control"] == "no-store"
                assert [a.state for a in await store.alerts()] == ["open"], "a scanner that opens links changes nothing"
                done = await http.post(link)
                assert (done.status_code, "is acknowledged" in done.text) == (200, True)
                again = [await http.post(link), await http.get(link)]
                assert [(a.status_code, "was used" in a.text) for a in again] == [(409, True)] * 2
            (alert,) = await store.alerts()
            assert [(e.who, e.action) for e in await store.history(alert.id)][-1] == ("ann", "acknowledge")
            assert await world.sql("SELECT * FROM alert_timers") == []
            await desk.run_once(after(hours=30))
            assert len(mail.mails) == 1, "nobody else is told"

    run(work)


def test_a_link_that_is_over_changed_or_overtaken_is_refused(run: Run) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        links = Links(b"s" * 32, BASE)
        desk = AlertDesk(world.worker, Channels({}), Playbook(load_all()), links=links)
        await world.confirmed(world.signal("E", "drift"))
        await desk.run_once(after(hours=1))
        store = AlertStore(world.app, world.tenant)
        (alert,) = await store.alerts()
        fresh = links.url(world.tenant, alert.id, 1, "ann", after(hours=1))
        late = links.url(world.tenant, alert.id, 2, "ann", after(hours=1))
        async with _client(desk, after(hours=2)) as http:
            changed = fresh[:-9] + ("A" if fresh[-9] != "A" else "B") + fresh[-8:]
            assert [(await http.post(url)).status_code for url in (changed, late)] == [403, 409]
        async with _client(desk, after(hours=1) + timedelta(days=7)) as http:
            assert (await http.post(fresh)).status_code == 403
        without = AlertDesk(world.worker, Channels({}), Playbook(load_all()))
        async with _client(without, after(hours=2)) as http:
            assert (await http.post(fresh)).status_code == 403
        assert [a.state for a in await store.alerts()] == ["open"]

    run(work)


def test_a_desk_shows_what_is_open_and_how_long_people_took(run: Run) -> None:
    async def work(world: World) -> None:
        desk = AlertDesk(world.worker, Channels({}), Playbook(load_all()))
        await world.confirmed(world.signal("E", "drift"), world.signal("G", "drift"))
        await desk.run_once(after(hours=1))
        store = AlertStore(world.app, world.tenant)
        before = dict(desk.standing)
        alert = (await store.alerts())[0]
        await store.acknowledge(alert.id, who="ann")
        await store.diagnose(alert.id, "stuck damper", who="ann")
        await desk.run_once(after(hours=1, minutes=0) + timedelta(seconds=10))
        assert desk.standing == before, "not asked again within half a minute"
        await desk.run_once(after(hours=1, minutes=1))
        assert (desk.standing["open"], desk.standing["in_hand"]) == (before["open"] - 1, before["in_hand"] + 1)
        async with _client(desk, after(hours=2)) as http:
            page = (await http.get("/metrics")).text
            assert (await http.get("/health")).json()["passes"] == 3
        assert f"redaptive_alerts_open {desk.standing['open']}" in page
        assert "redaptive_alert_desk_judged 2.0" in page
        assert re.search(r"^redaptive_alerts_mean_to_diagnose_seconds \d", page, re.MULTILINE)
        assert re.search(r"^redaptive_alerts_mean_to_acknowledge_seconds \d", page, re.MULTILINE)

    run(work)
