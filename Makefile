# Two commands matter: `make run` and `make test`. Everything else is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q

.PHONY: run test check lint types floors unit sim soak bench fuzz lock clean

run: $(VENV)/.run
	@$(BIN)/meshcoal

$(VENV)/bin/python:
	@echo "Making a virtual environment in $(VENV) (once) ..."
	@$(PYTHON) -c 'import sys; sys.exit("meshcoal needs Python 3.11 or later; this is %d.%d. Set PYTHON=/path/to/python3.11" % sys.version_info[:2]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing pinned, hash-checked packages (about a minute the first time) ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -c 'import pathlib, site; pathlib.Path(site.getsitepackages()[0], "meshcoal-checkout.pth").write_text(str(pathlib.Path("src").resolve()) + "\n", encoding="utf-8")'
	@printf '#!/bin/sh\nexec "$(abspath $(BIN))/python" -m meshcoal "$$@"\n' > $(BIN)/meshcoal && chmod +x $(BIN)/meshcoal
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@
