"""kill -9 of the alert desk under load: every alert is judged once, told once per key, and escalated to whom it should.

`REDAPTIVE_KILLS=50` makes it the long run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from tests.fakes.receivers import FakeMailServer, mail_server
from tests.integration.alert_world import World, in_world, many_meters, two_people
from tests.integration.stream_servers import StreamServers, stream_servers

from redaptive.infrastructure.database.stores.team_store import Rule

KILLS = int(os.environ.get("REDAPTIVE_KILLS", "6"))
METERS = 24
DESK = """
import os
import anyio
from redaptive.reference.loader import load_all
from redaptive.settings import Settings
from redaptive.streams.alerts import delivery
from redaptive.streams.alerts.desk import run_desk

delivery.SETTLED_S = 0.0  # the server began a moment ago; what a killed desk held is sent again at once
anyio.run(run_desk, Settings(), os.environ["W_URL"], load_all())
"""


@pytest.fixture
def servers() -> Iterator[StreamServers]:
    with stream_servers() as found:
        yield found


@pytest.fixture
def mail() -> Iterator[FakeMailServer]:
    with mail_server() as fake:
        yield fake


class Desks:
    """Two desks, started again when they die."""

    def __init__(self, servers: StreamServers, mail: FakeMailServer, errors: Path) -> None:
        self._errors = errors
        self._environment = {
            **os.environ, "REDAPTIVE_HOME": str(servers.settings.home), "REDAPTIVE_SMTP_URL": mail.url,
            "W_URL": servers.urls.worker,
        }  # fmt: skip
        self.processes = [self._start(), self._start()]

    def _start(self) -> subprocess.Popen[bytes]:
        with self._errors.open("ab") as sink:
            return subprocess.Popen([sys.executable, "-c", DESK], env=self._environment, stdout=sink, stderr=sink)

    def kill(self, which: int) -> None:
        """kill -9 one of them, and start another in its place."""
        self.processes[which].send_signal(signal.SIGKILL)
        self.processes[which].wait(30)
        self.processes[which] = self._start()

    def close(self) -> None:
        """Kill all that are left."""
        for process in self.processes:
            process.kill()
            process.wait(30)


async def _until_told(world: World, alerts: int) -> None:
    """Wait until both people were sent a message of every alert."""
    statement = "SELECT count(DISTINCT (alert_id, level)) AS n FROM notifications WHERE state = 'sent'"
    with anyio.fail_after(120):
        while (await world.sql(statement))[0]["n"] < 2 * alerts:  # noqa: ASYNC110 - asks a server
            await anyio.sleep(0.2)


def test_desks_that_are_killed_tell_everybody_of_everything_once(
    servers: StreamServers, mail: FakeMailServer, tmp_path: Path
) -> None:
    chance = random.Random(11)

    async def work(world: World) -> None:
        teams = await two_people(world)
        await teams.put_rule(Rule("drift", escalate_after_s=3))
        desks = Desks(servers, mail, tmp_path / "desks.log")
        since = datetime.now(UTC) - timedelta(hours=3)
        try:
            meters = sorted(world.meters)
            for k in range(KILLS):
                for meter in meters[k * METERS // KILLS : (k + 1) * METERS // KILLS]:
                    await world.confirmed(world.signal(meter, "drift", since=since))
                await anyio.sleep(chance.uniform(0.2, 2.5))
                desks.kill(k % 2)
            await _until_told(world, METERS)
        finally:
            desks.close()
        alerts = await world.rows("id, state, occurrences")
        assert [(a["state"], a["occurrences"]) for a in alerts] == [("open", 1)] * METERS
        told = await world.sql("SELECT alert_id, level, channel, state FROM notifications WHERE level <= 2")
        assert Counter((n["alert_id"], n["level"]) for n in told) == Counter(
            {(a["id"], level): 1 for a in alerts for level in (1, 2)}
        )
        # Who died between sending and noting sent a second copy, under the same key.
        assert len({m["X-Redaptive-Key"] for m in mail.mails}) == len({m["Message-ID"] for m in mail.mails})
        opened = await world.sql("SELECT key, count(*) AS n FROM outbox WHERE type = 'alert.opened' GROUP BY key")
        assert {(str(a["id"]), 1) for a in alerts} == {(row["key"], row["n"]) for row in opened}

    in_world(servers.urls, work, many_meters(METERS))
