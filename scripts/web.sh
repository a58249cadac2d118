#!/usr/bin/env bash
# Builds the web client into web/dist: npm's packages, the crypto core, the page. Does little when nothing changed.
# Without Node it says so and leaves the rest of the system alone.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
    2>/dev/null || ! command -v npm >/dev/null; then
    echo "web: Node 20.19 or newer with npm is missing, so the web client is not built" >&2
    exit "${WEB_REQUIRED:-0}"
fi

packages=web/node_modules/.sotto
lock=$(sha256sum web/package-lock.json)
if [ "$(cat "$packages" 2>/dev/null)" != "$lock" ]; then
    echo "web: installing its packages with npm" >&2
    (cd web && npm ci --no-audit --no-fund --loglevel=error)
    echo "$lock" >"$packages"
fi
scripts/wasm.sh

# What the built client was made of.
made=$({
    find openapi web/src web/public web/tools web/index.html web/*.json web/*.ts Cargo.toml Cargo.lock -type f -print0 \
        | sort -z | xargs -0 sha256sum
    cat web/build/crypto/made
    echo "${API_ORIGIN:-} ${SOURCE_URL:-}"
} | sha256sum)
if [ "$(cat web/build/page 2>/dev/null)" != "$made" ] || ! [ -f web/dist/index.html ]; then
    echo "web: building the page" >&2
    (cd web && node tools/build.mjs) >&2
    echo "$made" >web/build/page
fi
