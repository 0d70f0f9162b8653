#!/bin/sh
# Install what `make test REQUIRE=all` needs beyond Python and Java.
# For root on Debian and its kin; elsewhere it says what is wanted.
set -eu

packages="chromium postgresql docker.io iptables iproute2 debootstrap"

if ! command -v apt-get >/dev/null 2>&1; then
  echo "This is not Debian: install these with your own package manager: $packages" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Only root can install packages; as root: apt-get install $packages" >&2
  exit 1
fi

# The tests start a PostgreSQL of their own; the package shall not start another.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # one word a package
apt-get install -y -qq --no-install-recommends $packages

# What the private engine of tests/compose needs besides.
sh "$(dirname "$0")/compose/prepare.sh"
