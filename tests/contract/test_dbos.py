"""What the engine takes for granted of DBOS, private members included: a new release that breaks it fails here."""

from __future__ import annotations

import inspect
import logging
from importlib.metadata import version

import pytest
from dbos import DBOS, DBOSPortableJSONSerializer
from dbos._context import DBOSContext, get_local_dbos_context
from dbos._core import start_workflow_async
from dbos._error import DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError
from dbos._logger import init_logger
from dbos._schemas.system_database import SystemSchema
from dbos._sys_db import SystemDatabase
from dbos._utils import INTERNAL_QUEUE_NAME

from redaptive.errors import Internal, InvalidInput
from redaptive.orchestration.intelligent.engine.checkpoints import (
    CheckpointOptions,
    configuration,
    quiet,
    sqlalchemy_url,
)
from redaptive.orchestration.intelligent.engine.forgotten import RECOVERY_QUEUE
from redaptive.orchestration.intelligent.engine.keys import (
    INTERPRETER,
    WorkflowKey,
    call_key,
    child_id,
    execute_step,
    gate_step,
    undo_key,
    undo_step,
)
from redaptive.orchestration.intelligent.engine.steps import Owner


def test_the_release_is_the_one_that_was_read() -> None:
    assert version("dbos").split(".")[:2] == ["3", "4"]


def test_recovery_of_other_executors_takes_their_ids_and_is_fenced_by_them() -> None:
    found = inspect.signature(DBOS._recover_pending_workflows)
    assert list(found.parameters) == ["executor_ids"]
    source = inspect.getsource(SystemDatabase.reenqueue_for_recovery)
    assert "executor_id.in_(executor_ids)" in source
    assert "owner_xid=None" in source, "the zombie's token no longer fits"
    assert "queue_name=sa.func.coalesce(" in source, "as in forgotten.py"
    assert RECOVERY_QUEUE == INTERNAL_QUEUE_NAME


def test_a_start_that_another_executor_was_before_gives_a_handle_that_polls() -> None:
    source = inspect.getsource(start_workflow_async)
    assert "WorkflowHandleAsyncTask(" in source
    assert source.count("return WorkflowHandleAsyncPolling(") == source.count("WorkflowHandleAsyncPolling(") > 0


def test_the_context_of_a_workflow_names_it_and_its_owner() -> None:
    context = DBOSContext()
    assert (context.workflow_id, context.owner_xid) == ("", None)
    assert get_local_dbos_context() is None
    with pytest.raises(Internal):
        Owner.here()


def test_steps_are_recorded_with_the_columns_and_the_fence_that_dbos_uses() -> None:
    written = inspect.getsource(SystemDatabase._record_operation_result_txn)
    for column in ("function_name", "started_at_epoch_ms", "completed_at_epoch_ms", "output", "serialization"):
        assert f"{column}=" in written
    assert "self._check_owner_txn(conn" in written
    assert "application_name=self.app_name" in written
    fence = inspect.getsource(SystemDatabase._check_owner_txn)
    assert "with_for_update(key_share=True)" in fence, "FOR NO KEY UPDATE, as in recorder.py"
    columns = {c.name for c in SystemSchema.operation_outputs.columns}
    assert columns == {
        "workflow_uuid",
        "function_id",
        "function_name",
        "output",
        "error",
        "child_workflow_id",
        "started_at_epoch_ms",
        "completed_at_epoch_ms",
        "serialization",
        "application_name",
        "retention_timestamp",
    }


def test_losing_a_workflow_is_no_exception_that_a_handler_could_swallow() -> None:
    for kind in (DBOSWorkflowConflictIDError, DBOSWorkflowCancelledError):
        assert issubclass(kind, BaseException)
        assert not issubclass(kind, Exception)


def test_the_configuration_names_schema_version_and_json() -> None:
    made = configuration("postgresql://u:p@h:5/d", "e1", CheckpointOptions())
    assert (made["dbos_system_schema"], made["application_version"], made["executor_id"]) == ("dbos", INTERPRETER, "e1")
    assert isinstance(made["serializer"], DBOSPortableJSONSerializer)
    assert made["run_migrations"] is False
    assert made["max_executor_threads"] == 16


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("postgresql://u:p%40@h:5432/d", "postgresql+psycopg://u:p%40@h:5432/d"),
        ("host=127.0.0.1 user=u password='p w' dbname=d", "postgresql+psycopg://u:p w@127.0.0.1/d"),
        ("host=/run/pg dbname=d user=u", "postgresql+psycopg://u@/d?host=/run/pg"),
        ("postgresql://h/d?sslmode=require", "postgresql+psycopg://h/d?sslmode=require"),
    ],
)
def test_urls_become_those_of_sqlalchemy(given: str, wanted: str) -> None:
    made = sqlalchemy_url(given)
    assert made.replace("%20", " ").replace("+w", " w").replace("%2Frun%2Fpg", "/run/pg") == wanted


@pytest.mark.parametrize("given", ["sqlite:///x.db", "", "host=h"])
def test_there_is_no_engine_without_postgresql(given: str) -> None:
    with pytest.raises(InvalidInput, match="PostgreSQL URL"):
        sqlalchemy_url(given)


def test_keys_stay_what_they_are() -> None:
    key = WorkflowKey.parse("00000000-0000-0000-0000-000000000001/evt:a/b/2")
    assert (key.run_id, key.epoch) == ("evt:a/b", 2)
    assert str(key) == "00000000-0000-0000-0000-000000000001/evt:a/b/2"
    assert [(gate_step(k), execute_step(k), undo_step(k)) for k in (0, 1)] == [(1, 2, 3), (4, 5, 6)]
    assert (call_key("r", "n", 0), undo_key("r", "n", 0)) == ("r:n:0", "r:undo:n:0")
    long = child_id("r" * 150, "node" * 10, 7)
    assert len(long) <= 160
    assert long.endswith(":7")
    assert long == child_id("r" * 150, "node" * 10, 7) != child_id("s" * 150, "node" * 10, 7)
    with pytest.raises(InvalidInput):
        WorkflowKey.parse("something/else")


def test_dbos_keeps_no_stream_of_this_process() -> None:
    """It flushes its handlers at each start: one that holds a stream closed since would end the start."""
    quiet()
    init_logger()
    assert not [each for each in logging.getLogger("dbos").handlers if type(each) is logging.StreamHandler]
