#!/bin/bash
# Runs the commands of README.md: every ```sh and ```python block, in order, in an empty folder.
# Blocks that install or build (```console) are what `make` itself does, and are not run again.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export AIRSHOWER_TABLES="$root/tables"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# The commands are those of a user in a clone.
ln -s "$root/Fixtures" Fixtures
count=$(awk -v dir="$work" '
  /^```(sh|python)$/ { n++; kind = substr($0, 4); file = sprintf("%s/block%02d.%s", dir, n, kind); inside = 1; next }
  /^```/ { inside = 0 }
  inside { print > file }
  END { print n + 0 }' "$root/README.md")
[ "$count" -ge 2 ] || { echo "README.md has only $count blocks to run"; exit 1; }
for block in block*; do
  echo "--- README $block"
  case $block in
    *.sh) bash -euo pipefail "$block" ;;
    *.python) /usr/bin/python3 "$block" ;;
  esac
done
echo "README: $count blocks ran"
