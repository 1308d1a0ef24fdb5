#!/bin/bash
# Makes the manual pages of the program and of each command, from its declarations.
#
#   Tools/man-pages.sh DIR
#
# The plug-in generate-manual of swift-argument-parser writes them. Here they get the names that `man` expects
# (airshower-simulate.1), and their examples keep their line breaks.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
made=.build/plugins/GenerateManual/outputs/airshower
rm -rf "$made"
swift package --allow-writing-to-package-directory generate-manual --multi-page --section 1 >&2
rm -f "$made"/airshower.help.1
for page in "$made"/*.1; do
  name=$(basename "$page" .1)
  awk '
    /^\.Dt / { gsub(/\./, "-", $2); print ".Dt " $2 " " $3; next }
    /^  / && !literal { print ".Bd -literal"; literal = 1 }
    literal && !/^  / && NF { print ".Ed"; if (!/^\./) print ".Pp"; literal = 0 }
    # A blank line is a paragraph, and a literal block has its own.
    !NF { if (!literal) print ".Pp"; next }
    { print }
    END { if (literal) print ".Ed" }' "$page" > "$folder/${name//./-}.1"
done
