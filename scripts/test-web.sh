#!/usr/bin/env bash
# The web client's tests: lints and types, logic, and two browsers against a cluster of its own that ends with them.
# BIN is the folder of sotto-dev and sotto-server. Screenshots are left in .sotto/web-test/screenshots.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${BIN:-${CARGO_TARGET_DIR:-target}/debug}")

WEB_REQUIRED=1 scripts/web.sh
scripts/web-twice.sh
(cd web && npx biome check . && npx vitest run)

if ! command -v chromium >/dev/null && [ -z "${CHROMIUM:-}" ]; then
    echo "chromium is missing: installing it with apt-get"
    if [ "$(id -u)" = 0 ]; then
        scripts/install-packages.sh chromium
    else
        sudo scripts/install-packages.sh chromium
    fi
fi

# Not those of the tests that ran before.
unset DATABASE_URL REDIS_URL
export SOTTO_DIR=$PWD/.sotto/web-test SOTTO_DEV=$bin/sotto-dev
export SOTTO_PORT_HTTP=8580 SOTTO_PORT_NGINX_STATUS=8590 SOTTO_PORT_NODES=3501 SOTTO_PORT_METRICS=9501
export SOTTO_PORT_POSTGRES=15732 SOTTO_PORT_REDIS=16679
export SOTTO_URL=http://localhost:$SOTTO_PORT_HTTP SOTTO_SHOTS=$SOTTO_DIR/screenshots
# Everybody who registers comes from one address.
export SOTTO_LIMITS__RATES__REGISTER_ADDRESS__BURST=1000 SOTTO_LIMITS__RATES__REGISTER_ADDRESS__PERIOD_MS=60000
# A second build, for an origin of its own.
export SOTTO_WEB_ORIGIN=http://localhost:8581 SOTTO_WEB_DIST=$SOTTO_DIR/web-origin
(cd web && API_ORIGIN=$SOTTO_URL WEB_DIST=$SOTTO_WEB_DIST node tools/build.mjs >/dev/null)
trap '"$SOTTO_DEV" down' EXIT
trap 'exit 130' INT TERM
WEB_ORIGIN=$SOTTO_WEB_ORIGIN "$SOTTO_DEV" up --bin-dir "$bin" --nodes 2
node --test --test-concurrency=1 web/tests/browser/
