#!/usr/bin/env bash
# `make test`: formatting, lints, then every test against a PostgreSQL and a Redis of its own. Arguments go to the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v cargo >/dev/null || {
    echo "cargo is missing: install Rust from https://rustup.rs, then try again" >&2
    exit 1
}
say() { printf '\n== %s\n' "$*"; }

say "formatting"
cargo fmt --all --check

say "lints"
cargo clippy --workspace --all-targets -- -D warnings

say "independent implementations to test against (Python)"
scripts/python-env.sh
export SOTTO_INTEROP_PYTHON="$PWD/.sotto/venv/bin/python"

say "PostgreSQL and Redis for the tests"
cargo build -q -p sotto-dev -p sotto-server -p sotto-chat
dev=${CARGO_TARGET_DIR:-target}/debug/sotto-dev
trap '"$dev" --dir .sotto test-services down' EXIT
exports=$("$dev" --dir .sotto test-services up)
eval "$exports"

say "tests"
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace "$@"
else
    echo "cargo-nextest is not installed (cargo install cargo-nextest --locked); using cargo test, which is slower"
    cargo test --workspace "$@"
fi

if [ $# -eq 0 ]; then
    say "the web client"
    scripts/test-web.sh
fi
