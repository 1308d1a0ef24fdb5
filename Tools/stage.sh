#!/bin/bash
# Puts the built program into a folder as it is installed: bin, lib/airshower and share.
#
#   Tools/stage.sh DIR swift    with the libraries of Swift: for `make install`, on the machine of the build
#   Tools/stage.sh DIR all      with every library but those of glibc: for `make dist`, for other machines
#
# AIRSHOWER_MPI=FILE names the plug-in for MPI. It is left out where it was not built.
set -euo pipefail
stage=$(mkdir -p "$1" && cd "$1" && pwd)
kind=${2:?all or swift}
cd "$(dirname "$0")/.."
build=.build/release
mpi=${AIRSHOWER_MPI:-$build/libairshower-mpi.so}
program=$stage/bin/airshower
plugins=$stage/lib/airshower
documents=$stage/share/doc/airshower

command -v patchelf >/dev/null || { echo "stage.sh: patchelf is missing: apt-get install patchelf"; exit 1; }
rm -rf "$stage"
install -D -m 755 $build/airshower "$program"
install -D -m 755 $build/libairshower-torch.so "$plugins/libairshower-torch.so"

toolchain=$(dirname "$(ldd "$program" | awk '/libswiftCore/ { print $3 }')")
case $kind in
  swift) chosen=(--only "$toolchain") ;;
  all) chosen=() ;;
  *) echo "stage.sh: $kind: all or swift"; exit 64 ;;
esac
libraries=$(Tools/collect-libraries.py "$plugins" "$program" "$plugins/libairshower-torch.so" "${chosen[@]}")
# MPI belongs to the machine: the plug-in takes the MPI that is there.
[ ! -e "$mpi" ] || install -m 755 "$mpi" "$plugins/libairshower-mpi.so"

mkdir -p "$stage/share/airshower" "$documents"
cp -r tables "$stage/share/airshower/"
Tools/man-pages.sh "$stage/share/man/man1"
gzip -9 -n "$stage"/share/man/man1/*.1
complete() {
  mkdir -p "$(dirname "$stage/share/$2")"
  $build/airshower --generate-completion-script "$1" > "$stage/share/$2"
}
complete bash bash-completion/completions/airshower
complete zsh zsh/site-functions/_airshower
complete fish fish/vendor_completions.d/airshower.fish

cp README.md CHANGELOG.md CITATION.cff LICENSE "$documents/"
cp -r Documentation "$documents/"
Tools/licences.py "$documents/licences" "$toolchain" <<< "$libraries"
chmod -R u=rwX,go=rX "$stage"
