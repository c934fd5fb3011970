# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CATALOGUES := $(wildcard vchat_tui/locales/*/LC_MESSAGES/*.po)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo run test test-long browser lint bench catalogues clean

demo: $(VENV)/.runtime $(CATALOGUES:.po=.mo)   ## the console, with simulated customers who write
	@$(BIN)/vchat-tui demo

run: $(VENV)/.runtime $(CATALOGUES:.po=.mo)    ## the console on this machine's home
	@$(BIN)/vchat-tui

test: lint browser                             ## everything that must hold
	$(BIN)/python -m pytest -n auto --dist worksteal -q

test-long: $(VENV)/.dev $(CATALOGUES:.po=.mo)  ## what has a long size, in it: faults and outages
	VCHAT_TEST_SIZE=long $(BIN)/python -m pytest -n auto --dist worksteal -q tests/faults tests/outages

browser:                                       ## Chromium and tmux, for what customers and agents see
	@{ command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1; } \
	&& command -v tmux >/dev/null 2>&1 \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	&& echo "installing Chromium and tmux (once)" \
	&& { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	chromium tmux >/dev/null; }; } \
	|| echo "no Chromium or no tmux here: the tests that need it are skipped"

lint: $(VENV)/.dev $(CATALOGUES:.po=.mo)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev $(CATALOGUES:.po=.mo)      ## measured against the raw limit or a peer, in one run
	$(BIN)/python -m bench

catalogues: $(VENV)/.dev                       ## after changing a text: collect it into the catalogues
	$(BIN)/python tools/update_catalogues.py

%.mo: %.po | $(VENV)/.runtime
	$(BIN)/python tools/build_catalogues.py $<

$(BIN)/python:
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --seed $(VENV); else $(PYTHON) -m venv $(VENV); fi

$(VENV)/.runtime: pyproject.toml constraints.txt | $(BIN)/python
	@echo "preparing $(VENV) (once)"
	@if command -v uv >/dev/null 2>&1; \
	then uv pip install --quiet --python $(BIN)/python -c constraints.txt -e . babel; \
	else $(PIP) install -c constraints.txt -e . babel; fi
	@$(BIN)/python -m compileall -q vchat_tui
	@touch $@

# Twilio's own signature check judges ours; its package would bring aiohttp, which nothing here wants.
TWILIO := --no-deps twilio==9.13.0

$(VENV)/.dev: $(VENV)/.runtime
	@if command -v uv >/dev/null 2>&1; \
	then uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]' \
	&& uv pip install --quiet --python $(BIN)/python $(TWILIO); \
	else $(PIP) install -c constraints.txt -e '.[dev]' && $(PIP) install $(TWILIO); fi
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
