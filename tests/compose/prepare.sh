#!/bin/sh
# Keep what the tests need and Debian bookworm does not have ready: Compose, kustomize,
# and the tree that the stand-in images are made of. Root; a minute and a half, once.
set -eu

packages=python3,python3-venv,openjdk-17-jre-headless,postgresql,prometheus,ca-certificates,curl,wget,procps
cache=${XDG_CACHE_HOME:-$HOME/.cache}/accord/compose
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | sort -u | head -n 1)
mkdir -p "$cache"
work=$(mktemp -d "$cache/new.XXXXXX")
trap 'rm -rf "$work"' EXIT

# bookworm's Compose is the old one in Python, and it has no kustomize; trixie's files
# need nothing but glibc.
if [ ! -x "$cache/config/cli-plugins/docker-compose" ] || [ ! -x "$cache/bin/kustomize" ]; then
  apt=$work/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  : >"$apt/status"
  echo "deb $mirror trixie main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::State "$apt"; Dir::State::Lists "$apt/lists"; Dir::State::status "$apt/status"; Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "-"; APT::Sandbox::User "root";
CONF
  apt-get -qq -c "$apt/apt.conf" update
  (cd "$apt" && apt-get -qq -c "$apt/apt.conf" download docker-compose kustomize)
  dpkg -x "$apt"/docker-compose_*.deb "$apt/tree"
  dpkg -x "$apt"/kustomize_*.deb "$apt/tree"
  mkdir -p "$cache/config/cli-plugins" "$cache/bin"
  mv "$apt/tree/usr/libexec/docker/cli-plugins/docker-compose" "$cache/config/cli-plugins/"
  mv "$apt/tree/usr/bin/kustomize" "$cache/bin/"
fi

key=$(printf %s "$packages" | sha256sum | cut -c 1-12)
if [ ! -e "$cache/base-$key.tar" ]; then
  debootstrap --variant=minbase --include="$packages" bookworm "$work/tree" "$mirror" >"$cache/debootstrap.log"
  # What nobody runs here; Prometheus' page alone brings 200 MB of scripts.
  rm -rf "$work"/tree/var/cache/apt/* "$work"/tree/var/lib/apt/lists/* \
    "$work"/tree/usr/share/javascript "$work"/tree/usr/share/doc "$work"/tree/usr/share/man \
    "$work"/tree/usr/share/locale
  tar -C "$work/tree" -cf "$work/base.tar" .
  rm -f "$cache"/base-*.tar
  mv "$work/base.tar" "$cache/base-$key.tar"
fi
