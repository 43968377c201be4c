# `make` lists the targets. Only Python 3.11 or later and make are needed; Go too where Pulumi is not installed.

# The first Python that is new enough; `make PYTHON=…` names another.
PYTHON  ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
               $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
WORKERS ?= auto

BIN      := .venv/bin
# Stamps: what was set up from what. A target whose inputs did not change has nothing to do.
PACKAGES := .venv/packages.stamp
PROJECT  := .venv/project.stamp

# The tests start some hundred Python processes, each of which would compile the project again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup init sandbox test test-plugin check format lock bench soak clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(PROJECT) ## Make .venv from the locked requirements, and the Pulumi CLI if there is none
	@$(BIN)/python -m operations.engine

init: setup ## Write your organisation's values into the stack files (asks for them)
	@$(BIN)/python scripts/init.py

sandbox: setup ## Deploy everything to three simulated accounts, run payments through it, tear it down
	@$(BIN)/python scripts/sandbox.py tour

test: check ## Check, then run every test
	@$(call say,pytest)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations 5

test-plugin: setup ## Run the chain, drift and promotion tests through the installed AWS plugin, where there is one
	@if SANDBOX_PLUGIN=installed $(BIN)/python -m sandbox.plugin; then \
	    SANDBOX_PLUGIN=installed $(BIN)/python -m pytest -n 1 --durations 5 tests/chain tests/operations/drift \
	        tests/operations/promotion; \
	else echo "Skipped: the tests through the AWS plugin need it installed." >&2; fi

check: setup ## Lint code, workflows and prose, check formatting and types
	@$(call say,ruff)
	@$(BIN)/ruff check . || { echo "Lint: 'make format' corrects what can be corrected." >&2; exit 1; }
	@$(BIN)/ruff format --check . || { echo "Formatting: run 'make format'." >&2; exit 1; }
	@$(BIN)/python tools/name_tests.py
	@$(BIN)/python tools/prose.py || { echo "Prose: use the words that are named above." >&2; exit 1; }
	@$(call say,workflows)
	@$(BIN)/zizmor --offline --quiet .github
	@if command -v go >/dev/null; then cd tools/actionlint && go tool actionlint ../../.github/workflows/*.yml; \
	    else echo "There is no Go to build actionlint with: the workflows are checked by zizmor alone." >&2; fi
	@$(call say,mypy)
	@$(BIN)/mypy .

format: $(PACKAGES) ## Correct formatting and what the linter can
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

lock: $(PACKAGES) ## Resolve requirements.txt anew from pyproject.toml
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml \
	    -o requirements.txt
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes policies/pyproject.toml \
	    --constraint requirements.txt -o policies/requirements.txt

bench: setup ## Run the benchmarks
	@for benchmark in $$(find benchmarks -name 'bench_*.py' | sort); do \
	    $(call say,$$benchmark); $(BIN)/python "$$benchmark" || exit 1; done

soak: setup ## Run the payment function against DynamoDB Local and ElasticMQ for ten minutes (Java 17, Maven)
	@$(BIN)/python -m tests.real_parts --seconds 600

clean: ## Remove what was built, but for the virtual environment and the Pulumi CLI
	@$(call say,clean)
	@rm -rf .artifacts .sandbox .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

$(PACKAGES): requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: install it (https://www.python.org/downloads/)" \
	    "or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(call say,.venv with the $$(grep -c '==' requirements.txt) packages of requirements.txt (a minute or so))
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@touch $@

# compat: a line in a .pth file instead of an import hook, which every Python process here would have to load.
$(PROJECT): pyproject.toml $(PACKAGES)
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation \
	    --config-settings editable_mode=compat -e .
	@touch $@

say = printf '\n== %s\n' "$(1)" >&2
