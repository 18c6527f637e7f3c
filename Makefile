# `make` alone lists the targets.

BIN := .venv/bin
PYTHON := $(BIN)/python

# Every process would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

SET = local
INSTALL = for python in python3 python3.13 python3.12 python3.11; do \
		if command -v $$python > /dev/null; then exec $$python local/install.py $(SET); fi; \
	done; echo "Error: there is no python3; Python 3.11, 3.12 or 3.13 is needed." >&2; exit 1

.DEFAULT_GOAL := help
.PHONY: help install install-reports install-dev demo test check tests chaos incidents fuzz many bench histories manifests ui-check pictures up down logs fmt lock wheel clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## Create .venv from the lock (Python 3.11 to 3.13), unless it is there: what make demo and make up need
	@$(INSTALL)

install-reports: SET = reports
install-reports: ## Add what draws the charts of reports
	@$(INSTALL)

install-dev: SET = dev
install-dev: ## Add what tests, checks and benchmarks need
	@$(INSTALL)

demo: install ## Watch complaints go through the whole procedure, in virtual time (ALL=1: every event)
	@$(PYTHON) -m local demo $(if $(ALL),--all)

test: install-dev ## Lint, format, types, import contracts and all tests
	@$(MAKE) --no-print-directory --jobs 2 check tests

check: # mypy has one core; the tests use the others meanwhile
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

tests:
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 20 --durations-min 2

RUNS ?= 20
JOBS ?= 2

chaos: install-dev ## Inject faults in seeded runs, and check every complaint (RUNS, SEED, JOBS, SCENARIO; see docs/reliability.md)
	@$(PYTHON) -m chaos --runs $(RUNS) --jobs $(JOBS) $(if $(SEED),--seed $(SEED)) $(if $(SCENARIO),--scenario $(SCENARIO))

incidents: install-dev ## Make every incident on a stack of its own, and see that its alert fires (ONLY; needs prometheus)
	@command -v prometheus > /dev/null || { echo "Error: there is no prometheus; install Debian's prometheus package." >&2; exit 1; }
	@$(PYTHON) -m incidents $(if $(ONLY),--only $(ONLY))

REQUESTS ?= 20000

fuzz: install-dev ## Generate requests from the intake service's own description, and check each answer (REQUESTS, SEED)
	@$(PYTHON) -m load.fuzz --requests $(REQUESTS) $(if $(SEED),--seed $(SEED))

many: install-dev ## Post 1,000 complaints by 20 callers while the worker is restarted, then post them again
	@$(PYTHON) -m load.many

histories: install-dev ## Record the tests' histories again (only for an intended change of commands)
	$(PYTHON) -m tests.histories.record

manifests: install-dev ## Write the files of deploy/kubernetes that are made from settings and alerts
	@$(PYTHON) -m tests.deploy.kubernetes.generated_files

ui-check: install-dev ## Read a complaint of the demo from Temporal's web page, in a real browser (needs chromium)
	@command -v chromium > /dev/null || { echo "Error: there is no chromium; install Debian's chromium package." >&2; exit 1; }
	$(BIN)/pytest -v -m browser tests/ui

pictures: ui-check ## Draw the pictures of the README (needs chromium)
	cp .local/ui-check/details.png docs/images/temporal-ui.png
	$(PYTHON) -m tests.ui.readme_pictures

bench: install-dev ## Measure the product against the bare baseline, in minutes (docs/performance.md)
	@$(PYTHON) -m benchmarks

up: install ## Start PostgreSQL, Temporal, a mail server, a worker and the intake service in the background, in .local
	@$(PYTHON) -m local up

down: ## Stop what `make up` started; the data stays
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m local down; else echo "Nothing is installed."; fi

logs: ## Show the logs of the local stack; on a terminal until Ctrl-C
	@$(PYTHON) -m local logs

fmt: install-dev ## Format the code, and fix what the linter can fix
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

# A lock is for every supported Python and platform, and names no download address. uv is needed.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url pyproject.toml

lock: ## Compile the locks from pyproject.toml (needs uv)
	$(COMPILE) --all-extras -o requirements-dev.lock
	$(COMPILE) --extra build --extra server --extra local -c requirements-dev.lock -o requirements-local.lock
	$(COMPILE) --extra build --extra server --extra reports -c requirements-dev.lock -o requirements.lock

wheel: install-dev ## Build the wheel into dist; installed without extras, it is the script alone
	@$(PYTHON) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: down ## Stop everything, and remove all that was created here, the data in .local included
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m local erase; fi
	rm -rf .venv .local .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
