# Two targets matter: `make demo` shows the main job, `make test` passes the tests. README.md says the rest.
PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
TOOLS   := .tools

HELM4_VERSION     := v4.3.1
HELM3_VERSION     := v3.22.0
VERSITYGW_VERSION := v1.8.0
ACTIONLINT_VERSION := v1.7.12

.PHONY: demo test lint tools schemas clean
.DELETE_ON_ERROR:

$(VENV)/dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf build dist $(VENV) $(TOOLS)
