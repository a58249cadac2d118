#!/usr/bin/env bash
# `make bench`: measures the running cluster if it is of this build, else one of its own that ends with the measurement.
# Arguments go to `sotto-loadgen bench`; without any, everything is measured. BIN is the folder of the programs.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "$BIN")
dev=$bin/sotto-dev

# Whether the cluster has a ready node of this build.
runs() {
    local state
    state=$("$dev" state 2>/dev/null) || return 1
    grep -q '"ready": true' <<<"$state" && grep -qF "\"bin_dir\": \"$bin\"" <<<"$state"
}

if ! runs; then
    export SOTTO_DIR=$PWD/.sotto/bench
    export SOTTO_PORT_HTTP=8480 SOTTO_PORT_NGINX_STATUS=8490 SOTTO_PORT_NODES=3401 SOTTO_PORT_METRICS=9401
    export SOTTO_PORT_POSTGRES=15632 SOTTO_PORT_REDIS=16579
    # As many sockets as the descriptors of a process allow.
    export SOTTO_SERVER__MAX_CONNECTIONS=${SOTTO_SERVER__MAX_CONNECTIONS:-18000}
    if ! runs; then
        trap '"$dev" down' EXIT
        trap 'exit 130' INT TERM
        "$dev" up --bin-dir "$bin" --nodes 3
    fi
fi

eval "$("$dev" env)"
[ $# -gt 0 ] || set -- all
status=0
"$bin/sotto-loadgen" bench "$@" || status=$?
"$bin/sotto-loadgen" report || true
exit $status
