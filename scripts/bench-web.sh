#!/usr/bin/env bash
# `make bench-web`: measures the web client in Chromium against a cluster of its own that ends with the measurement.
# BIN is the folder of sotto-dev and sotto-server. Figures go to loadtest/results/web.json. MESSAGES=5000 in the long chat.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${BIN:-${CARGO_TARGET_DIR:-target}/release}")
for program in sotto-dev sotto-server; do
    [ -x "$bin/$program" ] || { echo "$bin/$program is missing: make build PROFILE=release, or set BIN" >&2; exit 1; }
done

WEB_REQUIRED=1 scripts/web.sh
if ! command -v chromium >/dev/null && [ -z "${CHROMIUM:-}" ]; then
    echo "chromium is missing: apt-get install chromium, or set CHROMIUM" >&2
    exit 1
fi

export SOTTO_DIR=${SOTTO_DIR:-$PWD/.sotto/web-bench}
export SOTTO_PORT_HTTP=${SOTTO_PORT_HTTP:-8680} SOTTO_PORT_NGINX_STATUS=${SOTTO_PORT_NGINX_STATUS:-8690}
export SOTTO_PORT_NODES=${SOTTO_PORT_NODES:-3681} SOTTO_PORT_METRICS=${SOTTO_PORT_METRICS:-9681}
export SOTTO_PORT_POSTGRES=${SOTTO_PORT_POSTGRES:-15832} SOTTO_PORT_REDIS=${SOTTO_PORT_REDIS:-16779}
export SOTTO_URL=http://localhost:$SOTTO_PORT_HTTP
trap '"$bin/sotto-dev" down' EXIT
trap 'exit 130' INT TERM
"$bin/sotto-dev" up --bin-dir "$bin" --nodes 2
case $bin in */release) build=release ;; *) build=${BUILD:-debug} ;; esac
BUILD=$build node web/tests/bench/main.mjs "$@"
