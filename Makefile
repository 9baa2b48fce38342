# Two commands are all that a newcomer needs: make demo, make test.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8017
BIN    := $(VENV)/bin
COMPILED := setup.py $(shell find corpus indexer search web -name '*.pyx' -o -name '*.pxd')
PIP    := PYTHONWARNINGS=ignore $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Broadsheet needs Python 3.11 or later; name one with make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=24' setuptools

$(VENV)/.installed: setup.cfg pyproject.toml constraints.txt $(COMPILED) | $(BIN)/python
	@command -v $${CC:-cc} >/dev/null && $(BIN)/python -c 'import pathlib, sys, sysconfig; \
	  sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists())' \
	  || { echo "Broadsheet compiles a part of itself, and a C compiler or Python's headers are" \
	  "missing here. Install them and call make again: apt install gcc python3-dev (Debian," \
	  "Ubuntu), dnf install gcc python3-devel (Fedora), xcode-select --install (macOS)."; exit 1; }
	$(PIP) install --constraint constraints.txt Cython lxml numpy
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[test]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-test
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[test,bench]'
	@touch $@

$(VENV)/.installed-compare: $(VENV)/.installed-test
	$(PIP) install --constraint constraints.txt rs-trafilatura # is built here, by Rust's cargo
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[test,compare]'
	@touch $@

$(VENV)/.installed-train: $(VENV)/.installed
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[train]'
	@touch $@

install: $(VENV)/.installed ## create the virtual environment and install into it

demo: $(VENV)/.installed ## index the sample newspaper and serve it; PORT= sets the port
	@$(BIN)/broadsheet index --index .demo --prune corpus/sample
	@exec $(BIN)/broadsheet serve --index .demo --port $(PORT)

test: $(VENV)/.installed-test ## everything but the soak, the cluster and the benchmarks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not soak and not cluster'

check: $(VENV)/.installed-test ## ruff, mypy and the fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m 'not soak and not cluster and not slow and not browser'

test-wheel: $(BIN)/python ## build a wheel from a clone, install it where no compiler is found, run the fast tests
	rm -rf .wheel && git clone --quiet . .wheel/clone && mkdir .wheel/bin
	$(PIP) wheel --no-deps --wheel-dir .wheel .wheel/clone
	$(BIN)/python -m venv .wheel/venv
	.wheel/venv/bin/python -m pip --quiet install --constraint constraints.txt \
	  "broadsheet[test] @ file://$$(echo $(CURDIR)/.wheel/*.whl)"
	cd .wheel/clone && find broadsheet.py corpus indexer search web -name '*.py*' -delete
	cd .wheel && find /usr/bin -maxdepth 1 ! -name '*cc*' ! -name '*g++*' ! -name 'c++*' ! -name '*clang*' \
	  ! -name 'c[89]9*' -exec sh -c 'ln -s "$$@" bin/' _ {} +
	cd .wheel/clone && PATH=$(CURDIR)/.wheel/venv/bin:$(CURDIR)/.wheel/bin ../venv/bin/python -m pytest -q -n 2 \
	  -m 'not soak and not cluster and not slow and not browser' \
	  --ignore tests/test_project.py --ignore tests/test_contributing.py

WHOOSH := $(shell sed -n 's/^whoosh3==//p' constraints.txt)

test-whoosh: $(VENV)/.installed-test ## Whoosh's own tests, with our codec as the default
	@mkdir -p .whoosh
	@test -d .whoosh/whoosh3-$(WHOOSH) || { $(PIP) download --no-deps --no-binary whoosh3 \
	  --dest .whoosh whoosh3==$(WHOOSH) && tar xzf .whoosh/whoosh3-$(WHOOSH).tar.gz -C .whoosh; }
	cd .whoosh/whoosh3-$(WHOOSH) && PYTHONPATH=$(CURDIR)/tests/whoosh_suite:$(CURDIR) $(CURDIR)/$(BIN)/python -m pytest -q -rs \
	  -p whoosh_codec -p no:cacheprovider -o addopts= --timeout 120 tests

test-cluster: $(VENV)/.installed-test ## the shared suite on a three-node OpenSearch cluster
	$(BIN)/python -m pytest -m cluster

soak: $(VENV)/.installed-test ## ten minutes of searching, updating and reindexing, every answer checked
	$(BIN)/python -m pytest -m soak --timeout 3600

bench: $(VENV)/.installed-bench ## measure against other engines; writes BENCHMARKS.md
	$(BIN)/python tests/benchmarks

train-pages: $(VENV)/.installed-train ## train the model that reads pages anew, from ../shared
	PYTHONPATH=tests $(BIN)/python -m html_quality.train ../shared

compare-pages: $(VENV)/.installed-compare ## measure the reader of pages beside others, on pages held back
	PYTHONPATH=tests $(BIN)/python -m html_quality.evaluate ../shared

audit: $(VENV)/.installed-test ## bandit and pip-audit
	$(BIN)/bandit -q -r broadsheet.py corpus indexer search web -c pyproject.toml
	$(BIN)/pip-audit --requirement constraints.txt --disable-pip --no-deps

lock: $(VENV)/.installed-bench $(VENV)/.installed-compare $(VENV)/.installed-train ## write constraints.txt from what is installed
	$(BIN)/python -m pip freeze --exclude-editable | grep -v '^setuptools==' > constraints.txt

clean: ## remove the virtual environment, caches and the demo's index
	rm -rf $(VENV) .demo .cache .wheel build dist ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	find corpus indexer search web -name '*.so' -delete

.PHONY: help install demo test check test-wheel test-cluster test-whoosh soak bench train-pages compare-pages audit lock clean
