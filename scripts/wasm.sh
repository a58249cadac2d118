#!/usr/bin/env bash
# Builds the crypto core for browsers into web/build/crypto: module, JavaScript and types, optimised and within its budget.
# The standard library is built with it, for size, from rustup's source or, where there is none, with Debian's compiler for
# wasm32: both let a stable compiler do that (RUSTC_BOOTSTRAP). Needs `npm ci` in web/ (binaryen). What pays: docs/adr/0012.
set -euo pipefail
cd "$(dirname "$0")/.."

# What it was last (407,700), and little more. The aim is 200,000.
most=${SOTTO_WASM_BUDGET:-410000}
out=web/build/crypto
target=$(realpath -m "${SOTTO_WASM_TARGET:-${CARGO_TARGET_DIR:-target}/wasm}")
module=$target/wasm32-unknown-unknown/wasm/sotto_web_crypto.wasm
optimiser=web/node_modules/.bin/wasm-opt
say() { echo "wasm: $*" >&2; }

[ -x "$optimiser" ] || {
    say "wasm-opt is missing: (cd web && npm ci)"
    exit 1
}

options=(build --quiet --locked --profile wasm --lib --target wasm32-unknown-unknown -p sotto-web-crypto
    -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size)
flags=(
    # The same bytes wherever it is built.
    "--remap-path-prefix=$PWD=sotto" "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
    -Csymbol-mangling-version=v0
    # A panic is a trap, which ends the core whatever its text was.
    -Zlocation-detail=none -Zfmt-debug=none -Zunstable-options -Cpanic=immediate-abort
    --cfg 'sha2_backend_soft="compact"' --cfg 'aes_backend_soft="compact"'
)
compile() {
    env RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$target" RUSTFLAGS="${flags[*]}" "$@" cargo "${options[@]}"
}
say "compiling the crypto core"
if [ -z "${SOTTO_WASM_DEBIAN:-}" ] && scripts/wasm-target.sh; then
    compile
else
    tools=$(scripts/wasm-debian.sh)
    compile RUSTC="$tools/usr/bin/rustc" LD_LIBRARY_PATH="$tools/usr/lib/x86_64-linux-gnu" \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$tools/linker"
fi

made=$(sha256sum "$module" Cargo.lock scripts/wasm.sh | sha256sum)
if [ "$(cat "$out/made" 2>/dev/null)" != "$made" ]; then
    say "binding and optimising"
    rm -rf "$out"
    mkdir -p "$out"
    cargo run --quiet --locked -p sotto-web-crypto --features bindgen --bin sotto-web-bindgen -- "$module" "$out"
    "$optimiser" -Oz --strip-debug --strip-producers --enable-bulk-memory --enable-bulk-memory-opt \
        --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals --enable-reference-types \
        --enable-multivalue "$out/crypto_bg.wasm" -o "$out/crypto_bg.wasm"
fi

bytes=$(gzip -9nc "$out/crypto_bg.wasm" | wc -c)
if [ "$bytes" -gt "$most" ]; then
    say "the module has $bytes bytes gzipped, $most are allowed"
    exit 1
fi
echo "$made" >"$out/made"
say "$bytes bytes gzipped of $most, sha256 $(sha256sum "$out/crypto_bg.wasm" | cut -c1-16)"
