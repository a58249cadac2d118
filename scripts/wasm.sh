#!/usr/bin/env bash
# Builds the crypto core for browsers into web/build/crypto: module, JavaScript and types, optimised and within its budget.
# Uses rustup's wasm target, or where there is none Debian's compiler for it. Needs `npm ci` in web/ (binaryen).
set -euo pipefail
cd "$(dirname "$0")/.."

# The aim is 200,000; what is over it is serde's and BTreeMap's copies for each type of crates/e2ee and protocol.
most=${SOTTO_WASM_BUDGET:-650000}
out=web/build/crypto
target=$(realpath -m "${SOTTO_WASM_TARGET:-${CARGO_TARGET_DIR:-target}/wasm}")
module=$target/wasm32-unknown-unknown/wasm/sotto_web_crypto.wasm
optimiser=web/node_modules/.bin/wasm-opt
say() { echo "wasm: $*" >&2; }

[ -x "$optimiser" ] || {
    say "wasm-opt is missing: (cd web && npm ci)"
    exit 1
}

options=(build --quiet --locked --profile wasm --lib --target wasm32-unknown-unknown -p sotto-web-crypto)
# The same bytes wherever it is built.
flags="--remap-path-prefix=$PWD=sotto --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
say "compiling the crypto core"
if [ -z "${SOTTO_WASM_DEBIAN:-}" ] && scripts/wasm-target.sh; then
    CARGO_TARGET_DIR=$target RUSTFLAGS=$flags cargo "${options[@]}"
else
    tools=$(scripts/wasm-debian.sh)
    env RUSTC="$tools/usr/bin/rustc" LD_LIBRARY_PATH="$tools/usr/lib/x86_64-linux-gnu" RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$tools/linker" \
        CARGO_TARGET_DIR="$target" RUSTFLAGS="$flags" \
        cargo "${options[@]}" -Zbuild-std=std,panic_abort
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
