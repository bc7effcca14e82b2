"""The published schema is that of the code, and says what the code accepts; doctests hold."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
from tests.unit.orchestration.plans.test_builder import _built

from redaptive.orchestration.ai.plan_pages import FILE, FOLDER, plan_pages, plan_schema
from redaptive.orchestration.intelligent import conditional_engine
from redaptive.orchestration.plans import builder, expressions, references

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("path", sorted(plan_pages()), ids=str)
def test_generated_files_are_current(path: Path) -> None:
    assert (ROOT / path).read_text() == plan_pages()[path], "run `make docs`"


def test_the_folder_holds_nothing_else() -> None:
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == {path.name for path in plan_pages()}


def test_the_schema_is_one_and_takes_a_plan() -> None:
    schema = plan_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wire = json.loads(_built().canonical())
    assert list(validator.iter_errors(wire)) == []
    assert [error.message for error in validator.iter_errors({**wire, "nodes": []})]
    assert [error.message for error in validator.iter_errors({**wire, "nodez": 1})]
    assert json.loads((ROOT / FOLDER / FILE).read_text()) == schema


@pytest.mark.parametrize("module", [builder, references, expressions, conditional_engine], ids=lambda m: m.__name__)
def test_doctests(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
