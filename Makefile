# Needs nothing but Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test check format clean

demo: $(VENV)/installed
	$(BIN)/topwork demo

test: $(VENV)/installed-test
	$(BIN)/python -m pytest -n auto

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
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	-$(BIN)/python -m pip install --quiet --constraint constraints.txt uv

# uv installs several times faster; where it can't (a mirror that only pip knows), pip does it
define install
	$(BIN)/uv pip install --python $(BIN)/python --compile-bytecode --constraint constraints.txt $(1) \
	|| $(BIN)/python -m pip install --constraint constraints.txt $(1)
	touch $@
endef

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call install,--editable .)

$(VENV)/installed-test: $(VENV)/installed
	$(call install,--editable ".[test]")
