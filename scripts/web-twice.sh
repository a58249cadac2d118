#!/usr/bin/env bash
# Builds the page a second time, in another folder, and compares it with web/dist byte for byte. The crypto module is
# taken over: it takes minutes, and scripts/wasm.sh makes it free of paths.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/web.sh
second=.sotto/second-build
rm -rf "$second"
trap 'rm -rf "$second"' EXIT
mkdir -p "$second/a/deeper/place"
place=$second/a/deeper/place
tar c --exclude='./target' --exclude='./.sotto' --exclude='./.git' --exclude='node_modules' --exclude='./web/dist' \
    --exclude='./web/build' . | tar x -C "$place"
# Hard links: another path, the same files.
cp -al web/node_modules "$place/web/node_modules"
mkdir -p "$place/web/build"
cp -a web/build/crypto "$place/web/build/crypto"
(cd "$place/web" && node tools/build.mjs >/dev/null)
if ! diff -rq web/dist "$place/web/dist"; then
    echo "web: two builds of one source differ" >&2
    exit 1
fi
echo "web: two builds in two folders are the same: $(cd web/dist && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)" >&2
