# What a newcomer types: make drill, make test, make serve. Each first lays the locked environment into .venv,
# once; it is laid anew when requirements.lock or pyproject.toml changed, or when the checkout was moved or copied.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The environment points back into this folder by absolute path: a copied .venv would run the code it was copied from.
READY := $(VENV)/ready-$(shell printf '%s' '$(CURDIR)' | cksum | cut -d ' ' -f 1)
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --extra dev
ROOMS := flows notifications incidents config

# Tests and drills need nobody's opinion of where they run.
export DO_NOT_TRACK := 1
# Read 150 test modules once, not in every run: their rewritten assertions are kept as bytecode.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup drill serve test snapshots check locked bench lock upgrade clean explore

help:
	@echo 'make drill    an exercise from detection to report on this machine: no account, no key, no network'
	@echo 'make serve    heartbeat, flows and /readyz on http://127.0.0.1:8300'
	@echo 'make test     the tests, with the same examples everywhere'
	@echo 'make snapshots  what the laws and letters say, written down anew to be reviewed'
	@echo 'make explore  the properties with new examples (ARGS=tests/incidents/assessment)'
	@echo 'make check    format, lint, types, import rules, lock'
	@echo 'make bench    the benchmarks'
	@echo 'make lock     requirements.lock after a change in pyproject.toml (make upgrade: to the newest versions)'
	@echo 'make clean    take away everything that make made'

setup: $(READY)

drill: $(READY)
	@$(BIN)/tocsin drill exposed-bucket

serve: $(READY)
	@$(BIN)/tocsin serve

test: $(READY)
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

# A law or letter that was changed: read the difference as a lawyer, or as its reader, before it is committed.
snapshots: $(READY)
	@$(BIN)/python -m tests.law.snapshot
	@$(BIN)/python -m tests.notifications.letters.snapshot
	@git diff --stat -- tests/law/snapshot.txt tests/notifications/letters/snapshots

explore: $(READY)
	@TOCSIN_TEST_EXPLORE=1 $(BIN)/python -m pytest -n auto --dist loadgroup -m hypothesis --timeout 0 $(ARGS)

bench: $(READY)
	@$(BIN)/python -m pytest tests/benchmarks -p no:xdist -s --timeout 0 -o python_files='bench_*.py' $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory locked

# Is everything pyproject.toml asks for answered by the lock? Solving again with the lock's own pins must change none.
# Where no registry answers (uv ends with 2), what was installed from the lock is held against it instead.
locked: $(READY)
	@$(BIN)/pip check --disable-pip-version-check
	@cp requirements.lock $(VENV)/solved.txt
	@$(UV_COMPILE) --output-file $(VENV)/solved.txt pyproject.toml >/dev/null || [ $$? -eq 2 ]
	@for file in requirements.lock $(VENV)/solved.txt; do \
		grep -o '^[a-z0-9][^ ]*==[^\\]*' $$file > $(VENV)/pins-$$(basename $$file); done
	@diff $(VENV)/pins-requirements.lock $(VENV)/pins-solved.txt && echo 'The lock answers pyproject.toml.' || { \
		echo 'The lock does not answer pyproject.toml: run make lock and commit requirements.lock.' >&2; exit 1; }

lock: $(READY)
	@$(UV_COMPILE) --output-file requirements.lock pyproject.toml >/dev/null

upgrade: $(READY)
	@$(UV_COMPILE) --upgrade --output-file requirements.lock pyproject.toml >/dev/null

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} +

# 1. An empty environment.  2. The locked uv, which installs four times as fast.  3. Everything that is locked, hashes
# checked; pip does it where uv cannot, as behind a package mirror that only pip's configuration names.  4. Ourselves,
# pointing into this folder.  5. Bytecode: commands start twice as fast, and Python may be told not to write it later.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Tocsin needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'Laying the locked environment into $(VENV) (half a minute, once) ...' >&2
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo 'Python cannot make a virtual environment; on Debian: apt-get install python3-venv' >&2; exit 1; }
	@awk '/^[^ #]/ { wanted = /^uv==/ } wanted' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock || \
		$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index \
		--config-settings editable_mode=compat -e .
	@$(BIN)/python -m compileall -q $(ROOMS) || true
	@touch $@
