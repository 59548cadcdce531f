# `make demo` and `make test` do all their own set-up on a machine with Python 3.11 and make.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test lint bench bench-retrieval bench-understand docs clean

demo: $(STAMP)
	@start=$$(date +%s); rm -rf runs/demo; \
	$(BIN)/scorewright run "a waltz for piano and strings under this clip, wistful, over exactly when the picture is over" \
		--attach "$$($(BIN)/python -m bench._media bikes)" --out runs/demo/film && \
	$(BIN)/scorewright run "half a minute of calm folk music for this picture, flute and harp, in G major" \
		--attach "$$($(BIN)/python -m bench._media china)" --out runs/demo/picture; code=$$?; \
	echo "make demo took $$(( $$(date +%s) - start )) s; the results are in runs/demo"; \
	test $$code -le 1 || exit $$code  # 1 is done, with something missed and said

test: $(STAMP)
	@start=$$(date +%s); $(BIN)/python -m pytest -q -n auto --dist loadfile; code=$$?; \
	echo "make test took $$(( $$(date +%s) - start )) s"; exit $$code

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/scorewright bench plan
	$(BIN)/scorewright bench overhead
	$(BIN)/scorewright bench resume
	$(BIN)/scorewright bench fidelity

bench-retrieval: $(STAMP)
	$(BIN)/scorewright bench retrieval
	$(BIN)/scorewright bench search
	$(BIN)/scorewright bench retrieval_ingest
	$(BIN)/scorewright bench retrieval_scale

bench-understand: $(STAMP)
	$(BIN)/scorewright bench understand
	$(BIN)/scorewright bench cuts

docs: $(STAMP)
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) runs out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# pip writes the stamp last: an install that was cut off is done again.
$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or run make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@start=$$(date +%s); \
	$(PYTHON) -m venv $(VENV) && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' && \
	touch $@ && echo "set-up took $$(( $$(date +%s) - start )) s"
