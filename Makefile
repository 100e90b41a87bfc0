# Needs nothing but Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CORE   := .venv-core
ONLY   := .venv-predict
CLUSTER := tests/runtime/cluster
RUNTIME := packaging/runtime
# a comma would end an argument of call
DOCS    := .[docs,test]
SOURCES := $(shell find src -type f -not -name '*.pyc')

# tests of one file share what they set up; the lightest files come last
SPREAD := -n auto --dist loadfile --no-loadscope-reorder

.PHONY: docs demo nightly test test-core lint check coverage format clean

demo: $(VENV)/installed
	$(BIN)/topwork demo

test: $(VENV)/installed-test
	$(BIN)/python -m pytest $(SPREAD)

# what needs no extra, where none is installed; and topwork-runtime, installed from its wheel
test-core: $(CORE)/installed $(ONLY)/installed
	TOPWORK_CORE_VENV=$(CORE) TOPWORK_PREDICT_VENV=$(ONLY) \
	$(CORE)/bin/python -m pytest tests/core_install

lint: $(VENV)/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# a fifth slower than the tests alone; subprocesses are not counted. Code that is counted can't be
# sent to a cluster as Ray sends it, so what needs one is tested after the rest.
coverage: $(VENV)/installed-test
	$(BIN)/python -m slipcover --source src --skip-covered --missing-width 40 \
	-m pytest $(SPREAD) -W ignore::pytest.PytestAssertRewriteWarning --ignore $(CLUSTER)
	$(BIN)/python -m pytest $(CLUSTER)

# runs every tutorial (those that nothing has changed since are kept), checks all links
docs: $(VENV)/installed-docs
	PYTHONPATH=. $(BIN)/python -m mkdocs build --strict

# what takes hours: requests of all kinds, random changes to models, kills, a server asked for long,
# and all tutorials
nightly: $(VENV)/installed-docs
	TOPWORK_SCHEMA_EXAMPLES=1000 $(BIN)/python -m pytest tests/deployment/serve/test_schema.py
	$(BIN)/python -m benchmarks.fuzz_bundle --minutes 10 --anyway
	$(BIN)/python -m benchmarks.kill --anyway
	$(BIN)/python -m benchmarks.kill_training --anyway
	$(BIN)/python -m benchmarks.soak --anyway
	$(MAKE) docs

format: $(VENV)/installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(CORE) $(ONLY)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	-$(BIN)/python -m pip install --quiet --constraint constraints.txt uv

# $(3) is for uv alone, which keeps what it built of a folder.
# uv installs several times faster; where it can't (a mirror that only pip knows), pip does it;
# the tests of other packages are not compiled, which spares 40 MB
define install
	$(BIN)/uv pip install --python $(1)/bin/python --constraint constraints.txt $(3) $(2) \
	|| $(1)/bin/python -m pip install --no-compile --constraint constraints.txt $(2)
	-$(1)/bin/python -m compileall -q -j 0 -x '/tests?/' $(1)/lib src
	touch $@
endef

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(call install,$(VENV),--editable .)

$(VENV)/installed-test: $(VENV)/installed
	$(call install,$(VENV),--editable ".[test]")

$(VENV)/installed-docs: $(VENV)/installed-test
	$(call install,$(VENV),--editable "$(DOCS)")

$(CORE)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PYTHON) -m venv $(CORE)
	$(call install,$(CORE),--editable ".[test-core]")

# as it is distributed, so that a file which its wheel lacks is missed
$(ONLY)/installed: $(VENV)/bin/python $(RUNTIME)/pyproject.toml constraints.txt $(SOURCES)
	rm -rf $(ONLY) $(RUNTIME)/build
	$(PYTHON) -m venv $(ONLY)
	$(call install,$(ONLY),./$(RUNTIME),--reinstall-package topwork-runtime)
