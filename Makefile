# `make demo` and `make test` do all set-up themselves; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEER := .venv-dbt
PAGE_PEER := .venv-datasette
unexport PYTHONDONTWRITEBYTECODE # hundreds of processes would each compile the program anew
.DEFAULT_GOAL := help
.PHONY: help setup demo test check fast lint soak attack fuzz bench lock demo-files sources-page replay-page pictures clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/ready ## make .venv with everything needed, hashes checked

$(VENV)/ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Bullion needs Python 3.11 or newer"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: setup ## the main job on bundled files, no network, a few seconds
	$(BIN)/bullion demo --keep $${BULLION_DEMO:-/tmp/bullion-demo}

test: setup ## every test, on two cores
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup lint fast ## format, lint, types, layers, fast tests

fast: setup
	$(BIN)/python -m pytest -m 'not slow'

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: setup ## the long campaigns: 300 kills, 20,000 histories, a scripted year, 5,000 fuzzed mails, 20 readers
	BULLION_SOAK=20 $(BIN)/python -m pytest -m 'slow or not slow' tests/test_kills.py tests/test_year.py tests/test_fuzzed_mails.py tests/test_judge_properties.py tests/ledger tests/archive tests/test_replay.py tests/test_web_crowd.py tests/test_external_reader.py

attack: setup ## every hostile statement against the query process, every attack on the page, every dress of it
	BULLION_ATTACK=all $(BIN)/python -m pytest tests/test_adhoc_attacks.py tests/test_adhoc_spares.py tests/test_adhoc_load.py tests/test_web_walls.py tests/test_web_payloads.py tests/test_web_load.py tests/test_web_crowd.py tests/browsing

fuzz: setup ## 10,000 damaged files for every source
	BULLION_FUZZ=all $(BIN)/python -m pytest -s tests/test_fuzz.py tests/test_freshness.py

$(PEER)/ready:
	$(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet --disable-pip-version-check 'dbt-core~=1.10.0' dbt-duckdb
	touch $@

$(PAGE_PEER)/ready:
	$(PYTHON) -m venv $(PAGE_PEER)
	$(PAGE_PEER)/bin/python -m pip install --quiet --disable-pip-version-check 'datasette~=0.65.0'
	touch $@

bench: setup $(PEER)/ready $(PAGE_PEER)/ready ## speed and memory as ratios in one run, peers installed apart
	$(BIN)/python -m tests.benchmarks

lock: setup ## write the requirement files again
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --extra dev pyproject.toml -o requirements/dev.txt

demo-files: setup ## write the bundled demo files again from their factories
	$(BIN)/python -m tests.factories.squeeze

sources-page: setup ## write docs/sources.md again from what the sources declare
	$(BIN)/bullion sources --format markdown > docs/sources.md

replay-page: setup ## write docs/replay.md again from the captured files
	$(BIN)/python -m tests.replay_page

pictures: setup ## draw the README's mails, memo and pages again, with Chromium; mails from the captured files
	$(BIN)/python -m tests.pictures
	$(BIN)/python -m tests.page_pictures

clean: ## remove what can be made again
	rm -rf $(VENV) $(PEER) $(PAGE_PEER) .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
