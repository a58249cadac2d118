#!/usr/bin/env bash
# `make k6`: runs the scripts of loadtest/ against the running cluster; fails when one crosses a threshold.
# Arguments: any of rest, messaging, calls (all of them without), then options of `k6 run`.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${BIN:-target/debug}
seed=$(realpath -m "${SOTTO_DIR:-.sotto}")/k6-seed.json

scripts=()
while [[ ${1:-} =~ ^(rest|messaging|calls)$ ]]; do
    scripts+=("$1")
    shift
done
[ ${#scripts[@]} -gt 0 ] || scripts=(rest messaging calls)

users=5
[[ " $* " =~ [[:space:]](--vus|-u)[[:space:]=]([0-9]+)[[:space:]] ]] && users=${BASH_REMATCH[2]}
people=$((2 * users))

if ! "$bin/sotto-dev" status >/dev/null 2>&1; then
    echo "no cluster runs, or not all of it: make run, then make k6 (make status shows it)" >&2
    exit 1
fi

k6=$(scripts/k6-env.sh)

# Tokens live for 24 hours; the people of the last time are good until then.
fresh=$(find "$seed" -mmin -1200 2>/dev/null || true)
if [ -z "$fresh" ] || [ "$(grep -o '"username"' "$seed" | wc -l)" -lt "$people" ]; then
    "$bin/sotto-loadgen" bench seed --people "$people" --devices 2 --out "$seed"
fi

export SEED=$seed K6_NO_USAGE_REPORT=true
# Limits by address see many households.
options=(--local-ips 127.88.0.1-127.88.3.250)
[ -t 1 ] || options+=(--quiet)
crossed=()
for script in "${scripts[@]}"; do
    printf '\n== %s\n' "$script"
    "$k6" run "${options[@]}" "$@" "loadtest/$script.js" || crossed+=("$script")
done

if [ ${#crossed[@]} -gt 0 ]; then
    echo "k6: ${crossed[*]} did not hold" >&2
    exit 1
fi
echo "k6: ${scripts[*]} held"
