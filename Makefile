# Plain `make` prints help. PYTHON names the interpreter that makes the virtual environment.
.DEFAULT_GOAL := help
.PHONY: help up test fuzz bench screenshots messages check fix install lock

VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
NODE_PACKAGES := nodemailer mailauth
NODE_STAMPS := $(NODE_PACKAGES:%=$(VENV)/.installed-%)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

# No server is asked: these only have to be what a good installation would set.
AS_IN_PRODUCTION := \
	SECRET_KEY=for-the-checks-only-0123456789-abcdefghijklmnopqrstuvwxyz \
	DATABASE_URL=postgresql://directmail@db.example.com/directmail \
	REDIS_URL=redis://redis.example.com/0 \
	RELAY_URL=smtp://relay.example.com:587 \
	PUBLIC_URL=https://mail.example.com \
	SMTP_HOSTNAME=mail.example.com \
	SYSTEM_MAIL_FROM=directmail@example.com

help:
	@echo 'make up       start DirectMail on this machine; Ctrl-C stops it'
	@echo 'make test     run all tests'
	@echo 'make fuzz     talk nonsense to the gateway for minutes; FUZZ_EXAMPLES=2000 says how much'
	@echo 'make bench    measure beside Postfix; BENCH="--rounds 1 --scenario 10k" for less of it'
	@echo 'make screenshots  pictures of every page in docs/screenshots'
	@echo 'make messages gather the texts to translate, and compile the catalogs'
	@echo 'make check    linters, types, import contracts, templates, migrations, deployment checks'
	@echo 'make fix      format the code and fix what can be fixed by itself'
	@echo 'make install  make the virtual environment in .venv from requirements.lock'
	@echo 'make lock     resolve the dependencies of pyproject.toml into the lock files anew'

up: $(RUN_STAMP)
	@exec $(BIN)/python manage.py up

test: $(DEV_STAMP) $(NODE_STAMPS)
	@$(BIN)/python -m pytest -n 2 --dist loadfile

fuzz: $(DEV_STAMP)
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-1000} $(BIN)/python -m pytest tests/smtp_gateway/submission/fuzzing

bench: $(RUN_STAMP)
	@$(BIN)/python -m bench.compare $(BENCH)

screenshots: $(DEV_STAMP)
	@$(BIN)/python -m tests.showcase

messages: $(DEV_STAMP)
	@$(BIN)/python -m tests.catalogs

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python -m tests.missing_migrations
	env $(AS_IN_PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

fix: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: $(RUN_STAMP)

lock: $(DEV_STAMP)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-annotate --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev -c requirements.lock \
		--universal --python-version 3.11 --upgrade \
		--generate-hashes --no-annotate --no-header --quiet -o requirements-dev.lock

$(BIN)/python:
	@sh .ci/make-venv $(VENV)

# The stamps make an installation happen again only when its lock changed.
$(RUN_STAMP): requirements.lock | $(BIN)/python
	@echo 'Installing from requirements.lock.'
	@$(PIP_INSTALL) -r requirements.lock
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	@echo 'Installing from requirements-dev.lock.'
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

# Tests that need one of these are skipped where Node.js and npm are not.
$(NODE_STAMPS): $(VENV)/.installed-%: tests/clients/%/package.json tests/clients/%/package-lock.json | $(BIN)/python
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then touch $@; exit 0; fi; \
	echo 'Installing $* for the tests.'; \
	mkdir -p $(VENV)/$* && cp $^ $(VENV)/$* && \
	(cd $(VENV)/$* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) && \
	touch $@ || echo '$* could not be installed; its tests are skipped.'
