# Terradrift needs Python 3.11+ and make; everything else is installed into .venv from requirements.lock.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PEERS  := .venv-bench/.installed
SUPERSET := .venv-superset/.installed
SIDE_BY_SIDE ?= 2
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-quick test-kafka lint format lock screenshots bench-streams bench-models bench-solvers bench-kpis soak check-superset clean

help:  ## show this list
	@echo "Terradrift: territories in step with their market. Start with: make demo"
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "Each target installs what it needs into $(VENV) first. Another Python: make PYTHON=python3.12 demo"

setup: $(STAMP)  ## create .venv from the lock file

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "Terradrift needs Python 3.11 to 3.13; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Installing into $(VENV) (a minute the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "Compiling the inner loops of streams, solver and models (three quarters of a minute) ..."
	@$(BIN)/python -m streams.ready
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m solvers.ready
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m models.ready
	@touch $(STAMP)

demo: $(STAMP)  ## play the demo company through the whole loop, and say what was found
	@$(BIN)/terradrift demo

test: $(STAMP)  ## run every test; needs no Docker (with Java and Maven also on a real Kafka)
	$(BIN)/python -m pytest -n $(SIDE_BY_SIDE) --no-loadscope-reorder

test-quick: $(STAMP)  ## unit tests only: no I/O, seconds
	$(BIN)/python -m pytest -m "not io and not e2e and not data and not kafka"

test-kafka: $(STAMP)  ## contracts and faults on a real Kafka (Java 17, Maven): kill -9, rebalances, late events
	TERRADRIFT_FAULT_ORDERS=$${TERRADRIFT_FAULT_ORDERS:-500000} $(BIN)/python -m pytest -m kafka --durations=10

lint: $(STAMP)  ## ruff, mypy --strict and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP)  ## resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --quiet --no-header -o requirements.lock

screenshots: $(STAMP)  ## pictures of every page of the console into docs/screenshots (needs Chromium)
	PYTHONPATH=. $(BIN)/python tests/e2e/console_screenshots.py

bench-streams: $(STAMP) $(PEERS)  ## measure the streaming engine beside its peers into benchmarks/RESULTS.md: half an hour
	$(BIN)/python -m benchmarks.streams --write

bench-models: $(STAMP) $(PEERS)  ## measure potential and early warning on real data into benchmarks/RESULTS.md: a quarter of an hour
	$(BIN)/python -m benchmarks.models --write

bench-solvers: $(STAMP) $(PEERS)  ## measure rebalancing beside its peers into benchmarks/RESULTS.md: half an hour
	$(BIN)/python -m benchmarks.solvers --write

bench-kpis: $(STAMP)  ## measure KPIs and dashboards at ten million orders into benchmarks/RESULTS.md: five minutes
	$(BIN)/python -m benchmarks.kpis --write

soak: $(STAMP)  ## half an hour at half the maximum rate: is memory flat? into benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks.streams.soak --write

check-superset: $(STAMP) $(SUPERSET)  ## use the KPI views from a real Apache Superset as the BI user: minutes
	PYTHONPATH=.:tests/contract/clickhouse $(BIN)/python tests/superset/check_superset.py .venv-superset/bin

# Superset needs libraries older than ours, so it lives in an environment of its own.
$(SUPERSET): tests/superset/requirements.txt $(STAMP)
	@echo "Installing Apache Superset into .venv-superset (650 MB) ..."
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-superset \
	  && $(BIN)/uv pip install --quiet --no-deps --python .venv-superset/bin/python -r tests/superset/requirements.txt \
	  || { echo "Superset could not be installed, for the reason above. Its pins are verified on Python 3.11; with another Python try: make clean, then make PYTHON=python3.11 check-superset"; exit 1; }
	@touch $(SUPERSET)

# Quix Streams and LightGBM are only measured, so they stay out of our own environment.
$(PEERS): benchmarks/requirements.txt $(STAMP)
	$(BIN)/python -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/requirements.txt
	@touch $(PEERS)

clean:  ## remove the environments and caches
	rm -rf $(VENV) .venv-bench .venv-superset .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
