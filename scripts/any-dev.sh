#!/bin/sh
# Runs sotto-dev from whichever build there is: stopping a cluster must not need the profile that started it.
set -eu
cd "$(dirname "$0")/.."
for profile in debug release; do
    program=${CARGO_TARGET_DIR:-target}/$profile/sotto-dev
    if [ -x "$program" ]; then
        exec "$program" "$@"
    fi
done
echo "sotto-dev is not built, so nothing it started can run here: make run" >&2
