# The commands of Sotto. `make help` lists them; what they do is in sotto-dev (apps/dev) and scripts/.

PROFILE ?= debug
CARGO_PROFILE := $(if $(filter release,$(PROFILE)),--release,)
TARGET := $(or $(CARGO_TARGET_DIR),target)
BIN := $(TARGET)/$(PROFILE)
DEV := $(BIN)/sotto-dev
ARGS ?=

ifeq ($(filter $(PROFILE),debug release),)
$(error PROFILE is debug or release, not "$(PROFILE)")
endif

.DEFAULT_GOAL := help
.PHONY: help run stop status demo chat bench bench-web measure k6 chaos test build web

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 18
	@echo
	@echo "  PROFILE=release builds optimised programs; ARGS=... goes to the program (make run ARGS='--nodes 5')."

run: build web ## build, then start PostgreSQL, Redis, three nodes, nginx and the web client
	@$(DEV) up $(ARGS)

stop: ## stop all of it; the data stay
	@scripts/any-dev.sh down

status: ## what runs, and how it is
	@scripts/any-dev.sh status

demo: build ## people talk through the running cluster while a node is killed
	@eval "$$($(DEV) env)" && exec $(BIN)/sotto-loadgen demo $(ARGS)

chat: ## a client for the terminal, one folder a device: make chat ARGS='--home /tmp/laptop register alice'
	cargo build $(CARGO_PROFILE) -p sotto-chat
	@$(if $(SOTTO_PORT_HTTP),SOTTO_SERVER=http://localhost:$(SOTTO_PORT_HTTP)) exec $(BIN)/sotto-chat $(ARGS)

bench: ## measure a cluster of release builds; figures and curves into loadtest/results
	@$(MAKE) --no-print-directory measure PROFILE=$(if $(filter file,$(origin PROFILE)),release,$(PROFILE))

bench-web: ## measure the web client in Chromium: first load, long chats, search, delivery; BIN=target/release
	@BIN=$(BIN) scripts/bench-web.sh $(ARGS)

measure: build
	@BIN=$(BIN) scripts/bench.sh $(ARGS)

k6: build ## small k6 runs against the running cluster; ARGS='messaging --vus 20 --duration 1m'
	@BIN=$(BIN) scripts/k6.sh $(ARGS)

chaos: ## break a cluster of its own while people talk, and check; SEED=7 MINUTES=10
	cargo build -p sotto-dev -p sotto-loadgen
	cargo build -p sotto-server --features mutations --bin sotto-server-faulty
	@exec $(TARGET)/debug/sotto-loadgen chaos $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

test: ## formatting, lints and all tests, against a private PostgreSQL and Redis
	@scripts/test.sh $(ARGS)

web: ## build the web client into web/dist (Node)
	@scripts/web.sh

build:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust from https://rustup.rs, then try again" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "a C compiler is missing: apt-get install build-essential" >&2; exit 1; }
	cargo build $(CARGO_PROFILE) -p sotto-server -p sotto-dev -p sotto-loadgen
