# Etalase. `make` alone tells what there is.
PYTHON ?= python3
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
CATALOGUES := marketplace/translations
JOBS ?= 2
TESTS ?=
ONLY ?=
SCALE ?=
export ONLY SCALE
# Starting takes a quarter less when Python may keep what it compiled; tests start many processes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: screenshots help setup setup-dev run demo test pytest lint fmt proof bench translations lock clean

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what Etalase runs on, into this folder (quick when nothing changed)
	@$(PYTHON) tools/setup.py

setup-dev: ## The same, and what tests and checks need
	@$(PYTHON) tools/setup.py --dev

run: setup ## Run Etalase, with a demo city if it is empty: HOST= PORT= DATA_DIR= DATABASE_URL= ...
	@$(BIN)/python -m tools.run

demo: setup ## Load the demo city into the database
	@$(FLASK) db upgrade
	@$(FLASK) demo

test: lint pytest ## Everything: lint, types, import contracts, both databases, browser

pytest: setup-dev ## The tests alone; TESTS="tests/stock -x" for a part, JOBS=1 for one process
	@$(BIN)/pytest -n $(JOBS) $(TESTS)

lint: setup-dev ## Style, types, templates, import contracts
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/djlint --lint --quiet marketplace/templates
	@$(BIN)/lint-imports --no-logo

fmt: setup-dev ## Mend what a machine can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

proof: setup-dev ## The long proofs, whole: many rounds, many kills, millions of lines
	@ETALASE_PROOF=1 $(BIN)/pytest -m proof $(TESTS)

bench: setup-dev ## Measure: ONLY=name,name SCALE=1x|10x|60x for a part
	@$(BIN)/python -m bench

screenshots: setup-dev ## Pictures of every main screen of a running demo: FOLDER=var/shots
	@$(BIN)/python -m tools.screenshots $(or $(FOLDER),var/shots)

translations: setup-dev ## Gather the texts to translate into the English catalogue, then compile it
	@$(BIN)/pybabel -q extract --mapping-file pyproject.toml --keyword lazy_gettext --add-location file \
		--sort-by-file --no-wrap --project Etalase --version 0 --header-comment "" --msgid-bugs-address maintainers --output-file $(CATALOGUES)/messages.pot .
	@$(BIN)/pybabel -q update --input-file $(CATALOGUES)/messages.pot --output-dir $(CATALOGUES) --locale en \
		--init-missing --no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete --no-wrap
	@rm $(CATALOGUES)/messages.pot
	@$(BIN)/pybabel -q compile --directory $(CATALOGUES)

lock: setup-dev ## Choose the newest allowed versions again and write them down with their hashes
	@$(BIN)/python tools/lock.py

clean: ## Remove what set-up and tests made; data in DATA_DIR stays
	@rm -rf .venv node_modules static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find marketplace -name '*.mo' -delete
