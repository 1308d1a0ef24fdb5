#!/bin/bash
# Runs the commands of README.md, then those of every page of Documentation (without results): each ```sh and ```python
# block, in order. The README begins in an empty folder. A page has a folder of its own with the files that the README made.
# Blocks that install, build or need other data (```console) are not run. The folders are outside of the checkout, and
# nothing tells the program where its tables are.
#
#   Tests/run-readme.sh [PAGE...]      these pages only, after the README
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
unset AIRSHOWER_TABLES
# The Python package as in the checkout; python-test tries the installed one.
export PYTHONPATH="$root/Python/src" PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run PAGE FOLDER: the blocks of a page, in a folder.
run() {
  local page=$1 folder=$2 count block
  mkdir -p "$folder"
  cd "$folder"
  # The commands are those of a user in a clone.
  ln -sfn "$root/Fixtures" Fixtures
  count=$(awk -v dir="$folder" '
    /^```(sh|python)$/ { n++; kind = substr($0, 4); file = sprintf("%s/block%02d.%s", dir, n, kind); inside = 1; next }
    /^```/ { inside = 0 }
    inside { print > file }
    END { print n + 0 }' "$root/$page")
  [ "$count" -ge 1 ] || { echo "$page has no blocks to run"; exit 1; }
  for block in block*; do
    echo "--- $page $block"
    case $block in
      *.sh) timeout 300 bash -euo pipefail "$block" </dev/null ;;
      *.python) timeout 300 /usr/bin/python3 "$block" ;;
    esac
  done
  rm block*
  echo "$page: $count blocks ran"
}

run README.md "$work/README"
cd "$root"
pages=${*:-$(grep -rlE --include='*.md' '^```(sh|python)$' Documentation | grep -v '^Documentation/results/' | sort)}
[ -n "$pages" ] || { echo "no page of Documentation has blocks to run"; exit 1; }
for page in $pages; do
  mkdir -p "$work/$page"
  for made in "$work/README"/*; do ln -s "$made" "$work/$page/"; done
  run "$page" "$work/$page"
done
