#!/bin/bash
# All tests, as `make test` runs them. The last line states the duration and the tests that were skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
SECONDS=0
make --no-print-directory lint
make --no-print-directory unit-test 2>&1 | tee "$log"
make --no-print-directory readme-test client-test install-test python-test
tests=$(sed -n 's/.*Test run with \([0-9]*\) tests in .* passed.*/\1/p' "$log" | tail -n 1)
skipped=$(sed -n 's/^[^ ]* Test \(.*\) skipped.*/\1/p' "$log" | sort | paste -sd ' ' -)
count=$(sed -n 's/^[^ ]* Test .* skipped.*/x/p' "$log" | wc -l)
echo "make test: ${tests:-no} tests passed in $SECONDS s, $count skipped${skipped:+: $skipped}"
