# Etalase. `make` alone tells what there is.
PYTHON ?= python3
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what Etalase runs on, into this folder (quick when nothing changed)
	@$(PYTHON) tools/setup.py

setup-dev: ## The same, and what tests and checks need
	@$(PYTHON) tools/setup.py --dev
