# One command per user's job. Each makes the environment in .venv first, once; nothing is installed outside it.
# `make PYTHON=/path/to/python demo` chooses the Python; `make clean` removes .venv.

.DEFAULT_GOAL := help
.PHONY: eval-slots help demo serve test bench eval-hearing eval-vad eval-turns eval-knowledge eval-understanding acoustic-model clean
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
DATA ?=
ARGS ?=
INPUTS := pyproject.toml constraints.txt

help:
	@echo 'make demo    two recorded callers ring, talk and are handed to a person (a minute and a half)'
	@echo 'make serve   answer calls on this machine; prints the addresses of its pages'
	@echo 'make test    style, types and every test'
	@echo 'make acoustic-model  train the built-in recognition models again, from scratch (under two hours)'
	@echo 'make bench   what one core carries, against a floor measured in the same run'
	@echo 'make eval-hearing   how well it recognises real voices (DATA=folder of recordings, ARGS=--quick)'
	@echo 'make eval-vad       how well it tells speech from noise (the same)'
	@echo 'make eval-turns     how soon it answers, whom it cuts off, what interrupts it (the same)'
	@echo 'make eval-slots     how well it reads amounts, dates, phones ... (DATA=folder of cases, ARGS=--failures)'
	@echo 'make eval-knowledge how well the knowledge articles are found (ARGS=--failures)'
	@echo 'make eval-understanding  how well wishes and answers are understood, in text and by voice (ARGS=--no-voice)'
	@echo 'make clean   remove the environment (.venv) and caches'
	@echo
	@echo 'Needs Python 3.11 or newer (PYTHON=... chooses one) and, the first time, the network for pip.'
	@echo 'Afterwards $(BIN)/voice --help has more.'

demo: $(VENV)/.installed
	@$(BIN)/voice demo

serve: $(VENV)/.installed
	@$(BIN)/voice serve

bench: $(VENV)/.installed
	@$(BIN)/voice bench

eval-hearing: $(VENV)/.installed
	@$(BIN)/python -m tools.hearing.eval_hearing $(if $(DATA),--data '$(DATA)') $(ARGS)

eval-slots: $(VENV)/.installed
	@$(BIN)/python -m tools.understanding.eval_slots $(if $(DATA),--data '$(DATA)') $(ARGS)

eval-vad: $(VENV)/.installed
	@$(BIN)/python -m tools.hearing.eval_vad $(if $(DATA),--data '$(DATA)') $(ARGS)

eval-turns: $(VENV)/.installed
	@$(BIN)/python -m tools.hearing.eval_turns $(if $(DATA),--data '$(DATA)') $(ARGS)

eval-knowledge: $(VENV)/.installed
	@$(BIN)/voice knowledge --evaluate $(ARGS)

eval-understanding: $(VENV)/.installed
	@$(BIN)/python -m tools.understanding.eval_slots $(if $(DATA),--data '$(DATA)')
	@$(BIN)/python -m tools.understanding.intents $(if $(DATA),--data '$(DATA)') $(ARGS)

acoustic-model: $(VENV)/.installed-training
	@$(BIN)/python -m tools.acoustic_model $(if $(DATA),--data '$(DATA)') $(ARGS)
	@$(BIN)/python -m tools.acoustic_model.calibrate $(if $(DATA),--data '$(DATA)')
	@mkdir -p build && rm -f build/hearing.json
	-@$(BIN)/python -m tools.hearing.eval_hearing $(if $(DATA),--data '$(DATA)') --json build/hearing.json
	@$(BIN)/python -m tools.acoustic_model.card build/hearing.json

# pytest's and our compiled modules are kept: without them each process of the tests takes 8 s more to begin.
test: $(VENV)/.installed-dev
	@echo '--- ruff check' && $(BIN)/ruff check .
	@echo '--- ruff format' && $(BIN)/ruff format --check .
	@echo '--- mypy' && $(BIN)/mypy
	@echo '--- pytest' && PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build

# A Python that is new enough and can make environments: Debian's lacks ensurepip without python3-venv.
# A symlink to a Python that was removed counts as missing here, so .venv is made anew.
$(BIN)/python:
	@found= ; bare= ; \
	for p in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1 || { \
	    if [ "$$p" = "$(PYTHON)" ]; then echo "PYTHON=$$p is not a Python 3.11 or newer; looking for another"; fi; \
	    continue; }; \
	  if "$$p" -c 'import ensurepip, venv' </dev/null >/dev/null 2>&1; then found=$$p; break; fi; \
	  bare=$${bare:-$$p}; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
	  v=$$("$$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "$$bare is new enough, but it came without its venv and ensurepip modules."; \
	  echo "On Debian or Ubuntu:  sudo apt-get install python$$v-venv   (then run make again)"; \
	  exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo 'No Python 3.11 or newer was found (tried $(PYTHON) python3.13 python3.12 python3.11 python3).'; \
	  echo '  Debian, Ubuntu   sudo apt-get install python3 python3-venv'; \
	  echo '  Fedora           sudo dnf install python3'; \
	  echo '  macOS            brew install python@3.13'; \
	  echo '  anywhere         https://www.python.org/downloads/'; \
	  echo 'or name one:       make PYTHON=/path/to/python demo'; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" -c 'import platform, sys; print("Python", platform.python_version(), sys.executable)')"; \
	"$$found" -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "$$found could not make an environment in $(VENV); the reason is above"; exit 1; }

# install(extra): pip's output goes to a log; a dot is shown for every package it takes up.
define install
	@echo 'Installing into $(VENV) (the first time: about 200 MB and a minute or two)'
	@{ $(BIN)/python -m pip install --disable-pip-version-check --no-input -c constraints.txt -e '.$(1)' \
	     </dev/null 2>&1; echo $$? >$(VENV)/.status; } \
	  | tee $(VENV)/install.log \
	  | awk '/^ *(Collecting|Requirement already)/ { printf "."; fflush() } END { print "" }'
	@test "$$(cat $(VENV)/.status)" = 0 || { grep -v '^ *\(Collecting\|Requirement\|Using\|Downloading\)' \
	  $(VENV)/install.log | tail -n 15; \
	  echo 'pip could not install what is needed; all it said is in $(VENV)/install.log'; \
	  echo 'Without a network the first run cannot work; with one, run make again.'; exit 1; }
endef

$(VENV)/.installed: $(INPUTS) | $(BIN)/python
	$(call install,)
	@touch $@

$(VENV)/.installed-training: $(INPUTS) | $(BIN)/python
	$(call install,[acoustic-model])
	@touch $(VENV)/.installed $@

$(VENV)/.installed-dev: $(INPUTS) | $(BIN)/python
	$(call install,[dev])
	@touch $(VENV)/.installed $@
