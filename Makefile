# What a person types; the work is done by small programs in scripts/ that anyone can read.
# Settings go in front or behind: PORT=9000 make demo, make demo PORT=9000. ARGS are handed to pytest.

ANY_PYTHON := sh scripts/python.sh
PYTHON_OF_VENV := .venv/bin/python

.PHONY: help demo run worker test faults check bench bench-flood bench-desk bench-plan bench-delete bench-computer screenshots venv dev static

help:
	@echo "make demo    the whole product with demo people and a local stand-in for the API"
	@echo "make run     the whole product on this machine, against the API that the environment names"
	@echo "make worker  one more worker for it"
	@echo "make test    checks and tests on real parts; make test ARGS='-k stop' runs some of the tests"
	@echo "make faults  kills, stops and freezes every part under running answers, 20 times each; make faults N=3"
	@echo "make bench   how fast answers stream, beside two ways that do less; make bench ARGS='200 300'"
	@echo "make bench-flood  turns with and without a flood of refused logins beside them"
	@echo "make bench-desk  the desk's lists with 10,000 and with 1,000,000 responses, side by side"
	@echo "make bench-plan  plans of 10,000 and of 100,000 deletions from 1,000,000 responses: seconds and memory"
	@echo "make bench-delete  bulk deletions beside a bare loop, their memory, and what they cost a chat"
	@echo "make bench-computer  from an action in a browser to its picture on a watcher's page, beside Playwright alone"
	@echo "make screenshots  the pictures in docs/screenshots, from a demo of its own; make screenshots ARGS=job"
	@echo "make check   style, types, migrations, deployment settings"

demo: venv static
	@$(PYTHON_OF_VENV) -m scripts.serve demo

run: venv static
	@$(PYTHON_OF_VENV) -m scripts.serve run

worker: venv
	@$(PYTHON_OF_VENV) -m scripts.serve worker

test: dev static $(if $(ARGS),,check)
	@$(PYTHON_OF_VENV) -m scripts.run_tests $(ARGS)

faults: dev static
	@$(PYTHON_OF_VENV) -m scripts.run_faults $(or $(N),20) $(ARGS)

bench: dev static
	@$(PYTHON_OF_VENV) -m benchmarks.streaming $(ARGS)

bench-flood: dev static
	@$(PYTHON_OF_VENV) -m benchmarks.flood $(ARGS)

bench-desk: dev
	@$(PYTHON_OF_VENV) -m benchmarks.desk $(ARGS)

bench-plan: dev
	@$(PYTHON_OF_VENV) -m benchmarks.planning $(ARGS)

bench-delete: dev static
	@$(PYTHON_OF_VENV) -m benchmarks.deleting $(ARGS)

bench-computer: dev static
	@$(PYTHON_OF_VENV) -m benchmarks.computer $(ARGS)

screenshots: dev static
	@$(PYTHON_OF_VENV) -m scripts.screenshots $(ARGS)

check: dev static
	@$(PYTHON_OF_VENV) -m scripts.check

venv:
	@$(ANY_PYTHON) -m scripts.install runtime

dev:
	@$(ANY_PYTHON) -m scripts.install dev

static: venv
	@$(PYTHON_OF_VENV) -m scripts.front_end build
