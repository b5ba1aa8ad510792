# Every everyday command of the project. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
SOURCES := __main__.py setup.py casement config plan components operations policy provider examples review lab bench tests

.PHONY: help environment lab lab-down lab-status test check lint types fast format policies preview up trace drift logs smoke bench scale

help: ## show this list
	@awk -F ' *## *| *[|] *' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*##/ { split($$1, name, ":"); printf "  %-13s  %s\n", name[1], $$2; if ($$3) printf "%17s%s\n", "", $$3 }' $(MAKEFILE_LIST)

##@ A cluster of yours

preview: environment ## show what changes will do to which node | [STACK="a b"] [SINCE=main: stacks that differ from it] [OUTPUT=file] [POLICY=folder]
	@$(PYTHON) -m review preview $(if $(STACK),--stack $(STACK)) $(if $(SINCE),--since "$(SINCE)") $(if $(OUTPUT),--output "$(OUTPUT)") $(if $(POLICY),--policy-pack "$(POLICY)")

up: environment ## bring a stack up: shows what it does, asks, and tells how far each node is | STACK=name [YES=1: do not ask] [REFRESH=1] [POLICY=folder] [LINES=1] [STATE_AT_END=1: many new nodes]
	@$(PYTHON) -m review up --stack "$(STACK)" $(if $(YES),--yes) $(if $(REFRESH),--refresh) $(if $(POLICY),--policy-pack "$(POLICY)") $(if $(LINES),--every-line) $(if $(STATE_AT_END),--state-at-end)

trace: environment ## run `pulumi up`, and draw what its time is spent on | STACK=name [YES=1: do not ask] [EVENTS=file: draw what an earlier run has printed] [OUTPUT=file]
	@$(PYTHON) -m operations trace --stack "$(STACK)" $(if $(YES),--yes) $(if $(EVENTS),--events "$(EVENTS)") $(if $(OUTPUT),--output "$(OUTPUT)")

drift: environment ## show what has drifted | STACK=name [NODE="n1 n2"] [JSON=1] [RECORD=1: `pulumi up --refresh` repairs it]
	@$(PYTHON) -m operations drift --stack "$(STACK)" $(if $(NODE),--node $(NODE)) $(if $(JSON),--json) $(if $(RECORD),--record)

smoke: environment ## prove the cluster again | STACK=name [JSON=1]
	@$(PYTHON) -m operations smoke --stack "$(STACK)" $(if $(JSON),--json)

logs: environment ## gather the logs of nodes and cluster in one archive | STACK=name [NODE="n1 n2"] [OUTPUT=folder]
	@$(PYTHON) -m operations logs --stack "$(STACK)" $(if $(NODE),--node $(NODE)) $(if $(OUTPUT),--output "$(OUTPUT)")

policies: ## make the environment of the policy pack (policy/.venv), once
	@lab/environment.sh policy

##@ A cluster on this machine, to try things out

lab: environment ## build a real cluster on this machine: tools, hosts, pulumi up; then show it
	@$(PYTHON) -m lab cluster

lab-status: environment ## show the lab's hosts, nodes and how to reach them
	@$(PYTHON) -m lab status

lab-down: environment ## take the lab down and throw it away; nothing stays behind but the cache
	@$(PYTHON) -m lab erase

##@ Work on the project

environment: ## make the Python environment (.venv), once
	@lab/environment.sh

check: lint types fast ## lint, types and the fast tests: under a minute

lint: environment ## what the linters say of Python and bash
	@.venv/bin/ruff check $(SOURCES)
	@.venv/bin/ruff format --check $(SOURCES)
	@.venv/bin/shellcheck -x --source-path=SCRIPTDIR scripts/linux/*.sh scripts/boot/*.sh lab/*.sh bench/shell/*.sh .ci/run

types: environment ## mypy, strict
	@.venv/bin/mypy casement config plan components operations policy review lab bench tests __main__.py

fast: environment ## the fast tests: values, graph, Windows scripts
	@$(PYTHON) -m pytest -q -n auto --dist loadfile tests/unit tests/graph tests/windows

test: lint types ## everything: lint, types, values, graph, real engine, real engine on the lab's hosts
	@$(PYTHON) -m lab prepare
	@$(PYTHON) -m pytest -q -n auto --dist loadfile tests/unit tests/graph tests/windows tests/engine; layers=$$?; \
	$(PYTHON) -m pytest tests/lab; exit $$((layers | $$?))

bench: environment ## measure `pulumi up` against Ansible, pyinfra and a script on the lab's hosts (docs/performance.md) | [REPETITIONS=5]
	@lab/environment.sh bench
	@$(PYTHON) -m bench run --repetitions $(or $(REPETITIONS),5)
	@$(PYTHON) -m bench render

scale: environment ## measure previews and `pulumi up` with 5 to 300 Windows nodes (docs/scale.md) | [NODES="5 20 100 300"] [STEP_SECONDS=0] [STATE_AT_END=1]
	@$(PYTHON) -m bench.scale $(if $(NODES),--nodes $(NODES)) $(if $(STEP_SECONDS),--step-seconds $(STEP_SECONDS)) $(if $(STATE_AT_END),--state-at-end)
	@$(PYTHON) -m bench.scale --render

format: environment ## write the code as the linter wants it
	@.venv/bin/ruff check --fix $(SOURCES)
	@.venv/bin/ruff format $(SOURCES)
