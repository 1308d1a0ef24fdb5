#!/bin/bash
# Fails where a Swift line is wider than 100 columns (swift format leaves comments and strings alone), or where a folder of
# Sources holds more than fifteen Swift files. `make lint` runs it.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8
failed=0
while IFS= read -r line; do
  echo "$line" >&2
  failed=1
done < <(
  find Sources Tests Benchmarks Plugins Package.swift -name '*.swift' -not -path '*/.build/*' -print0 | sort -z |
    xargs -0 grep -nHE '^.{101}' | sed -E 's/^([^:]*:[0-9]+):.*/\1: wider than 100 columns/' || true
)
while read -r count folder; do
  if [ "$count" -gt 15 ]; then
    echo "$folder: $count Swift files, at most 15" >&2
    failed=1
  fi
done < <(find Sources -name '*.swift' -printf '%h\n' | sort | uniq -c)
exit $failed
