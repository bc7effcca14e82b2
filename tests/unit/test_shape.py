"""Ratchets on the shape of the code; there is no exception list."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from statistics import median

SRC = Path(__file__).parents[2] / "src" / "redaptive"
MAX_MODULE, MAX_FUNCTION, MAX_MEDIAN_FUNCTION, MIN_DOCSTRINGS = 400, 60, 10, 0.95
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _modules() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text())) for path in sorted(SRC.rglob("*.py"))]


@cache
def _functions() -> list[tuple[Path, Function]]:
    return [(path, node) for path, tree in _modules() for node in ast.walk(tree) if isinstance(node, Function)]


def _lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_is_longer_than_the_limit() -> None:
    sizes = {str(p.relative_to(SRC)): sum(bool(x.strip()) for x in p.read_text().splitlines()) for p, _ in _modules()}
    assert not {name: n for name, n in sizes.items() if n > MAX_MODULE}


def test_no_function_is_longer_than_the_limit() -> None:
    long = {f"{p.name}:{f.lineno} {f.name}": _lines(f) for p, f in _functions() if _lines(f) > MAX_FUNCTION}
    assert not long


def test_the_median_function_is_short() -> None:
    assert median(_lines(f) for _, f in _functions()) <= MAX_MEDIAN_FUNCTION


def test_every_argument_and_result_is_typed() -> None:
    def untyped(f: Function) -> bool:
        args = [*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs, f.args.vararg, f.args.kwarg]
        named = [a for a in args if a is not None and a.arg not in {"self", "cls"}]
        return f.returns is None or any(a.annotation is None for a in named)

    assert not [f"{p.name}:{f.lineno} {f.name}" for p, f in _functions() if untyped(f)]


def test_public_names_have_docstrings() -> None:
    missing, total = [], 0
    for path, tree in _modules():
        for owner in [tree, *(n for n in tree.body if isinstance(n, ast.ClassDef))]:
            for node in owner.body:
                if isinstance(node, (*Function.__args__, ast.ClassDef)) and not node.name.startswith("_"):
                    total += 1
                    if not ast.get_docstring(node):
                        missing.append(f"{path.relative_to(SRC)}:{node.lineno} {node.name}")
        if not ast.get_docstring(tree):
            missing.append(f"{path.relative_to(SRC)} module")
        total += 1
    assert 1 - len(missing) / total >= MIN_DOCSTRINGS, missing


def test_imports_are_at_the_top_except_for_optional_extras() -> None:
    # Each name is a distribution of an optional extra in pyproject.toml.
    optional = {"pydantic_ai", "pyspark", "pandas", "numba", "safetensors", "tokenizers", "opentelemetry.exporter"}
    lazy = []
    for path, function in _functions():
        for node in ast.walk(function):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            lazy += [f"{path.name}:{node.lineno} {n}" for n in names if not n.startswith(tuple(optional))]
    assert not lazy
