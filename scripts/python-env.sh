#!/usr/bin/env bash
# Makes .sotto/venv with the independent implementations that the tests compare us with; does nothing when it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

wheels=(python-olm vodozemac schemathesis kosoku)
venv=.sotto/venv
mark="$venv/${wheels[*]}"

[ -e "$mark" ] && exit 0

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    echo "python3 with venv is missing: installing it with apt-get"
    if [ "$(id -u)" = 0 ]; then
        scripts/install-packages.sh python3 python3-venv
    else
        sudo scripts/install-packages.sh python3 python3-venv
    fi
fi

rm -rf "$venv"
(umask 077 && mkdir -p .sotto)
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "${wheels[@]}"
touch "$mark"
