# Two commands do everything: `make demo` runs a living city, `make test` runs all tests.
# Set-up is a file rule: it runs when the locks change, and not otherwise.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
VENV   ?= .venv
BIN    := $(VENV)/bin
DATA   ?= var
# two at a time, a file at a time: most tests wait for processes, not for the processor; in the order of their folders,
# for the files with few tests (browsers, kills) are the long ones and must not come last; a worker that had to be ended
# (pyproject: faulthandler) is not tried again with the same test
PARALLEL ?= -n 2 --dist loadfile --no-loadscope-reorder --max-worker-restart=0
export UV_PYTHON_DOWNLOADS = never
# a network that hiccups is asked again
export UV_HTTP_RETRIES ?= 6
export UV_HTTP_TIMEOUT ?= 120
export QINGTIAN_DATA ?= $(DATA)

.PHONY: demo test check format lock screenshots conformance fuzz clean

demo: $(VENV)/.run $(VENV)/.assets $(VENV)/.warm
	$(BIN)/qingtian demo $(ARGS)

test: $(VENV)/.dev $(VENV)/.assets $(VENV)/.warm
	$(BIN)/python -m qingtian.entry.checks
	$(BIN)/pytest $(PARALLEL) $(ARGS)

check: $(VENV)/.dev
	$(BIN)/python -m qingtian.entry.checks

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only -q src tests; $(BIN)/ruff format -q src tests

screenshots: $(VENV)/.dev $(VENV)/.assets $(VENV)/.warm
	$(BIN)/python -m tests.browser.screenshots

# seconds for each target when coverage leads; examples of each test when it does not
FUZZ_SECONDS ?= 600
FUZZ_EXAMPLES ?= 20000

fuzz: $(VENV)/.dev $(VENV)/.warm
	@if $(BIN)/uv pip install --quiet --python $(BIN)/python --group fuzz 2>/dev/null; then \
	  for target in $${TARGET:-frames segment tolerant message reassembly cipher capture converted}; do \
	    $(BIN)/python -m tests.fuzz.guided $$target $(FUZZ_SECONDS) $(DATA)/fuzz/$$target || exit 1; \
	  done; \
	else echo "atheris cannot be had for this Python: going on without coverage"; fi
	QINGTIAN_FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/pytest tests/fuzz tests/integration/test_fuzz_session.py

conformance: $(VENV)/.run $(VENV)/.warm
	$(BIN)/python -m qingtian.entry.conformance_page docs/conformance.md

# --- set-up ------------------------------------------------------------------------------------------

$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo "Qingtian needs Python 3.11 or newer: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Qingtian needs Python 3.11 or newer; $(PYTHON) is older. Name another one: make demo PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make virtual environments: apt-get install python3-venv"; exit 1; }
	@echo "set-up: uv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 6 --timeout 60 uv

$(VENV)/.run: $(BIN)/uv requirements.lock pyproject.toml
	@echo "set-up: Python packages (a minute or two the first time)"
	@test -e $(VENV)/.dev || $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/uv requirements-dev.lock pyproject.toml
	@echo "set-up: Python packages for development and tests (a minute or two the first time)"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@ $(VENV)/.run

$(VENV)/.assets: $(BIN)/uv package.json package-lock.json src/qingtian/portals/assets.py $(wildcard src/qingtian/portals/locale/*/LC_MESSAGES/*.po)
	@test -e $(VENV)/.dev || $(MAKE) --silent --no-print-directory $(VENV)/.run
	@echo "set-up: what the browser needs (charts, map), the font of papers, the Chinese texts"
	@$(BIN)/python -m qingtian.portals.assets
	@touch $@

# the kernels are compiled once, here, so that no start waits for the compiler
$(VENV)/.warm: $(BIN)/uv $(shell find src/qingtian/stream src/qingtian/kinds/detectors -name '*.py')
	@test -e $(VENV)/.dev || $(MAKE) --silent --no-print-directory $(VENV)/.run
	@echo "set-up: compiling the kernels"
	@$(BIN)/python -m qingtian.stream.warm --anew
	@touch $@

lock:
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.lock --upgrade
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock --upgrade

clean:
	rm -rf $(VENV) $(DATA) src/qingtian/portals/static/vendor
