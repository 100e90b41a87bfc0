# Needs nothing but Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CORE   := .venv-core

.PHONY: demo test test-core check format clean

demo: $(VENV)/installed
	$(BIN)/topwork demo

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -n auto

# what needs no extra, where none is installed
test-core: $(CORE)/installed
	$(CORE)/bin/python -m pytest tests/core_install

check: $(VENV)/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto

format: $(VENV)/installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(CORE)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	-$(BIN)/python -m pip install --quiet --constraint constraints.txt uv

# uv installs several times faster; where it can't (a mirror that only pip knows), pip does it
define install
	$(BIN)/uv pip install --python $(1)/bin/python --compile-bytecode --constraint constraints.txt $(2) \
	|| $(1)/bin/python -m pip install --constraint constraints.txt $(2)
	touch $@
endef

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call install,$(VENV),--editable .)

$(VENV)/installed-test: $(VENV)/installed
	$(call install,$(VENV),--editable ".[test]")

$(CORE)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PYTHON) -m venv $(CORE)
	$(call install,$(CORE),--editable ".[test-core]")
