# `make` lists the targets. Everything runs from .venv, which the first one that needs it makes (tools/environment.py).
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run elasticsearch elasticsearch-stop secrets encoder demo-reset test test-unit test-browser test-slow test-kills test-fuzz test-combinations test-all lint format bench shots messages lock clean

ifndef DATA
DATA := $(or $(ZONEMATCH_DATA),var)
endif
ifndef PORT
PORT := $(or $(ZONEMATCH_PORT),8000)
endif
ifndef DEMO
DEMO := $(or $(ZONEMATCH_DEMO),1)
endif
ifdef ENGINE
run: export ZONEMATCH_ENGINE := $(ENGINE)
endif
ifndef ES_PORT
ES_PORT := 9200
endif
run: export ES_PORT := $(ES_PORT)
ifdef DATABASE
run encoder demo-reset: export ZONEMATCH_DATABASE_URL := $(DATABASE)
endif
run encoder demo-reset: export ZONEMATCH_DATA := $(DATA)
run encoder demo-reset: export ZONEMATCH_PORT := $(PORT)
run encoder demo-reset: export ZONEMATCH_DEMO := $(DEMO)

RUNTIME = python=$$(sh tools/find-python.sh) && "$$python" tools/environment.py runtime
DEV = python=$$(sh tools/find-python.sh) && "$$python" tools/environment.py dev
COMPILE = .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 $(if $(UPGRADE),--upgrade)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install once, then serve on port 8000 (DEMO=0, PORT=…, DATA=folder, DATABASE=postgresql://…, ENGINE=elasticsearch)
	@exec sh tools/run.sh

elasticsearch: ## Start an Elasticsearch of this machine's own, if none runs (ES_PORT=9200, DATA=folder)
	@python=$$(sh tools/find-python.sh) && "$$python" tools/elastic_server.py start --data "$(DATA)" --port "$(ES_PORT)"

elasticsearch-stop: ## Stop it; its data stay
	@python=$$(sh tools/find-python.sh) && "$$python" tools/elastic_server.py stop --data "$(DATA)" --port "$(ES_PORT)"

encoder: ## Build the folder of the embedded encoder, if it is not there
	@$(RUNTIME) --data "$$ZONEMATCH_DATA"
	@.venv/bin/zonematch encoder build

demo-reset: ## Put the demonstration back as it was; touches only rows marked 演示
	@$(RUNTIME)
	@.venv/bin/zonematch demo reset

secrets: ## Make the passwords that docker-compose.yml mounts, each once
	@sh tools/secrets.sh

test: ## Unit and browser tests, with their own set-up (ARGS="-k words", WORKERS=2)
	@$(DEV)
	@sh tools/test.sh unit browser

test-unit: ## Unit tests alone
	@$(DEV)
	@sh tools/test.sh unit

test-browser: ## Browser tests alone (needs Chromium)
	@$(DEV)
	@sh tools/test.sh browser

test-slow: ## Tests marked slow alone
	@$(DEV)
	@sh tools/test.sh slow

test-kills: ## Real kills of the process, at least 50
	@$(DEV)
	@sh tools/test.sh kills

test-fuzz: ## Every property with many more examples
	@$(DEV)
	@sh tools/test.sh fuzz

test-combinations: ## What depends on database or engine, on PostgreSQL with the embedded engine and with Elasticsearch
	@$(DEV)
	@sh tools/test.sh embedded-postgresql elasticsearch-postgresql

test-all: ## All of the above
	@$(DEV)
	@sh tools/test.sh unit embedded-postgresql elasticsearch-postgresql browser slow kills fuzz

lint: ## ruff, mypy, import-linter, djlint
	@$(DEV)
	@sh tools/lint.sh

format: ## Let ruff rewrite the code in its format
	@$(DEV)
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

bench: ## Measure encoder, matching, import and the time from posting to visible
	@$(DEV)
	@.venv/bin/python -m tests.bench $(ARGS)

shots: ## Screenshots of every page in both languages and widths, into build/shots
	@$(DEV)
	@.venv/bin/python -m tests.browser.shots $(ARGS)

messages: ## Bring the translation catalogue up to date with templates and code
	@$(DEV)
	@.venv/bin/python -m web.i18n update

lock: ## Write the locks anew (UPGRADE=1 takes newer versions)
	@$(DEV)
	@$(COMPILE) -o requirements.lock pyproject.toml
	@$(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	@$(COMPILE) -c requirements-dev.lock -o requirements-uv.lock requirements-uv.in

clean: ## Remove caches and build products; keeps .venv and the data
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache .benchmarks
	@find api web matching search tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
