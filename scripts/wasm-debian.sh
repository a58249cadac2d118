#!/usr/bin/env bash
# Makes .sotto/rust-web from Debian's packages of a compiler for wasm32, without installing them; does nothing when it is
# there. Prints its path. For machines where rustup can't add the target.
set -euo pipefail
cd "$(dirname "$0")/.."

home=$PWD/.sotto/rust-web
mark=$home/made

if ! [ -e "$mark" ]; then
    newest() { apt-cache show rustc-web 2>/dev/null | sed -n 's/^Version: \([0-9]*\.[0-9]*\)\..*/\1/p' | head -1; }
    version=$(newest)
    if [ -z "$version" ]; then
        # A fresh machine has no lists of packages.
        sudo=$([ "$(id -u)" = 0 ] || echo sudo)
        $sudo apt-get update -q >&2
        version=$(newest)
    fi
    [ -n "$version" ] || {
        echo "neither rustup's wasm32 target nor Debian's rustc-web is to be had" >&2
        exit 1
    }
    echo "unpacking Debian's rustc-web $version into $home" >&2
    rm -rf "$home"
    (umask 077 && mkdir -p "$home/packages")
    llvm=$(apt-cache depends "libstd-rust-web-$version" | sed -n 's/.*Depends: libllvm//p' | head -1)
    (cd "$home/packages" && apt-get download -q rustc-web libstd-rust-web-dev "libstd-rust-web-$version" rust-web-src \
        "libllvm$llvm" "lld-$llvm" >&2)
    for package in "$home"/packages/*.deb; do
        dpkg -x "$package" "$home"
    done
    rm -rf "$home/packages"
    printf '#!/bin/sh\nexec %q "$@"\n' "$home/usr/lib/llvm-$llvm/bin/wasm-ld" >"$home/linker"
    chmod 755 "$home/linker"
    touch "$mark"
fi
echo "$home"
