#!/bin/bash
# Installs tarball and package in bare systems that have no Swift, and does the day's work there.
#
#   Packaging/test.sh VERSION RELEASE...      RELEASE: bookworm (Debian 12), trixie (Debian 13), noble (Ubuntu 24.04)
#
# Needs root and debootstrap, and a mirror of the packages. The bare systems are kept in .build/roots (ROOTS=DIR: elsewhere).
# The last line compares the results of all systems: they must be the same to the last bit.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
shift
dist=$PWD/dist
roots=${ROOTS:-.build/roots}
archive=airshower-$version-linux-x86_64
package=airshower_${version}_amd64.deb
[ "$(id -u)" = 0 ] || { echo "Packaging/test.sh: only root can make a bare system"; exit 1; }
command -v debootstrap >/dev/null || { echo "Packaging/test.sh: debootstrap is missing: apt-get install debootstrap"; exit 1; }
mkdir -p "$roots"
roots=$(cd "$roots" && pwd)
results=$(mktemp)
root=$roots/trial
# Only processes of the trial's own mount namespace use it.
trap 'rm -rf "$results" "$root"' EXIT

bare() {
  local mirror=http://deb.debian.org/debian options=()
  if [ "$1" = noble ]; then
    mirror=http://archive.ubuntu.com/ubuntu
    options=(--components=main,universe)
    [ -e /usr/share/keyrings/ubuntu-archive-keyring.gpg ] || options+=(--no-check-gpg)
    [ -e /usr/share/debootstrap/scripts/noble ] || set -- "$1" gutsy
  fi
  rm -rf "$roots/$1.part"
  debootstrap --variant=minbase "${options[@]}" "$1" "$roots/$1.part" $mirror \
    "/usr/share/debootstrap/scripts/${2:-$1}" > "$roots/$1.log" 2>&1
  mv "$roots/$1.part" "$roots/$1"
}

# inside COMMAND: in the bare system, with /proc and the network.
inside() {
  unshare --mount --fork --pid bash -c '
    mount -t proc proc "$1/proc"
    cp /etc/resolv.conf "$1/etc/resolv.conf"
    exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \
      chroot "$1" sh -euc "cd /root; $2"' _ "$root" "$1"
}

work() { # RELEASE KIND PREFIX
  inside "mkdir -p /root/$2; cd /root/$2; sh /root/days-work.sh $3" | tee "$roots/$1-$2.log"
  echo "$1 $2 $(tail -n 1 "$roots/$1-$2.log" | cut -d' ' -f1)" >> "$results"
}

for release in "$@"; do
  [ -d "$roots/$release" ] || bare "$release"

  echo "--- $release, package"
  rm -rf "$root"
  cp -a "$roots/$release" "$root"
  cp "$dist/$package" Packaging/days-work.sh "$root/root/"
  inside "apt-get update -qq; apt-get install -qq -y --no-install-recommends ./$package gnuplot-nox >/dev/null 2>&1"
  work "$release" package /usr
  inside "test -s /usr/share/man/man1/airshower-simulate.1.gz || ls /etc/dpkg/dpkg.cfg.d
    apt-get remove -qq -y airshower >/dev/null; test ! -e /usr/lib/airshower; test ! -e /usr/bin/airshower"

  echo "--- $release, tarball"
  mkdir -p "$root/opt"
  tar -xzf "$dist/$archive.tar.gz" -C "$root/opt"
  work "$release" tarball "/opt/$archive"
done

cat "$results"
[ "$(cut -d' ' -f3 "$results" | sort -u | wc -l)" = 1 ] || { echo "Packaging/test.sh: the results differ"; exit 1; }
echo "$(wc -l < "$results") installations of airshower $version did the day's work with the same results"
