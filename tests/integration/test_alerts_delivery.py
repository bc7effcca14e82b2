"""Messages over real sockets: one per key after restarts, retries, escalation, quiet hours, budget, digest."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from tests.fakes.fake_clock import FakeClock
from tests.fakes.receivers import FakeHttpReceiver, FakeMailServer, http_receiver, mail_server
from tests.integration.alert_world import NOON, World, after, in_world, many_meters, two_people
from tests.integration.running_app import RunningApp

from redaptive.errors import InvalidInput, NotFound
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.infrastructure.database.stores.team_store import EngineerRecord, Rule, ShiftRecord, TeamStore
from redaptive.infrastructure.notification.channel import Channels
from redaptive.infrastructure.notification.mail import EmailChannel
from redaptive.infrastructure.notification.sms import SmsChannel
from redaptive.infrastructure.notification.webhook import WebhookChannel
from redaptive.reference.loader import load_all
from redaptive.streams.alerts import delivery
from redaptive.streams.alerts.delivery import MOST_ATTEMPTS
from redaptive.streams.alerts.desk import AlertDesk
from redaptive.streams.alerts.playbook import Playbook

Run = Callable[..., Any]
PLAYBOOK = Playbook(load_all())


@pytest.fixture
def run(running: RunningApp) -> Run:
    """Runs work in a fresh tenant."""
    return lambda work, *args, **kwargs: in_world(running.app.urls, work, *args, **kwargs)


@pytest.fixture(scope="module")
def mail() -> Iterator[FakeMailServer]:
    """A mail server."""
    with mail_server() as fake:
        yield fake


@pytest.fixture(scope="module")
def hook() -> Iterator[FakeHttpReceiver]:
    """An HTTP receiver."""
    with http_receiver() as fake:
        yield fake


@pytest.fixture
def channels(mail: FakeMailServer, hook: FakeHttpReceiver) -> Channels:
    """All three channels to empty receivers."""
    for kept in (mail.mails, mail.replies, hook.posts, hook.replies):
        kept.clear()
    return Channels(
        {
            "email": EmailChannel(mail.url, "alerts@example.org"),
            "sms": SmsChannel(hook.url),
            "webhook": WebhookChannel(allow_private=True),
        }
    )


def _desk(world: World, channels: Channels, budget: int = 30) -> AlertDesk:
    return AlertDesk(world.worker, channels, PLAYBOOK, budget)


def test_a_restart_between_raising_and_sending_sends_once(run: Run, channels: Channels, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        await world.confirmed(world.signal("E", "drift"))
        await _desk(world, channels).judge(after(hours=1))
        assert mail.mails == []
        # The desk died here; a second one, and a third beside it, take over.
        for _ in range(3):
            await _desk(world, channels).judge(after(hours=1))
            await _desk(world, channels).run_once(after(hours=1))
        (got,) = mail.mails
        assert got["Subject"] == "[warning] Meter E: slow rise in use, 31 USD/day"
        assert got["To"] == "ann@example.org"

    run(work)


def test_what_a_dead_desk_held_is_sent_at_once_and_what_a_living_one_holds_after_its_claim(
    run: Run, channels: Channels, mail: FakeMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(world: World) -> None:
        monkeypatch.setattr(delivery, "SETTLED_S", 0)
        await two_people(world)
        await world.confirmed(world.signal("E", "drift"))
        await _desk(world, channels).judge(after(hours=1))
        sending = "UPDATE notifications SET state = 'sending', attempts = 1, due_at = %s RETURNING id"
        (row,) = await world.sql(sending, after(hours=1, minutes=2))
        async with world.worker.session() as living:
            await living.execute("SELECT pg_advisory_lock(%s, %s)", (delivery.HELD, row["id"]))
            await _desk(world, channels).run_once(after(hours=1, minutes=1))
            assert mail.mails == []
            await _desk(world, channels).run_once(after(hours=1, minutes=3))  # it hangs
            assert len(mail.mails) == 1
        # One that died between sending and noting: its session is gone, and a copy goes out under the same key.
        await world.sql(sending, after(hours=1, minutes=5))
        await _desk(world, channels).run_once(after(hours=1, minutes=3))
        assert len(mail.mails) == 2
        assert len({m["Message-ID"] for m in mail.mails}) == 1
        assert len({m["X-Redaptive-Key"] for m in mail.mails}) == 1
        # Right after the server's start its locks say nothing: then the claim's end counts.
        monkeypatch.setattr(delivery, "SETTLED_S", 1e9)
        await world.sql(sending, after(hours=1, minutes=7))
        await _desk(world, channels).run_once(after(hours=1, minutes=6))
        assert len(mail.mails) == 2

    run(work)


def test_a_mail_server_that_hangs_costs_one_wait_and_keeps_up_no_other(
    run: Run, channels: Channels, hook: FakeHttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(world: World) -> None:
        monkeypatch.setattr(delivery, "SEND_S", 0.3)
        teams = await two_people(world)
        await teams.put_engineer(EngineerRecord("tim", "Tim", "UTC", phone="+13125550100", channels=("sms",)))
        await teams.put_team("texts", "Texts")
        await teams.put_rule(Rule("stuck", team="texts"))
        await teams.add_shift(ShiftRecord("texts", "tim"))
        stuck, *others = world.meters
        await world.confirmed(world.signal(stuck, "stuck"), *(world.signal(c, "drift") for c in others))
        with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and never says a word
            url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
            ways = {**channels.by_name, "email": EmailChannel(url, "a@example.org")}
            await _desk(world, Channels(ways)).run_once(after(hours=1))
            silent.settimeout(0.1)
            silent.accept()[0].close()
            with pytest.raises(TimeoutError):  # there was one
                silent.accept()
        assert [body["to"] for _, body in hook.posts] == ["+13125550100"]
        rows = await world.sql("SELECT state, attempts, last_error FROM notifications WHERE channel = 'email'")
        assert {(r["state"], r["attempts"]) for r in rows} == {("pending", 1)}
        assert len(rows) == len(others)
        assert all("did not answer" in r["last_error"] for r in rows)

    run(work, many_meters(6))


def test_what_a_batch_has_no_time_for_is_given_back_untried(
    run: Run, channels: Channels, mail: FakeMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(world: World) -> None:
        monkeypatch.setattr(delivery, "BATCH_S", -1)
        await two_people(world)
        await world.confirmed(world.signal("E", "drift"))
        await _desk(world, channels).run_once(after(hours=1))
        assert mail.mails == []
        assert [(r["state"], r["attempts"]) for r in await world.sql("SELECT * FROM notifications")] == [("pending", 0)]
        monkeypatch.undo()
        await _desk(world, channels).run_once(after(hours=1))
        assert len(mail.mails) == 1

    run(work)


def test_a_clock_that_steps_tells_nobody_twice(run: Run, channels: Channels, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        await world.confirmed(world.signal("E", "drift"))
        clock = FakeClock()
        for step_h in (1, -3, 2, -1, 5, -4, 30, -20, 1):  # what a badly kept server does in a day
            clock.pass_by(step_h * 3600)
            await _desk(world, channels).run_once(NOON + timedelta(seconds=clock.now - 1_000))
        keys = [m["X-Redaptive-Key"] for m in mail.mails]
        assert len(keys) == len(set(keys))
        assert {key.split(":")[3] for key in keys} == {"ann", "bob"}
        levels = await world.sql("SELECT level, count(*) AS n FROM notifications GROUP BY level ORDER BY level")
        assert [(row["level"], row["n"]) for row in levels] == [(1, 1), (2, 1)]

    run(work)


def test_a_busy_receiver_is_tried_again_and_a_refusing_one_is_not(
    run: Run, channels: Channels, mail: FakeMailServer, hook: FakeHttpReceiver
) -> None:
    async def work(world: World) -> None:
        await two_people(world, webhook_url=hook.url, channels=("webhook", "email"))
        hook.replies += [503, 429]
        await world.confirmed(world.signal("E", "drift"))
        desk = _desk(world, channels)
        for minutes in (60, 60, 61, 63):
            await desk.run_once(after(minutes=minutes))
        assert [(h["Idempotency-Key"], b["key"]) for h, b in hook.posts] == [(hook.posts[0][1]["key"],) * 2]
        (row,) = await world.sql("SELECT state, attempts FROM notifications")
        assert (row["state"], row["attempts"]) == ("sent", 3)
        # Refused for good: dead with the reason, and the next channel takes over.
        hook.replies += [404]
        await world.confirmed(world.signal("W", "drift"))
        for minutes in (70, 71):
            await desk.run_once(after(minutes=minutes))
        rows = await world.sql("SELECT channel, state, last_error FROM notifications ORDER BY id")
        assert [(r["channel"], r["state"]) for r in rows][1:] == [("webhook", "dead"), ("email", "sent")]
        assert "404" in rows[1]["last_error"]
        assert [m["To"] for m in mail.mails] == ["ann@example.org"]

    run(work)


def test_a_receiver_that_is_away_is_given_up_with_a_reason(run: Run, channels: Channels) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        await world.confirmed(world.signal("E", "drift"))
        gone = Channels({"email": EmailChannel("smtp://127.0.0.1:9", "a@b.c")})
        for attempt in range(MOST_ATTEMPTS + 2):
            await _desk(world, gone).run_once(after(hours=2 + attempt))
        (row, *_) = await world.sql("SELECT state, attempts, last_error FROM notifications WHERE level = 1")
        assert (row["state"], row["attempts"]) == ("dead", MOST_ATTEMPTS)
        assert "does not answer" in row["last_error"]

    run(work)


def test_escalation_survives_a_restart_and_ends_with_an_answer(
    run: Run, channels: Channels, mail: FakeMailServer
) -> None:
    async def work(world: World) -> None:
        teams = await two_people(world)
        await teams.put_rule(Rule("drift", severity="critical", escalate_after_s=600))
        await world.confirmed(world.signal("E", "drift"), world.signal("G", "drift"))
        await _desk(world, channels).run_once(after(hours=1))
        store = AlertStore(world.app, world.tenant)
        gas = next(a for a in await store.alerts() if a.meter_code == "G")
        await store.acknowledge(gas.id, who="ann")
        await _desk(world, channels).run_once(after(hours=1, minutes=9))
        assert [m["To"] for m in mail.mails] == ["ann@example.org"] * 2
        # A new process reads the timers from the database.
        await _desk(world, channels).run_once(after(hours=1, minutes=11))
        assert [m["To"] for m in mail.mails][2:] == ["bob@example.org"]
        subject = " ".join(mail.mails[2]["Subject"].split())
        assert subject == "[critical, level 2] Meter E: slow rise in use, nobody has acknowledged"
        assert "Acknowledge: redaptive alerts ack" in mail.mails[2].get_payload()
        await _desk(world, channels).run_once(after(hours=1, minutes=12))
        await _desk(world, channels).run_once(after(hours=1, minutes=22))
        assert len(mail.mails) == 3
        electricity = next(a for a in await store.alerts() if a.meter_code == "E")
        assert [e.action for e in await store.history(electricity.id)] == ["open", "escalate", "escalation ended"]
        assert await world.sql("SELECT * FROM alert_timers") == []

    run(work)


def test_what_is_over_or_taken_care_of_is_not_sent(run: Run, channels: Channels, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        await world.confirmed(world.signal("E", "drift"), world.signal("G", "drift"))
        await _desk(world, channels).judge(after(hours=1))
        store = AlertStore(world.app, world.tenant)
        await store.acknowledge(next(a.id for a in await store.alerts() if a.meter_code == "E"), who="ann")
        await world.confirmed(world.signal("G", "drift", opened=False, at_s=int(after(hours=1).timestamp())))
        await _desk(world, channels).run_once(after(hours=1, minutes=1))
        assert mail.mails == []
        assert {r["state"] for r in await world.sql("SELECT state FROM notifications")} == {"dropped"}

    run(work)


def test_quiet_hours_end_by_the_local_clock_on_the_day_of_the_change(
    run: Run, channels: Channels, mail: FakeMailServer
) -> None:
    # In Chicago the clocks go from 02:00 to 03:00 on 8 March 2026: 06:30 is 11:30 UTC, the day before 12:30 UTC.
    async def work(world: World) -> None:
        teams = await two_people(world, quiet_from=time(22), quiet_to=time(6, 30))
        await teams.put_rule(Rule("night_base", severity="critical"))
        night = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
        await world.confirmed(world.signal("E", "drift", since=night), world.signal("G", "night_base", since=night))
        await _desk(world, channels).run_once(night + timedelta(hours=1))
        assert [m["Subject"].split("]")[0] for m in mail.mails] == ["[critical"]
        await world.sql("DELETE FROM alert_timers")
        await _desk(world, channels).run_once(datetime(2026, 3, 8, 11, 29, tzinfo=UTC))
        assert len(mail.mails) == 1
        await _desk(world, channels).run_once(datetime(2026, 3, 8, 11, 31, tzinfo=UTC))
        assert len(mail.mails) == 2

    run(work)


def test_beyond_the_budget_there_is_one_digest_in_the_morning(
    run: Run, channels: Channels, mail: FakeMailServer
) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        signals = [world.signal(c, "drift", excess_wh_per_day=1e5 * (i + 1)) for i, c in enumerate(world.meters)]
        await world.confirmed(*signals)
        await _desk(world, channels, budget=3).run_once(after(hours=1))
        dearest = [float(m["Subject"].split(", ")[1].split()[0]) for m in mail.mails]
        assert dearest == [71.0, 59.0, 47.0]
        await _desk(world, channels, budget=3).run_once(datetime(2026, 3, 12, 11, 59, tzinfo=UTC))
        await world.sql("DELETE FROM alert_timers")
        before = len(mail.mails)
        await _desk(world, channels, budget=3).run_once(datetime(2026, 3, 12, 12, 1, tzinfo=UTC))
        (digest,) = mail.mails[before:]
        assert digest["Subject"] == "3 more alerts"
        assert digest.get_payload().count("slow rise in use") == 3
        await _desk(world, channels, budget=3).run_once(datetime(2026, 3, 13, 13, 0, tzinfo=UTC))
        assert len(mail.mails) == before + 1

    run(work, many_meters(6))


def test_what_becomes_worse_is_told_again_unless_somebody_answered(
    run: Run, channels: Channels, mail: FakeMailServer
) -> None:
    async def work(world: World) -> None:
        await two_people(world)
        for hours, wh in ((0, 2e5), (2, 2e5), (3, 2e6)):
            await world.confirmed(world.signal("E", "drift", since=after(hours=hours), excess_wh_per_day=wh))
            await _desk(world, channels).run_once(after(hours=hours, minutes=30))
        subjects = [m["Subject"] for m in mail.mails if m["To"] == "ann@example.org"]
        assert [s.split()[0] for s in subjects] == ["[warning]", "[critical]"]

    run(work)


def test_nobody_on_duty_means_the_next_shift(run: Run, channels: Channels, mail: FakeMailServer) -> None:
    async def work(world: World) -> None:
        teams = TeamStore(world.app, world.tenant)
        await teams.put_engineer(EngineerRecord("ann", "Ann", "America/Chicago", email="ann@example.org"))
        await teams.put_team("all", "All", every_site=True)
        await teams.add_shift(ShiftRecord("all", "ann", 1, (4,), time(8), time(17), "America/Chicago"))
        await world.confirmed(world.signal("E", "drift"))
        await _desk(world, channels).run_once(after(hours=1))
        assert mail.mails == []
        (row,) = await world.sql("SELECT due_at FROM notifications")
        assert row["due_at"] == datetime(2026, 3, 12, 13, 0, tzinfo=UTC)
        with pytest.raises(NotFound, match="no team 'none'"):
            await teams.add_shift(ShiftRecord("none", "ann"))
        with pytest.raises(InvalidInput, match="no address for sms"):
            await teams.put_engineer(EngineerRecord("eve", "Eve", "UTC", channels=("sms",)))

    run(work)


def test_sms_and_webhook_carry_the_key(run: Run, channels: Channels, hook: FakeHttpReceiver) -> None:
    async def work(world: World) -> None:
        await two_people(world, phone="+13125550100", channels=("sms",))
        await world.confirmed(world.signal("E", "drift", since=NOON))
        await _desk(world, channels).run_once(after(hours=1))
        ((headers, body),) = hook.posts
        assert body["to"] == "+13125550100"
        told = "[warning] Meter E: slow rise in use, 31 USD/day. Meter E uses about 265 kWh a day more"
        assert body["text"].startswith(told)
        assert headers["Idempotency-Key"].endswith(":1:1:ann:sms")

    run(work)
