# The two commands of the README are `make demo` and `make test`; `make help` lists the rest (docs/local-stage.md).
# Needs Python >= 3.11, Node >= 20 and make, nothing else installed.

STAGE ?= dev
SCENARIO ?=
ONCE ?=
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python

# A shell that forbids byte code makes every synth and every cold start compile everything again.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Node 20 is past its end of life, and the CDK CLI and jsii say so on every call; the pinned versions work with it.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 18,20
export CDK_DISABLE_VERSION_CHECK := 1

# The first Python on this machine that is new enough. `make PYTHON=/path/to/python3` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

CODE := layers/core/python/taxpoynt functions infra_cdk loadtests tests
# Folders that hold tests; pytest calls a folder without any an error.
with_tests = $(strip $(foreach dir,$(1),$(if $(shell find tests/$(dir) -name 'test_*.py' -print -quit 2>/dev/null),tests/$(dir))))
FAST_TESTS = $(call with_tests,unit connectors conformance functions statemachines infra security sandbox)
STAGE_TESTS = $(call with_tests,e2e)
BROWSER_TESTS = $(call with_tests,ui)
say = @printf '\n== %s\n' "$(1)"

.DEFAULT_GOAL := help
.PHONY: help setup setup-core browser demo up down status test test-fast lint types imports unit e2e ui coverage quiet \
  synth deploy diff destroy bench load prove simulate campaign conformance docs lock need-python need-node need-stage

help:
	@echo "make demo [ONCE=1]    the whole product on this machine; ONCE=1 stops by itself and tells by its exit code"
	@echo "make test             everything CI runs; make test-fast: the part without local stage and browser"
	@echo "make up | down        local stage and sandboxes left running | stopped; make status: what runs, and where"
	@echo "make lint | types     ruff and import contracts | mypy --strict"
	@echo "make synth|deploy|diff|destroy STAGE=dev|prod   the CDK command line with our defaults"
	@echo "make conformance [CONNECTORS=DIR]   every connector by every quality rule, and its score card"
	@echo "make bench            benchmarks, report under loadtests/reports/"
	@echo "make prove [N=10000]  generated sales with everything they can say against a second calculator, and its broken twins"
	@echo "make simulate [SEEDS=20000] [SEED=n]   the submission design under virtual time and seeded faults; a report"
	@echo "make campaign [SALES=2000] [SEED=1] [NRS_FAILS=0.3] [KILLS=50] [PATIENCE=1]   sales while NRS fails and workers die"
	@echo "make load SCENARIO=catalogue   200,000 items and 50,000 customers within the platform's limits, killed; a report"
	@echo "make setup            virtual environment, CDK command line, browser for tests; make lock: compile the locks"

# --- set-up: each part leaves a stamp, so a second run has nothing to do -----------------------------------------------

setup: setup-core $(VENV)/.browser

setup-core: need-python need-node $(VENV)/.installed node_modules/.installed

need-python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found. Install one (python.org, apt install python3, brew install python)," \
	  "or name it: make PYTHON=/path/to/python3" >&2; exit 1; }

need-node:
	@command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || { echo "Node.js is missing: the CDK command line needs" \
	  "Node 20 or newer with npm. Install it (nodejs.org, apt install nodejs npm, brew install node), then run make again." >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node $$(node --version) is too old:" \
	  "the CDK command line needs Node 20 or newer." >&2; exit 1; }

# An environment whose interpreter has gone, or that was copied from another folder, is made anew.
$(VENV)/.installed: requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || $(MAKE) --no-print-directory need-python
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || { echo "Creating $(VENV) with $(PYTHON) ..."; \
	  "$(PYTHON)" -m venv --clear $(VENV) || { echo "python -m venv failed (on Debian: apt install python3-venv)" >&2; exit 1; }; }
	@echo "Installing the Python packages of requirements-dev.txt (about a minute the first time) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

node_modules/.installed: package-lock.json
	@echo "Installing the CDK command line (npm ci) ..."
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Debian's own Chromium where we may install it, Playwright's where we may not.
$(VENV)/.browser: $(VENV)/.installed
	@if command -v chromium >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing Chromium for the browser tests (apt-get) ..."; \
	  apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else echo "Installing Chromium for the browser tests (playwright) ..."; $(PY) -m playwright install chromium; fi \
	|| { echo "No browser could be installed. make demo, up and test-fast work without; the browser tests of make test do not." >&2; exit 1; }
	@touch $@

# boto3 and what it brings are in the Lambda runtime already (docs/decisions/0004).
COMPILE = $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
  --no-emit-trusted-host --no-emit-options
lock: setup-core
	@mkdir -p .local && sed -n '/^#/p;/^[^#]/q' requirements-dev.txt > .local/lock-head
	$(COMPILE) --extra dev --extra infra --build-deps-for editable --allow-unsafe --no-header -o requirements-dev.txt pyproject.toml
	@cat .local/lock-head requirements-dev.txt > .local/lock && mv .local/lock requirements-dev.txt && rm .local/lock-head
	CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) --unsafe-package boto3 --unsafe-package botocore \
	  --unsafe-package python-dateutil --unsafe-package six -o layers/deps/requirements.txt pyproject.toml

# --- the local stage ---------------------------------------------------------------------------------------------------

demo: setup-core
	@$(PY) -m infra_cdk.local demo $(if $(filter-out 0,$(ONCE)),--once)

up: setup-core
	@$(PY) -m infra_cdk.local up

down status: setup-core
	@$(PY) -m infra_cdk.local $@

# --- tests, in the order of rising cost --------------------------------------------------------------------------------

test: setup
	@$(MAKE) --no-print-directory lint types imports
	@rm -rf .coverage .coverage.* .local/coverage
	@$(MAKE) --no-print-directory unit e2e ui COVERAGE=1
	@$(MAKE) --no-print-directory coverage quiet

test-fast: setup-core
	@$(MAKE) --no-print-directory lint types imports unit

COVERAGE ?=
measure = $(if $(COVERAGE),--cov --cov-append --cov-report=)

lint:
	$(call say,ruff)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types:
	$(call say,mypy --strict)
	@$(BIN)/mypy $(CODE)

imports:
	$(call say,import contracts)
	@$(BIN)/lint-imports

unit:
	$(call say,tests without the local stage: $(FAST_TESTS))
	@$(PY) -m pytest -q -n 2 --dist loadfile $(measure) $(FAST_TESTS)

# Also those in the folders of CONNECTORS (separated as in PATH). CARD= leaves the score cards out.
CONNECTORS ?=
CARD ?= 1
conformance: setup-core
	@$(if $(CONNECTORS),TAXPOYNT_CONNECTORS="$(CONNECTORS)") TAXPOYNT_SCORE_CARD=$(CARD) $(PY) -m pytest -q tests/conformance

e2e:
	$(call say,end to end on the local stage)
	@$(if $(STAGE_TESTS),$(if $(COVERAGE),TAXPOYNT_COVERAGE=1) $(PY) -m pytest -q $(STAGE_TESTS),echo "no end-to-end tests yet" >&2; exit 1)

ui:
	$(call say,browser)
	@$(if $(BROWSER_TESTS),$(if $(COVERAGE),TAXPOYNT_COVERAGE=1) $(PY) -m pytest -q $(BROWSER_TESTS),echo "there are no browser tests yet")

coverage:
	$(call say,coverage of layers/core/python/taxpoynt)
	@$(BIN)/coverage combine --append --quiet $(wildcard .local/coverage)
	@$(BIN)/coverage report --fail-under=90

quiet:
	@$(PY) -m infra_cdk.local quiet

# --- AWS ---------------------------------------------------------------------------------------------------------------

synth: setup-core
	@$(BIN)/python -m infra_cdk.local synth $(STAGE)

deploy diff destroy: setup-core need-stage
	node_modules/.bin/cdk $@ --all --context stage=$(STAGE)

need-stage:
	@test "$(STAGE)" != local || { echo "the stage \"local\" lives on this machine: make up, make down" >&2; exit 1; }

# --- reports -----------------------------------------------------------------------------------------------------------

bench: setup-core
	@test -e loadtests/bench || test -e loadtests/bench.py || { echo "make bench: not there yet" >&2; exit 2; }
	@$(PY) -m loadtests.bench

# What the code can say about itself; tests keep the pages in step with it.
docs: setup-core
	@$(PY) -m taxpoynt.conversion.rules_doc > docs/reference/rules.md
	@$(PY) -m taxpoynt.mapping.transforms_doc > docs/reference/transforms.md
	@$(PY) -m pytest -q --update-golden tests/unit/connector_kit/test_template_check.py tests/unit/portal/test_api.py -k published
	@echo "written: docs/reference/rules.md, transforms.md, connector.schema.json, openapi.json; the guides in docs/ are plain Markdown"

SALES ?= 2000
SEED ?= 1
NRS_FAILS ?= 0.3
KILLS ?=
PATIENCE ?=
prove: setup-core
	@$(PY) -m tests.unit.conversion.prove $(or $(N),10000)

campaign: setup-core
	@$(PY) -m loadtests.campaign --sales $(SALES) --seed $(SEED) --nrs-fails $(NRS_FAILS) $(if $(KILLS),--kills $(KILLS)) \
	  $(if $(PATIENCE),--patience $(PATIENCE))

# SEED=123 shows one seed with its whole trace (TWIN="new IRN on retry": of a broken twin); it counts only when given.
SEEDS ?= 20000
TWIN ?=
one_seed = $(if $(filter command line environment,$(origin SEED)),$(SEED))
simulate: setup-core
	@$(PY) -m loadtests.simulation $(if $(one_seed),--seed $(one_seed) $(if $(TWIN),--twin "$(TWIN)"),--seeds $(SEEDS))

# `load` may not come first: a line that starts with it is a directive of make.
loads := load
$(loads): setup-core
	@test -n "$(SCENARIO)" -a -e "loadtests/$(SCENARIO)/__main__.py" || { echo "make load SCENARIO=catalogue: which load?" >&2; exit 2; }
	@$(PY) -m loadtests.$(SCENARIO)
