"""The status of live metering on a terminal: who counts, what was refused; replays that cannot be."""

from __future__ import annotations

from uuid import UUID

import pytest
from rich.console import Console

from redaptive.cli.main import run
from redaptive.cli.stream_view import headline, print_report, rendered
from redaptive.streams.replay import ReplayReport
from redaptive.streams.status import LateStatus, PartitionStatus, StreamStatus, WorkerStatus

RATE = {"readings_per_second": 500.0}


def _status(refused: dict[str, int]) -> StreamStatus:
    return StreamStatus(
        partitions=(PartitionStatus(0, "new", 2, True, 9, 0, 0.0, 40, 0.1, 1.0),),
        workers=(WorkerStatus("dead", 9.0, 0, RATE), WorkerStatus("new", 0.4, 1, RATE)),
        counts={"readings": 40, "ok": 40},
        late=LateStatus(*[0] * 10),
        refused=refused,
        log_used_bytes=0,
        log_bound_bytes=512_000_000,
    )


def _shown(status: StreamStatus) -> str:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(rendered(status))
    return captured.get()


def test_a_killed_worker_counts_no_more_though_it_is_still_shown() -> None:
    status = _status({})
    assert status.readings_per_second == 500.0
    assert headline(status).startswith("500 readings/s, lag 0 entries (0.0 s), 1 of 1 partitions owned by 1 worker, ")
    assert "dead (silent)" in _shown(status)
    assert "new (silent)" not in _shown(status)


def test_what_ingest_refused_is_told_by_reason() -> None:
    assert "refused by ingest, 24 h: none" in _shown(_status({}))
    assert "refused by ingest, 24 h: 1,048 not_a_number, 3 wrong_unit" in _shown(
        _status({"not_a_number": 1048, "wrong_unit": 3})
    )


def test_a_replay_that_ends_before_it_begins_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stream", "replay", "--from", "2026-02-01", "--to", "2026-01-01"]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "end at 2026-01-01 00:00 UTC, before it begins" in told
    assert "--to" in told


def test_a_replay_of_no_time_is_refused_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stream", "replay", "--from", "2026-02-01", "--to", "2026-02-01T00:00Z"]) == 1
    assert "--from and --to are the same moment, 2026-02-01 00:00 UTC" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("ahead", "equal", "said"),
    [
        (4, 0, "State is not compared: what is live has later readings than were replayed."),
        (1, 3, "State equal in 3 of 3 partitions that have meters. 1 have later readings live and are not compared."),
        (0, 4, "State equal in 4 of 4 partitions that have meters."),
    ],
)
def test_a_replay_that_ends_early_says_what_is_compared(
    ahead: int, equal: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = ReplayReport(UUID(int=1), "store", "k", 9, {"ok": 9}, {"gap": 1}, {}, {}, 0.0, 0.0, equal, 4, {}, ahead)
    print_report(report)
    assert said in " ".join(capsys.readouterr().out.split())


def test_a_replay_of_what_is_still_to_come_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stream", "replay", "--from", "2999-01-01"]) == 1
    assert "2999-01-01 00:00 UTC is still to come" in " ".join(capsys.readouterr().err.split())


def test_no_state_that_ends_before_now_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stream", "replay", "--from", "2026-01-01", "--to", "2026-02-01", "--accept"]) == 1
    assert "Leave out --to with --accept" in " ".join(capsys.readouterr().err.split())
