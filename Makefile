# Needs Python 3.11, make and a package index; nothing else. `make demo` and `make test` are all one has to know.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test test-lowest lint types docs screenshots constraints clean

demo: $(VENV)/.installed
	$(BIN)/mdi run

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/.installed-test
	$(BIN)/mypy

# The pages that are made from declarations: of tables and of settings.
docs: $(VENV)/.installed
	$(BIN)/python -m mdi_pipeline.tables.markdown > docs/tables.md
	$(BIN)/python -m mdi_pipeline.home.markdown > docs/settings.md

# The pictures of Dagster's UI, by the tests that look at it; needs Chromium and its driver.
screenshots: $(VENV)/.installed-test
	MDI_SCREENSHOTS=docs/images $(BIN)/python -m pytest mdi_pipeline_tests/orchestration/test_dagster_ui_in_chromium.py

# The tests on the lowest versions that setup.cfg admits, in an environment of their own.
test-lowest: .venv-lowest/.installed
	.venv-lowest/bin/python -m pytest --numprocesses 2 --dist worksteal $(LOWEST_TESTS)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-test: setup.cfg pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@ $(VENV)/.installed

.venv-lowest/.installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct --editable '.[test]'
	touch $@

# Writes the exact versions that the tests of this environment passed on.
constraints: $(VENV)/.installed-test
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean:
	rm -rf $(VENV) .venv-lowest build *.egg-info
