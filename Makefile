.DEFAULT_GOAL := default
.PHONY: default help check fix unit test e2e golden gen fuzz docs up ci bench

default: check unit ## check + unit tests: under a minute

help: ## list the recipes
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

check: ## lint, format, layers, types
	ruff check .
	ruff format --check .
	lint-imports
	mypy

fix: ## let the linters repair what they can
	ruff check --fix .
	ruff format .

unit: ## the fast suite
	pytest tests/unit tests/house tests/properties -n 2

test: ## everything
	pytest -n 2 --dist loadfile

e2e: ## real Envoy, awscli and boto3
	pytest tests/e2e tests/conformance -n 2 --dist loadfile

golden: ## rewrite the compiler's golden files and delete strays
	pytest tests/golden --rewrite-golden

gen: docs ## regenerate everything that is generated

docs: ## regenerate docs/reference and the README's counts
	python -m scripts.generate_docs

fuzz: ## differential testing without an end; Ctrl-C stops it
	python -m tests.conformance.fuzz

up: ## run the example
	sekisho up examples/alb-m2m

bench: ## print the benchmark's figures
	python bench/startup.py

ci: ## what CI runs
	bash .ci/run
