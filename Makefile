# Every everyday command of the project. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
SOURCES := __main__.py config plan components lab tests

.PHONY: help environment lab lab-down lab-status test check lint types fast format

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

environment: ## make the Python environment (.venv), once
	@lab/environment.sh

lab: environment ## build a real cluster on this machine: tools, hosts, pulumi up; then show it
	@$(PYTHON) -m lab cluster

lab-down: environment ## take the lab down and throw it away; nothing stays behind but the cache
	@$(PYTHON) -m lab erase

lab-status: environment ## show the lab's hosts, nodes and how to reach them
	@$(PYTHON) -m lab status

lint: environment
	@.venv/bin/ruff check $(SOURCES)
	@.venv/bin/ruff format --check $(SOURCES)
	@.venv/bin/shellcheck -x --source-path=SCRIPTDIR scripts/linux/*.sh lab/*.sh .ci/run

types: environment
	@.venv/bin/mypy config plan components lab tests __main__.py

fast: environment
	@$(PYTHON) -m pytest -q tests/unit tests/graph tests/windows

check: lint types fast ## lint, types and the fast tests: under a minute

test: lint types ## everything: lint, types, values, graph, real engine, real engine on the lab's hosts
	@$(PYTHON) -m lab prepare
	@$(PYTHON) -m pytest

format: environment ## write the code as the linter wants it
	@.venv/bin/ruff check --fix $(SOURCES)
	@.venv/bin/ruff format $(SOURCES)
