#!/bin/sh
# Installs Debian or Ubuntu packages (the arguments) as root without starting the services they bring:
# a cluster runs its own, and the machine's stay as they were.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

apt-get update -q
apt-get install -y -q --no-install-recommends "$@"

# Freshly installed services would start at the next boot.
if [ -d /run/systemd/system ]; then
    for package in "$@"; do
        case $package in
        postgresql | redis-server | nginx) systemctl disable "$package" || true ;;
        esac
    done
fi
