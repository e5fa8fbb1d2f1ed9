# Two commands: `make app` and `make test`. Both set everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8501

.PHONY: app test test-faults check format eval gate gate-raise bench bench-embed bench-laws bench-load bench-scale compare-engines laws recall other-words refusal stamp-plain plain-vectors quotes privacy settings-page lock setup clean help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

setup: $(STAMP)  ## virtual environment with the locked packages

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Leidraad needs Python 3.11 or newer; $$($(PYTHON) --version) was found. Say which with: make PYTHON=python3.12 …"; exit 2; }
	@echo "Setting up (once, a few minutes) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

app: setup  ## index the corpus and open the app on http://localhost:8501
	@$(BIN)/leidraad index
	@$(BIN)/leidraad serve --port $(PORT)

test: setup  ## all tests
	@$(BIN)/python -m pytest -m "not faults"

test-faults: setup  ## break everything on purpose: kills, full and read-only disks, damage, a database that goes away
	@$(BIN)/python -m pytest tests/faults tests/indexer/test_vector_server.py

check: setup  ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup  ## put the code in the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

eval: setup  ## known questions: scores and report
	@$(BIN)/leidraad eval

gate: setup  ## what no change may fall under: a fixed subset of the known questions
	@$(BIN)/leidraad eval --gate

gate-raise: setup  ## set evals/gate.toml to just under today's figures
	@$(BIN)/leidraad eval --gate-raise

bench: setup  ## times of indexing and asking
	@$(BIN)/python -m tools.bench

bench-embed: setup  ## passages a second and milliseconds a query, both engines
	@$(BIN)/python -m tools.bench_embed

bench-laws: setup  ## fifteen whole laws of ARCHIVE=…/laws.tar.xz: what is found, beside plain tools, and how fast
	@$(BIN)/python -m tools.bench_laws $(ARCHIVE)

bench-load: setup  ## many people at once through the API; ARGS="--people 200 --seconds 120"
	@$(BIN)/python -m tools.bench_load $(ARGS)

bench-scale: setup  ## time, disk, memory and finding at 1k to 100k passages, over ARCHIVE=…/laws.tar.xz
	@$(BIN)/python -m tools.bench_scale $(ARCHIVE) $(ARGS)

compare-engines: setup  ## the top ten of every question, both engines
	@$(BIN)/python -m tools.compare_engines

laws: setup  ## every law of ARCHIVE=…/laws.tar.xz through the reader, compared with the XML itself
	@$(BIN)/python -m tools.check_laws $(ARCHIVE)

recall: setup  ## law found with and without the plain words, over CORPUS=… (default ../shared/sources)
	@$(BIN)/python -m tools.recall_plain $(CORPUS)

other-words: setup  ## finding when a question says "statushouder" instead of "klant", and so on
	@$(BIN)/python -m tools.other_words $(ARGS)

refusal: setup  ## when to answer and when to refuse: the rule in use, and fitted to the development questions
	@$(BIN)/python -m tools.fit_refusal $(ARGS)

stamp-plain: setup  ## note which text each article's plain words were written from, over CORPUS=…
	@$(BIN)/python -m tools.stamp_plain $(CORPUS)

plain-vectors: setup  ## the vectors that come along; after every change in corpus/plain or corpus/guides
	@$(BIN)/python -m tools.make_vectors

quotes: setup  ## 100 questions over CORPUS=…, each quote looked up in the original files
	@$(BIN)/python -m tools.check_quotes $(CORPUS)

privacy: setup  ## personal data missed and masked for nothing
	@$(BIN)/python -m tools.check_privacy

settings-page: setup  ## write docs/settings.md from the settings model
	@$(BIN)/python -m assistant.settings_page

lock: ## renew requirements.lock (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --quiet --custom-compile-command "make lock" --output-file requirements.lock

clean:  ## remove the virtual environment and everything generated
	rm -rf $(VENV) data build *.egg-info .mypy_cache .ruff_cache
