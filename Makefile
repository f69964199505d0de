# Filo. What people use: make run, make test, make manage c="…". The rest is for working on it.

PYTHON ?= python3
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run manage test bench chaos pictures lint requirements install install-dev clean

# As it was typed: not expanded again, neither here nor by a shell.
export MANAGE_ARGUMENTS := $(value c)
unexport c

help:
	@echo 'make run              start Filo here; prints where to go and as whom'
	@echo 'make manage c="…"     a management command in the same environment, e.g. c="login_link ada@filo.example"'
	@echo 'make test             every test'
	@echo 'make bench            the measurements of docs/benchmarks.md'
	@echo 'make chaos            ten minutes in which everything breaks; then it is counted what went out (docs/chaos.md)'
	@echo 'make pictures         the pictures of docs/ anew, from the sample agency'
	@echo 'make lint             style, types, layers'
	@echo 'make requirements     pin what requirements.in and requirements-dev.in ask for'

install:
	@$(PYTHON) agency/install.py

install-dev:
	@$(PYTHON) agency/install.py --dev

run: install
	@exec .venv/bin/python -m agency.embedded run

manage: install
	@exec .venv/bin/python -m agency.embedded manage

bench: install
	@FILO_HOME="$${FILO_HOME:-$$PWD/var/bench}" MANAGE_ARGUMENTS=bench exec .venv/bin/python -m agency.embedded manage

# CHAOS="--seed 7 --seconds 60" for another one; --small for a minute.
chaos: install-dev
	@exec .venv/bin/python -m tests.chaos $(CHAOS)

test: install-dev
	@exec .ci/test

pictures: install-dev
	@PICTURES=yes exec .venv/bin/python -m pytest -q tests/e2e/test_chains.py tests/e2e/test_morning_mail.py tests/e2e/test_publishing_shown.py tests/e2e/test_strategy_shown.py tests/approvals/proof/test_sample.py

lint: install-dev
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	.venv/bin/python -P -c 'from importlinter.cli import lint_imports_command as c; c()'

# Without where they were fetched from: that is everybody's own business. `make requirements upgrade=yes` takes newer ones.
PIN := .venv/tools/bin/uv pip compile --quiet $(if $(upgrade),--upgrade) --generate-hashes --universal --python-version 3.11 --no-header \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"
requirements: install
	$(PIN) requirements.in -o requirements.txt
	$(PIN) requirements-dev.in -o requirements-dev.txt
	$(PIN) tests/servers/emulators.in -o tests/servers/emulators.txt

clean:
	rm -rf .venv
