# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# What a person and CI type. `make` alone explains.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup environment demo view test lint colcon recording clean

# A mistyped variable is told, and not passed over.
READ := SOURCE MODE MODEL TAXONOMY DEVICE RATE OUT NODE PORT ARGS PYTHON ROS THREADS CC CXX
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
ifneq ($(filter-out $(READ),$(GIVEN)),)
$(error make reads no $(filter-out $(READ),$(GIVEN)). It reads $(READ))
endif

VENV := $(CURDIR)/.venv
PY := $(VENV)/bin/python

# A sourced ROS installation must not leak into this environment, which brings its own ROS: its Python
# packages and libraries are compiled for another interpreter. The flag is the ROS wheels' own (see
# ros_wheels_bootstrapper.pth): inherited from another environment it keeps rclpy from being found.
ifneq ($(AMENT_PREFIX_PATH)$(ROS_DISTRO),)
unexport LD_LIBRARY_PATH
endif
unexport PYTHONPATH PYTHONHOME AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH
unexport ROS_DISTRO ROS_VERSION ROS_PYTHON_VERSION RMW_IMPLEMENTATION _ROS_WHEELS_BOOTSTRAP_COMPLETE

# Whole camera images through shared memory (docs/transport.md), unless you have a profile of your own.
ifeq ($(FASTRTPS_DEFAULT_PROFILES_FILE)$(FASTDDS_DEFAULT_PROFILES_FILE),)
PROFILE_VARIABLE := $(if $(filter kilted,$(or $(ROS),$(shell cat $(VENV)/.ros_distribution 2>/dev/null))),FASTDDS,FASTRTPS)
export $(PROFILE_VARIABLE)_DEFAULT_PROFILES_FILE := $(CURDIR)/config/fastdds.xml
endif

help:
	@echo 'seg_ros: camera images in, label images and instance masks out'
	@echo
	@echo '  make demo     play a recording through ROS 2 into the node; look at'
	@echo '                out/demo/report.html'
	@echo '                SOURCE=recording|folder|video|webcam number  MODE=semantic'
	@echo '                MODEL=indoor  TAXONOMY=file.yaml  DEVICE=auto|cpu|cuda:0'
	@echo '                RATE=images per s  OUT=dir'
	@echo '  make view     the same in a web browser, over and over, with buttons for the'
	@echo '                modes; Ctrl-C ends.  SOURCE=as above  PORT=8080'
	@echo '                NODE=/segmentation watches one that runs'
	@echo '  make setup    build .venv: ROS 2, PyTorch, seg_ros; 5 to 15 minutes, once;'
	@echo '                the others call it.  PYTHON=python3.12 is the interpreter (3.10'
	@echo '                to 3.13)  ROS=jazzy|kilted the distribution'
	@echo '  make test     run the tests; 8 to 15 minutes on two cores; a part of them:'
	@echo '                make test ARGS="test/labels -x"'
	@echo '  make lint     ruff and mypy'
	@echo '  make colcon   build and test as colcon does on a robot, in this environment'
	@echo '  make recording   render the bundled recording again (recordings/README.md);'
	@echo '                15 minutes.  PYTHON=python3.11  THREADS=processor threads'
	@echo '  make clean    remove build products and out/; rm -r .venv removes the rest'
	@echo
	@echo 'On a robot with ROS 2 installed, none of this: rosdep install and colcon build'
	@echo '(README.md, docs/your_robot.md).'

setup: environment
	@echo 'ready: .venv holds ROS 2 and seg_ros. Type next'
	@echo '  make demo                    and look at out/demo/report.html'
	@echo '  source .venv/bin/activate    then seg_ros --help: the command line'

environment:
	@requirements/install.sh

demo: environment
	@$(PY) -m seg_ros.cli.main demo $(if $(SOURCE),--source '$(SOURCE)') $(if $(MODE),--mode '$(MODE)') \
	  $(if $(MODEL),--model '$(MODEL)') $(if $(TAXONOMY),--taxonomy '$(TAXONOMY)') $(if $(DEVICE),--device '$(DEVICE)') $(if $(RATE),--rate '$(RATE)') \
	  $(if $(OUT),--out '$(OUT)')

view: environment
	@$(PY) -m seg_ros.cli.main view --open $(if $(NODE),--node '$(NODE)',--source '$(or $(SOURCE),recordings/room)') \
	  $(if $(PORT),--port '$(PORT)')

# Two files at a time: tests of nodes mostly wait.
ALL_TESTS := -n 2 --dist loadfile --durations=10

test: environment
	@$(if $(ARGS),,echo 'All tests: 8 to 15 minutes on two cores.  A part: make test ARGS="test/labels -x"')
	@$(PY) -m pytest -q $(or $(ARGS),$(ALL_TESTS))

lint: environment
	@$(PY) -m ruff check .
	@$(PY) -m mypy

colcon: export VIRTUAL_ENV := $(VENV)
colcon: export AMENT_PREFIX_PATH := $(VENV)
colcon: export PATH := $(VENV)/bin:$(PATH)
colcon: environment
	@$(PY) -c 'import colcon_core, colcon_ros' 2>/dev/null || $(PY) -m pip install -q -r requirements/colcon.txt
	@colcon list | grep -E '^seg_ros\s.*\(ros\.ament_python\)$$' || \
	  { echo 'colcon does not see seg_ros as ros.ament_python: package.xml is invalid'; colcon list; exit 1; }
	colcon build --event-handlers console_direct+
	colcon test --event-handlers console_direct+
	colcon test-result --verbose

RENDERED := out/recording
recording: environment
	@[ -x $(RENDERED)/venv/bin/python ] || $(or $(PYTHON),python3) -m venv $(RENDERED)/venv
	@$(RENDERED)/venv/bin/python -m pip install -q -r requirements/render.txt
	@$(RENDERED)/venv/bin/python recordings/render/room.py $(RENDERED)/frames $(if $(THREADS),--threads $(THREADS))
	@$(PY) recordings/render/bag.py $(RENDERED)/frames recordings/room

clean:
	rm -rf build install log out dist *.egg-info .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
