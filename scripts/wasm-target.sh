#!/bin/sh
# Whether the ordinary compiler builds for wasm32-unknown-unknown; asks rustup for the target when it is missing.
set -eu
has_target() { [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ]; }
has_target && exit 0
command -v rustup >/dev/null || exit 1
echo "the wasm32 target is missing: rustup target add wasm32-unknown-unknown" >&2
rustup target add wasm32-unknown-unknown >&2 || exit 1
has_target
