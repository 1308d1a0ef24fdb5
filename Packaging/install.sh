#!/bin/bash
# Copies a staged program (Tools/stage.sh) to where it is used, or removes it again.
#
#   Packaging/install.sh install PREFIX STAGE
#   Packaging/install.sh uninstall PREFIX
#
# PREFIX/share/airshower/installed-files lists what was installed. sudo is used only where PREFIX cannot be written.
set -euo pipefail
action=$1 prefix=$2
list=share/airshower/installed-files

existing=$prefix
while [ ! -e "$existing" ]; do existing=$(dirname "$existing"); done
as=()
[ -w "$existing" ] || as=(sudo)

remove() {
  "${as[@]}" bash -euc '
    cd "$1"
    while read -r file; do rm -f -- "$file"; done < "$2"
    # Folders that nothing else uses.
    while read -r file; do dirname "$file"; done < "$2" | sort -u | while read -r folder; do
      rmdir -p --ignore-fail-on-non-empty -- "$folder" 2>/dev/null || true
    done
    rm -f -- "$2"
    rmdir -p --ignore-fail-on-non-empty -- "$(dirname "$2")" 2>/dev/null || true' _ "$prefix" "$list"
}

case $action in
  install)
    stage=$3
    [ ! -e "$prefix/$list" ] || remove
    "${as[@]}" mkdir -p "$prefix"
    (cd "$stage" && find . -type f | sed 's#^\./##' | LC_ALL=C sort) > "$stage.files"
    "${as[@]}" cp -R "$stage/." "$prefix/"
    "${as[@]}" cp "$stage.files" "$prefix/$list"
    rm "$stage.files"
    echo "airshower is in $prefix/bin. make uninstall PREFIX=$prefix removes it."
    case :$PATH: in *:"$prefix/bin":*) ;; *) echo "$prefix/bin is not in PATH: add it" ;; esac
    ;;
  uninstall)
    [ -e "$prefix/$list" ] || { echo "$prefix/$list: not there, so make install did not put airshower there"; exit 1; }
    remove
    ;;
  *) echo "install.sh: $action: install or uninstall"; exit 64 ;;
esac
