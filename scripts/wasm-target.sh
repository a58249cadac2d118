#!/bin/sh
# Whether the ordinary compiler has the standard library's source, to build it for wasm32; asks rustup for it if not.
set -eu
has_source() { [ -f "$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ]; }
has_source && exit 0
command -v rustup >/dev/null || exit 1
echo "the standard library's source is missing: rustup component add rust-src" >&2
rustup component add rust-src >&2 || exit 1
has_source
