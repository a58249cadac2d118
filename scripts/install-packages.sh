#!/bin/sh
# Installs Debian or Ubuntu packages (the arguments) as root without starting the services they bring:
# a cluster runs its own, and the machine's stay as they were. "?name" is one to do without where it can't be had.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

apt-get update -q
for package in "$@"; do
    shift
    case $package in
    \?*) optional="${optional-} ${package#[?]}" ;;
    *) set -- "$@" "$package" ;;
    esac
done
if [ $# -gt 0 ]; then
    apt-get install -y -q --no-install-recommends "$@"
fi
for package in ${optional-}; do
    apt-get install -y -q --no-install-recommends --no-remove "$package" || echo "going on without $package"
done

# Freshly installed services would start at the next boot.
if [ -d /run/systemd/system ]; then
    for package in "$@"; do
        case $package in
        postgresql | redis-server | nginx) systemctl disable "$package" || true ;;
        esac
    done
fi
