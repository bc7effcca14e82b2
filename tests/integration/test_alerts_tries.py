"""Each try of a message is made for an alert that still rings, to the address of now; whoever cannot be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.fakes.receivers import FakeHttpReceiver, FakeMailServer, http_receiver, mail_server
from tests.integration.alert_world import World, after, in_world, two_people
from tests.integration.running_app import RunningApp

from redaptive.errors import Unavailable
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.infrastructure.database.stores.team_store import EngineerRecord, Rule, ShiftRecord, TeamStore
from redaptive.infrastructure.notification.channel import Channels
from redaptive.infrastructure.notification.mail import EmailChannel
from redaptive.infrastructure.notification.message import Message
from redaptive.infrastructure.notification.webhook import WebhookChannel
from redaptive.reference.loader import load_all
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.playbook import Playbook

Run = Callable[..., Any]
PLAYBOOK = Playbook(load_all())


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work, *args, **kwargs: in_world(running.app.urls, work, *args, **kwargs)


@pytest.fixture
def mail() -> Iterator[FakeMailServer]:
    """A mail server."""
    with mail_server() as fake:
        yield fake


@pytest.fixture
def hook() -> Iterator[FakeHttpReceiver]:
    """An HTTP receiver."""
    with http_receiver() as fake:
        yield fake


@dataclass
class BusyReceiver:
    """Answers each message with 'busy', after it did `meanwhile`."""

    meanwhile: Callable[[], Any]
    keys: list[str] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        """Refuse it for now."""
        self.keys.append(message.key)
        await self.meanwhile()
        raise Unavailable("busy")


def _desk(world: World, mail: FakeMailServer, **others: Any) -> AlertDesk:
    ways = {"email": EmailChannel(mail.url, "a@example.org"), "webhook": WebhookChannel(allow_private=True), **others}
    return AlertDesk(world.worker, Channels(ways), PLAYBOOK)


async def _states(world: World) -> list[tuple[str, str, str, int]]:
    rows = await world.sql(
        "SELECT e.code, n.channel, n.state, n.attempts FROM notifications n"
        " JOIN engineers e ON e.tenant_id = n.tenant_id AND e.id = n.engineer_id ORDER BY n.id"
    )
    return [(r["code"], r["channel"], r["state"], r["attempts"]) for r in rows]


def test_what_closes_while_its_message_is_under_way_is_not_tried_again(run: Run, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        signal = world.signal("E", "drift")
        await world.confirmed(signal)
        calm = AlertDesk(world.worker, Channels({}), PLAYBOOK)

        async def closes() -> None:
            await world.confirmed(replace(signal, opened=False, at_s=signal.at_s + 900))
            await calm.tend(after(hours=2))

        receiver = BusyReceiver(closes)
        for minutes in (60, 121, 125):
            await _desk(world, mail, email=receiver).run_once(after(minutes=minutes))
        assert (await world.one("state"))["state"] == "closed"
        assert len(receiver.keys) == 1
        assert await _states(world) == [("ann", "email", "dropped", 1)]

    run(work)


def test_what_was_acknowledged_between_claim_and_try_is_dropped(run: Run, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        teams = await two_people(world)
        await teams.put_rule(Rule("drift", severity="warning"))
        await world.confirmed(world.signal("E", "drift"), world.signal("G", "drift"))
        store = AlertStore(world.app, world.tenant)

        async def acknowledges() -> None:
            for alert in await store.alerts():
                await store.acknowledge(alert.id, who="ann")

        receiver = BusyReceiver(acknowledges)  # both are claimed as one batch, and the first try takes its time
        await _desk(world, mail, email=receiver).run_once(after(hours=1))
        assert len(receiver.keys) == 1
        assert [(state, tries) for _, _, state, tries in await _states(world)] == [("dropped", 1), ("dropped", 0)]

    run(work)


def test_an_address_that_was_replaced_gets_the_next_try(run: Run, mail: FakeMailServer, hook: FakeHttpReceiver) -> None:
    async def work(world: World) -> None:
        with http_receiver() as new:
            teams = await two_people(world, webhook_url=hook.url, channels=("webhook",))
            hook.replies += [503]
            await world.confirmed(world.signal("E", "drift"))
            await _desk(world, mail).run_once(after(hours=1))
            await teams.put_engineer(EngineerRecord("ann", "Ann", "UTC", webhook_url=new.url, channels=("webhook",)))
            await _desk(world, mail).run_once(after(hours=1, minutes=1))
            assert (len(hook.posts), len(new.posts)) == (0, 1)
            assert await _states(world) == [("ann", "webhook", "sent", 2)]

    run(work)


def test_an_address_that_is_gone_hands_over_to_the_next_channel(
    run: Run, mail: FakeMailServer, hook: FakeHttpReceiver
) -> None:
    async def work(world: World) -> None:
        teams = await two_people(world, webhook_url=hook.url, channels=("webhook",))
        hook.replies += [503]
        await world.confirmed(world.signal("E", "drift"))
        await _desk(world, mail).run_once(after(hours=1))
        await teams.put_engineer(EngineerRecord("ann", "Ann", "UTC", email="ann@new.example.org"))
        for minutes in (61, 62):
            await _desk(world, mail).run_once(after(minutes=minutes))
        assert hook.posts == []
        assert [m["To"] for m in mail.mails] == ["ann@new.example.org"]
        assert [(c, s) for _, c, s, _ in await _states(world)] == [("webhook", "dead"), ("email", "sent")]

    run(work)


def test_whoever_cannot_be_reached_at_all_hands_over_to_the_next_person(
    run: Run, mail: FakeMailServer, hook: FakeHttpReceiver
) -> None:
    async def work(world: World) -> None:
        await two_people(world, webhook_url=hook.url, channels=("webhook",))
        hook.replies += [404]
        await world.confirmed(world.signal("E", "drift"))
        await _desk(world, mail).run_once(after(hours=1))
        await _desk(world, mail).run_once(after(hours=1, seconds=2))  # not after four hours
        assert [m["To"] for m in mail.mails] == ["bob@example.org"]
        # Bob has it and has four hours to answer.
        await _desk(world, mail).run_once(after(hours=1, minutes=5))
        (timer,) = await world.sql("SELECT level, due_at FROM alert_timers")
        assert (timer["level"], timer["due_at"]) == (3, after(hours=5, seconds=2))

    run(work)


def test_a_critical_alert_turns_to_the_next_channel_after_a_minute(
    run: Run, mail: FakeMailServer, hook: FakeHttpReceiver
) -> None:
    async def work(world: World) -> None:
        teams = await two_people(world, webhook_url=hook.url, channels=("webhook", "email"))
        await teams.put_rule(Rule("drift", severity="critical"))
        hook.replies += [500] * 20
        await world.confirmed(world.signal("E", "drift"), world.signal("G", "stuck"))
        desk = _desk(world, mail)
        for second in range(0, 62, 2):
            await desk.run_once(after(hours=1, seconds=second))
            assert mail.mails == []
        await desk.run_once(after(hours=1, seconds=64))
        assert [m["Subject"].split("]")[0] for m in mail.mails] == ["[critical"]
        # The first channel goes on being tried beside it, and is told when it can be.
        hook.replies.clear()
        await desk.run_once(after(hours=1, minutes=3))
        assert [b["subject"].split("]")[0] for _, b in hook.posts] == ["[critical", "[warning"]
        assert [(c, s, n) for _, c, s, n in await _states(world)] == [
            ("webhook", "sent", 4), ("webhook", "sent", 3), ("email", "sent", 1),
        ]  # fmt: skip

    run(work)


def test_a_mail_server_that_refuses_us_for_a_while_does_not_use_up_the_rota(run: Run, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        teams = await two_people(world)
        await teams.put_rule(Rule("drift", severity="critical", escalate_after_s=600))
        mail.replies += ["535 who are you"] * 2
        await world.confirmed(world.signal("E", "drift"))
        for second in range(0, 40, 2):
            await _desk(world, mail).run_once(after(hours=1, seconds=second))
        assert (mail.mails, mail.replies) == ([], [])
        assert await _states(world) == [("ann", "email", "pending", 0), ("bob", "email", "pending", 0)]
        for minutes in (69, 71, 90):
            await _desk(world, mail).run_once(after(minutes=minutes))
        assert sorted(m["To"] for m in mail.mails) == ["ann@example.org", "bob@example.org"]

    run(work)


def test_a_snoozed_alert_sends_nothing_until_it_wakes(run: Run, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        mail.replies += ["451 later"]
        await world.confirmed(world.signal("E", "drift"))
        await _desk(world, mail).run_once(after(hours=1))
        store = AlertStore(world.app, world.tenant)
        (alert,) = await store.alerts()
        await store.snooze(alert.id, after(hours=9), who="ann", now=after(hours=1))
        for minutes in (61, 120, 500, 539):
            await _desk(world, mail).run_once(after(minutes=minutes))
        assert mail.mails == []
        await _desk(world, mail).run_once(after(hours=9, seconds=1))
        assert [m["To"] for m in mail.mails][:1] == ["ann@example.org"]

    run(work)


def test_a_step_of_escalation_tells_the_next_level_of_the_rota(run: Run, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        teams = TeamStore(world.app, world.tenant)
        await teams.put_team("loop", "Loop", sites=["CHI"])
        for code, level in (("ann", 1), ("bob", 1), ("cat", 2), ("dan", 4)):
            await teams.put_engineer(EngineerRecord(code, code, "UTC", email=f"{code}@example.org"))
            await teams.add_shift(ShiftRecord("loop", code, level))
        await teams.put_rule(Rule("drift", severity="critical", escalate_after_s=600))
        await world.confirmed(world.signal("E", "drift"))
        for minutes in (60, 71, 82, 93, 104):
            await _desk(world, mail).run_once(after(minutes=minutes))
        told = [(m["To"].split("@")[0], " ".join(m["Subject"].split()).split("]")[0]) for m in mail.mails]
        assert told == [
            ("ann", "[critical"),
            ("cat", "[critical, level 2"),
            ("dan", "[critical, level 4"),
            ("bob", "[critical, level 1"),  # nobody above is left: the colleague of the first one
        ]
        assert await world.sql("SELECT * FROM alert_timers") == []

    run(work)
