# Everything a person types. Each target sets up .venv first, once; later calls start at once.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DATA ?=
NAME ?=
N ?= 100
SEED ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-compose chaos check format lock bench clean

help: ## List these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv from the hashed lock (done by every other target, too)

$(READY): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" sh gatehouse/setup.sh
	@touch $(READY)

demo: $(READY) ## Run the main job, start to end (DATA=trips.csv for real trips, KEEP=1 leaves it running)
	@$(BIN)/gatehouse demo $(if $(DATA),--data "$(DATA)") $(if $(KEEP),--keep)

up: $(READY) ## Start the local stack: MLflow, Redis, receiver, workers, console
	@$(BIN)/gatehouse up

test: $(READY) ## Run every test that this machine can run; says what it cannot
	@$(BIN)/pytest --numprocesses 3 --dist loadscope --no-loadscope-reorder -m "not compose" $(ARGS)

test-compose: $(READY) ## Build the images, run docker-compose.yml, kill its services one by one (five minutes)
	@$(BIN)/pytest -m compose tests/docker

chaos: $(READY) ## Kill everything at random while the registry is used; then see whether all promises held (N=100 SEED=7)
	@$(BIN)/python -m tests.chaos $(N) $(if $(SEED),--seed $(SEED)) $(ARGS)

check: $(READY) ## ruff, mypy strict, import-linter
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(READY) ## Let ruff mend and format what it can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: $(READY) ## Renew requirements.lock from pyproject.toml: hashed, without addresses
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --all-extras \
	  --no-emit-package gatehouse --no-annotate --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra receiver --extra postgres --constraint requirements.lock \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements-receiver.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra console --extra postgres --constraint requirements.lock \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements-console.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra worker --extra apprise --extra receiver --extra training --extra postgres --extra image --constraint requirements.lock \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements-worker.lock

bench: $(READY) ## List the benchmarks, or run one: make bench NAME=demo
	@$(BIN)/python -m benchmarks $(NAME)

clean: ## Remove .venv and what local stacks left behind
	rm -rf .venv .gatehouse .mypy_cache .ruff_cache .pytest_cache .hypothesis
