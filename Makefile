# Everything starts here: `make demo`, `make test`, `make check`. The set-up happens by itself.

.DEFAULT_GOAL := help
.PHONY: help setup install venv demo demo-reset test test-at crash check format day bench histories ready fuzz screenshots lock audit sbom texts

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml
# The share of lines and branches of the finance code that the tests must run, in percent.
COVERAGE_FLOOR ?= 95
HISTORIES ?= 10000
COVERED := portal/domain portal/exact portal/productive portal/remote portal/actions
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## Install everything for the demo, the tests and the checks into .venv, if the lock changed
	@$(MAKE) --no-print-directory venv LOCK=requirements-dev.lock

install: ## Install what a portal needs to run into .venv, and nothing for tests
	@$(MAKE) --no-print-directory venv LOCK=requirements.lock

venv:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make PYTHON=/path/to/python"; exit 1; }
	@sum=$$($(PYTHON) -c 'import hashlib; print(hashlib.sha256(open("$(LOCK)", "rb").read()).hexdigest())'); \
	if [ "$$(cat .venv/lock.sha256 2>/dev/null)" = "$$sum" ] && $(BIN)/python -c '' 2>/dev/null; then exit 0; fi; \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
	echo "Setting up .venv …"; \
	$(BIN)/python -c '' 2>/dev/null || { rm -rf .venv && $(PYTHON) -m venv .venv; } || exit 1; \
	awk '/^[a-z]/ { wanted = /^uv==/ } wanted' $(LOCK) > .venv/uv.lock; \
	[ -s .venv/uv.lock ] && $(PIP) -r .venv/uv.lock && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(LOCK) \
	|| $(PIP) -r $(LOCK) \
	|| { echo "The dependencies could not be installed; see above."; exit 1; }; \
	echo "$$sum" > .venv/lock.sha256

demo: setup ## Start portal, worker, ticker, queue and both sandboxes; Ctrl-C stops them
	@$(BIN)/python -m portal.cli.demo

demo-reset: setup ## Forget everything the demo keeps
	@$(BIN)/python -m portal.cli.demo reset

# Many tests start processes of their own, which need not compile everything anew.
test: setup ## Run all tests, with coverage of the finance code
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n auto $(addprefix --cov=,$(COVERED)) --cov-branch --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE_FLOOR)

test-at: setup ## Run tests as at another moment, in UTC: AT="2027-01-01 00:10" TESTS=tests/web
	@ahead=$$($(BIN)/python -m tests.clock "$(AT)") && \
	TEST_CLOCK_AHEAD=$$ahead PYTHONPATH=$(CURDIR)/tests/clock $(BIN)/python -m pytest -q -n auto $(TESTS)

crash: setup ## Kill the worker everywhere, drop answers, click at once; ends with duplicates and lost
	@$(BIN)/python -m tests.crash $(CRASH)

check: setup ## Check format, lint, types and import contracts
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## Put the code in form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

day: setup ## A simulated day of work within both services' limits; takes some ten minutes
	@$(BIN)/python -m tests.budgets.day

bench: setup ## Measure; one line per figure
	@$(BIN)/python -m portal.cli.bench

histories: setup ## Run 10,000 random histories of payments (HISTORIES=N for another number)
	@$(BIN)/python -m tests.histories $(HISTORIES)

ready: setup ## Hold the readiness of 10,000 invoices beside the dialog (READINESS=N for another number)
	@READINESS=$${READINESS:-10000} $(BIN)/python -m pytest -q tests/actions/copies/test_readiness.py -k sqlite

fuzz: setup ## Send 10,000 odd requests to all addresses (FUZZ=N for another number)
	@FUZZ=$${FUZZ:-10000} $(BIN)/python -m pytest -q -n auto tests/web/test_fuzz.py

texts: setup ## Gather every text and bring the catalogues of all languages along
	@$(BIN)/python -m portal.cli.texts

screenshots: setup ## Take a picture of every screen
	@$(BIN)/python -m portal.cli.bench.screenshots

lock: setup ## Resolve the dependencies anew: what a portal needs, and that with the demo, tests and checks
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --all-extras --constraints requirements.lock -o requirements-dev.lock

audit: setup ## Hold what a portal needs against known advisories; fails where these cannot be reached
	@$(BIN)/pip-audit --strict --requirement requirements.lock --require-hashes --disable-pip --progress-spinner off

sbom: setup ## Write what a portal is made of as CycloneDX into instance/sbom.json
	@PYTHONWARNINGS=ignore $(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --output-file instance/sbom.json
	@echo "instance/sbom.json"
