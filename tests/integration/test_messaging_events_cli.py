"""`redaptive events` as a person runs it, against the session's servers."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from tests.integration.running_app import RunningApp

from redaptive.cli.main import run
from redaptive.infrastructure.messaging.connections import connect
from redaptive.infrastructure.messaging.events.alert_events import AlertChanged
from redaptive.infrastructure.messaging.events.envelope import Event, new_event
from redaptive.infrastructure.messaging.events.streams import EventProducer


def event(tenant: UUID | None) -> Event:
    data = AlertChanged(alert_id=uuid4(), kind="leak", before="open", after="closed", actor="desk")
    return new_event(data, tenant=tenant, source="test", key=str(data.alert_id))


def publish(running: RunningApp, *events: Event) -> None:
    async def work() -> None:
        client = connect(running.app.endpoints.log.url)
        try:
            await EventProducer(client).publish(events)
        finally:
            await client.aclose()

    running.run(work)


@dataclass(frozen=True)
class Done:
    """What one command did."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def command(
    cli_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Runs `redaptive events` in this process, as the environment's tenant."""
    for name, value in cli_environment.items():
        if name.startswith("REDAPTIVE_"):
            monkeypatch.setenv(name, value)

    def run_it(*arguments: str) -> Done:
        code = run(["events", *arguments])
        return Done(code, *capsys.readouterr())

    return run_it


@pytest.fixture
def tenant(running: RunningApp, cli_environment: dict[str, str]) -> UUID:
    return running.principal(cli_environment["REDAPTIVE_TENANT"]).tenant_id


def test_events_are_listed_and_sent_again(running: RunningApp, command: Callable[..., Done], tenant: UUID) -> None:
    mine, other = event(tenant), event(running.principal("somebody-else").tenant_id)
    publish(running, mine, other)
    listed = command("list", "alerts", "--json")
    assert [found["id"] for found in json.loads(listed.stdout)] == [str(mine.id)], listed.stderr
    assert "alert.changed" in command("list", "alerts").stdout
    replayed = command("replay", "alerts", "--name", "fix", "--id", str(mine.id))
    assert "1 events sent again as replay fix" in replayed.stderr
    again = json.loads(command("list", "alerts", "--json").stdout)
    assert [found.get("replay") for found in again] == [None, "fix"]
    refused = command("replay", "alerts", "--name", "x", "--id", str(other.id))
    assert (refused.code, "No event of topic alerts fits" in refused.stderr) == (1, True)


@contextmanager
def following(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "redaptive", "events", "tail", "alerts"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_events_are_followed(running: RunningApp, cli_environment: dict[str, str], tenant: UUID) -> None:
    with following(cli_environment) as process:
        assert process.stdout is not None
        sent = []
        while not (line := _line_within(process, 0.2)):
            sent.append(event(tenant))
            publish(running, sent[-1])
            assert len(sent) < 300, "nothing was printed"
    assert json.loads(line)["id"] in {str(found.id) for found in sent}


def _line_within(process: subprocess.Popen[str], seconds: float) -> str:
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return process.stdout.readline() if ready and process.stdout else ""


def test_wrong_words_are_explained(command: Callable[..., Done]) -> None:
    for arguments, message in (
        (["list", "weather"], "no topic weather"),
        (["list", "alerts", "--from", "noon"], "no date"),
        (["replay", "alerts", "--name", "x", "--id", "1"], "is a UUID"),
    ):
        done = command(*arguments)
        assert done.code == 1
        assert message in done.stderr
