# Every target does its own set-up; `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
REQUIRE ?=
BROKER ?=
ARGS ?=
MINUTES ?= 30
PROCESSES ?= 2
SBOM ?= sbom.json
# The lock is complete: without --no-deps, pip looks for newer releases of extras that it
# names without their extra, and fails once there is one.
PIP = --quiet --disable-pip-version-check --no-deps
COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url \
  --no-annotate --python-version 3.11 --fork-strategy fewest --custom-compile-command "make lock" --quiet

.PHONY: help setup demo up test system lint contracts bench soak docs lock sbom clean

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | sort | \
	  awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: .venv/installed ## Create .venv and install the locked dependencies and Accord

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Accord needs Python 3.11 or newer; name one with: make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install $(PIP) --require-hashes -r requirements.lock
	$(BIN)/python -m pip install $(PIP) --no-build-isolation -e .
	$(BIN)/python -m pip check --quiet
	@touch $@

demo: setup ## Run the whole pipeline on real Kafka, verify it, stop (about a minute)
	$(BIN)/pipeline demo $(ARGS)

up: setup ## Run the pipeline until Ctrl-C; ARGS="--rate 50" and the like
	$(BIN)/pipeline up $(ARGS)

test: setup lint ## Lint, types and every test this machine allows; REQUIRE=all skips nothing
	$(BIN)/pytest -n $(PROCESSES) --no-loadscope-reorder $(if $(REQUIRE),--require $(REQUIRE)) $(ARGS)

system: ## Install what REQUIRE=all needs beyond Python and Java (root on Debian)
	sh tests/system-packages.sh

lint: setup ## Format, style, types, import rule, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

contracts: setup ## Check the contracts of schemas/
	$(BIN)/contracts check

bench: setup ## Measure speed side by side, as ratios
	$(BIN)/python -m bench

soak: setup ## Random faults for MINUTES=30; figures go to docs/guarantees.md
	$(BIN)/python -m tests.soak --minutes $(MINUTES) $(ARGS)

docs: setup ## Make pages that come from the code, and the site in site/; BROKER=1 runs README's walk
	$(BIN)/python -m registry.gate.rules_page >docs/rules.md
	$(BIN)/python -m operations.reference docs/reference
	$(BIN)/python -m tests.docs.readme >docs/images/refused.svg
	BROKER=$(BROKER) $(BIN)/cog -r -I . -p "from tests.docs.readme import play, play_demo" README.md
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

lock: setup ## Resolve the dependencies anew into requirements.lock and deploy/image.lock
	$(COMPILE) --all-extras -o requirements.lock
	$(COMPILE) deploy/image.in $(addprefix --extra=,pipeline dashboard postgres otel) -c requirements.lock -o deploy/image.lock

sbom: setup ## List what the image holds, as CycloneDX, in sbom.json
	$(BIN)/cyclonedx-py requirements deploy/image.lock --of JSON -o $(SBOM)

clean: ## Remove what the other targets made (.venv, .local, caches)
	rm -rf .venv .local .cache site mutants .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
