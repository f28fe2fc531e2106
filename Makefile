# Two commands matter: `make run` and `make test`. Everything else is for developers: `make help`.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input -q
INSTALL := $(PIP) install --require-hashes --only-binary :all: -r
# One more than the cores: some tests wait for clocks, networks and programs.
JOBS ?= 4
FUZZ_SECONDS ?= 60

.PHONY: help run pdf scan relay-nats test check lint types floors unit sim paths soak bench fuzz catalogues lock clean

help:
	@echo "make run      start meshcoal (without a terminal: rehearse a joint letter and check it)"
	@echo "make pdf      add what sets PDFs of a letter (30 MB)"
	@echo "make scan     add what reads QR codes from photos and screenshots (8 MB)"
	@echo "make relay-nats  add what a relay over a NATS cluster needs"
	@echo "make test     install what the tests need, then run everything that CI runs"
	@echo
	@echo "make check    the same without installing; its parts: lint types floors unit sim"
	@echo "make unit     pytest alone; T='tests/wire -x' chooses, JOBS=1 runs one at a time"
	@echo "make paths    eight nodes, each in a network namespace of its own, over LAN, Tor, relay, stick and paper"
	@echo "make soak     500 seeds of the simulator, a campaign of 150, a monkey at the interface for 30 minutes"
	@echo "make bench    every bench, a table and plots; B='live start --quick' chooses, B=--help tells more"
	@echo "make fuzz     the coverage-guided fuzzer for FUZZ_SECONDS=60 (Linux, needs atheris)"
	@echo "make catalogues  take the interface's sentences into the files that translators fill, and compile these"
	@echo "make lock     resolve the dependencies anew (needs uv)"
	@echo "make clean    remove $(VENV) and everything that tools left"

run: $(VENV)/.run
	@$(BIN)/meshcoal

pdf: $(VENV)/.pdf

scan: $(VENV)/.scan

relay-nats: $(VENV)/.relay-nats

test: $(VENV)/.dev
	@$(MAKE) --no-print-directory check

# The quick ones beside each other, since each uses one core; then the tests, which use all.
check: $(VENV)/.dev
	@$(MAKE) --no-print-directory --output-sync=target -j 2 types lint floors sim
	@$(MAKE) --no-print-directory unit
	@echo "All checks passed."

lint: $(VENV)/.dev
	@echo "== lint: ruff"
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check

types: $(VENV)/.dev
	@echo "== types: mypy --strict"
	@$(PY) -m mypy

floors: $(VENV)/.dev
	@echo "== floors: import-linter"
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo --no-cache

unit: $(VENV)/.dev
	@echo "== unit: pytest"
	@$(PY) -m pytest -q -n $(JOBS) --dist worksteal --durations 25 $(T)

sim: $(VENV)/.dev
	@echo "== sim: a fixed set of worlds, beside what they came to before"
	@$(PY) -m meshcoal.sim --baseline compare

paths: $(VENV)/.dev
	@$(PY) tests/e2e/eight.py

soak: $(VENV)/.dev
	@$(PY) -m meshcoal.sim --seeds 0-499 --nodes 8 --steps 100 --kill 20
	@$(PY) bench/big_campaign.py
	@$(PY) tests/tui/pseudo.py --all >/dev/null
	@MESHCOAL_LINEAR=all $(PY) -m pytest -q -n $(JOBS) tests/tui/test_linear_actions.py
	@$(PY) tests/e2e/monkey.py --minutes 30

bench: $(VENV)/.dev
	@$(PY) bench/run.py $(B)

fuzz: $(VENV)/.dev
	@$(PY) -c 'import atheris' 2>/dev/null || { \
		echo "The fuzzer needs atheris, which has packages for Linux on x86-64 and Python up to 3.13:" >&2; \
		echo "    $(PY) -m pip install atheris" >&2; exit 1; }
	@$(PY) fuzz/decoders.py -max_total_time=$(FUZZ_SECONDS)

catalogues: $(VENV)/.dev
	@$(PY) tests/tui/make_catalogues.py

# uv writes hashes for every platform and no addresses; its own lock file names hosts and is not kept.
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	@rm -f uv.lock
	@uv lock -q
	@uv export -q --frozen --no-dev --no-emit-project --no-header > requirements.lock
	@uv export -q --frozen --group dev --extra pdf --extra scan --extra relay-nats --no-emit-project --no-header > requirements-dev.lock
	@awk '/^[a-z]/ { on = /^typst==/ } on' requirements-dev.lock > requirements-pdf.lock
	@awk '/^[a-z]/ { on = /^nats-py==/ } on' requirements-dev.lock > requirements-relay-nats.lock
	@awk '/^[a-z]/ { on = /^(pillow|zxing-cpp)==/ } on' requirements-dev.lock > requirements-scan.lock
	@rm -f uv.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment that is only half made would look finished the next time: remove it.
$(PY):
	@test -n "$(PYTHON)" || { \
		echo "meshcoal needs Python 3.11 or later, and found none." >&2; \
		echo "If it is installed elsewhere: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit(f"meshcoal needs Python 3.11 or later; $(PYTHON) is {v[0]}.{v[1]}.")'
	@echo "Making a virtual environment in $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(VENV)/.run: requirements.lock pyproject.toml | $(PY)
	@echo "Installing pinned, hash-checked packages (about a minute the first time) ..."
	@$(INSTALL) requirements.lock || { \
		echo "Installing failed; pip says above why. Nothing outside $(VENV) was changed." >&2; \
		echo "Without a network it cannot work the first time. 'No matching distribution' means that there" >&2; \
		echo "is no ready-made package for this machine or this Python: try PYTHON=python3.12." >&2; exit 1; }
	@$(PY) -c 'import os, pathlib, site; folder = site.getsitepackages()[0]; pathlib.Path(folder, "meshcoal-checkout.pth").write_text(os.path.relpath("src", folder) + "\n", encoding="utf-8")'
	@printf '#!/bin/sh\nexec "$$(dirname "$$(readlink -f "$$0")")/python" -m meshcoal "$$@"\n' > $(BIN)/meshcoal
	@chmod +x $(BIN)/meshcoal
	@touch $@

$(VENV)/.pdf: requirements-pdf.lock $(VENV)/.run
	@echo "Installing what sets PDFs (30 MB) ..."
	@$(INSTALL) requirements-pdf.lock || { echo "Installing failed; pip says above why." >&2; exit 1; }
	@touch $@

$(VENV)/.scan: requirements-scan.lock $(VENV)/.run
	@echo "Installing what reads QR codes from pictures (8 MB) ..."
	@$(INSTALL) requirements-scan.lock || { echo "Installing failed; pip says above why." >&2; exit 1; }
	@touch $@

$(VENV)/.relay-nats: requirements-relay-nats.lock $(VENV)/.run
	@echo "Installing what a relay over NATS needs ..."
	@$(INSTALL) requirements-relay-nats.lock || { echo "Installing failed; pip says above why." >&2; exit 1; }
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing what the tests need ..."
	@$(INSTALL) requirements-dev.lock || { echo "Installing failed; pip says above why." >&2; exit 1; }
	@touch $@
