# Everything that a person or a machine does with this repository. `make` alone lists it.
#
# A fresh machine needs Python 3.11 or newer (with venv) and make; the rest is installed into .venv,
# from requirements whose every file is known by its hash.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help

VENV ?= .venv
PORT ?= 8000
WORKERS ?= 2
BIN := $(VENV)/bin
MIGRATIONS := $(wildcard src/regulars/db/migrations/*.sql)
RUN := $(BIN)/python -m
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --annotation-style line $(if $(UPGRADE),--upgrade)
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: help install demo test check format sizes test-pg15 bench chaos schema requirements clean

help: ## List what can be done here
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Install: one stamp for each requirements file, so that a second run costs nothing -------------

$(VENV)/.venv.stamp: tools/environment.py
	@./tools/find-python tools/environment.py create $(VENV)
	@touch $@

$(VENV)/.runtime.stamp: requirements/runtime.txt requirements/demo-data.txt pyproject.toml $(VENV)/.venv.stamp
	@$(BIN)/python tools/environment.py install requirements/runtime.txt requirements/demo-data.txt
	@touch $@

$(VENV)/.dev.stamp: requirements/dev.txt requirements/demo-data.txt pyproject.toml $(VENV)/.venv.stamp
	@$(BIN)/python tools/environment.py install requirements/dev.txt requirements/demo-data.txt
	@touch $@ $(VENV)/.runtime.stamp

install: $(VENV)/.runtime.stamp ## Make .venv with what Regulars needs to run

# --- Run --------------------------------------------------------------------------------------------

demo: $(VENV)/.runtime.stamp ## Load real purchases and serve them (PORT=8000, TEMPLATE=stars, ALL=1 for every basket)
	@exec $(BIN)/regulars demo --port $(PORT) $(if $(TEMPLATE),--template $(TEMPLATE)) $(if $(ALL),--all)

# --- Prove ------------------------------------------------------------------------------------------

test: check ## Check, then run every test
	@$(RUN) pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: $(VENV)/.dev.stamp ## Format, lint, types, layers, migrations, sizes; nothing is changed
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@$(BIN)/lint-imports --no-logo
	@$(if $(MIGRATIONS),$(BIN)/squawk --config .squawk.toml $(MIGRATIONS))
	@$(BIN)/python tools/sizes.py

format: $(VENV)/.dev.stamp ## Format the code and mend what the linter can mend
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

sizes: ## Print the sizes of files and functions and the largest import knot
	@./tools/find-python tools/sizes.py

test-pg15: $(VENV)/.dev.stamp ## Run every test on Debian's PostgreSQL 15
	@./tools/postgresql-15
	@REGULARS_TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin $(RUN) pytest -n $(WORKERS) --dist loadfile $(ARGS)

chaos: $(VENV)/.dev.stamp ## The kills, races and random lives of the tests, with their full counts
	@REGULARS_CHAOS=full $(RUN) pytest -s -m chaos $(ARGS)

bench: $(VENV)/.dev.stamp ## Measure against the references; results go to bench/results/
	@$(RUN) bench $(ARGS)

# --- Keep -------------------------------------------------------------------------------------------

requirements: $(VENV)/.dev.stamp ## Compile requirements/*.txt anew (UPGRADE=1 to move the pins)
	@$(UV_COMPILE) --extra dev pyproject.toml requirements/build.in -o requirements/dev.txt
	@$(UV_COMPILE) --extra embedded --extra files --constraint requirements/dev.txt \
		pyproject.toml requirements/build.in -o requirements/runtime.txt
	@$(UV_COMPILE) --no-deps requirements/demo-data.in -o requirements/demo-data.txt

schema: $(VENV)/.dev.stamp ## Write db/schema.sql anew after a migration was added
	@$(RUN) tools.schema

clean: ## Remove what the tools leave behind; .venv and data in var/ stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +
