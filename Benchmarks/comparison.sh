#!/bin/bash
# The comparison against numpy, against a network that can have learned nothing, and its speed on a million events.
# Writes Documentation/results/comparison.md.
# Usage: Benchmarks/comparison.sh RECONSTRUCTED.h5 CORRECTED.h5   (of one simulation that the shipped network never saw)
set -euo pipefail
cd "$(dirname "$0")/.."
reconstructed=$1
corrected=$2
airshower=$PWD/.build/release/airshower
results=Documentation/results
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "Every number of a comparison against numpy" >&2
check() { # OPTIONS...
  "$airshower" compare "$corrected" --split test --output "$work/report" --overwrite --quiet "$@" >/dev/null
  /usr/bin/python3 Benchmarks/compare-check.py "$corrected" "$work/report/summary.json" --test-only "$@"
}
plain=$(check)
weighted=$(check --spectrum=-2.7)

echo "A network that learned from shuffled targets" >&2
cells=$(/usr/bin/python3 Benchmarks/shuffle-targets.py "$reconstructed" "$work/shuffled.h5")
"$airshower" train "$work/shuffled.h5" --spec scalars --epochs 4 --output "$work/shuffled.pt" --quiet
rm "$work/shuffled.h5"
"$airshower" correct "$reconstructed" --network "$work/shuffled.pt" --name shuffled --output "$work/s.h5" --quiet
"$airshower" compare "$work/s.h5" --output "$work/report" --overwrite --quiet >"$work/shuffled.txt"
rm "$work/s.h5"

echo "A million events on one core" >&2
events=$(/usr/bin/python3 -c "import h5py; print(len(h5py.File('$corrected')['events/event_id']))")
/usr/bin/python3 Benchmarks/repeat-events.py "$corrected" "$work/large.h5" $(((1000000 + events - 1) / events))
taskset -c 0 /usr/bin/time -f '%e s, %M kB' "$airshower" compare "$work/large.h5" --threads 1 --output "$work/report" \
  --overwrite --quiet >"$work/large.txt" 2>"$work/time"
compared=$(head -1 "$work/large.txt" | sed 's/;.*//')

{
  echo "# The comparison, checked"
  echo
  echo "Made by \`Benchmarks/comparison.sh\` on $(date -u +%Y-%m-%d)."
  echo
  echo "## Against numpy"
  echo
  echo "\`Benchmarks/compare-check.py\` computes all numbers of \`summary.json\` except the intervals again"
  echo "from the event file. The limit of the relative difference is 1e-9."
  echo
  echo "- $plain" | fold -s -w 98 | sed -e '2,$s/^/  /' -e 's/ *$//'
  echo "- weighted to E^-2.7: $weighted" | fold -s -w 98 | sed -e '2,$s/^/  /' -e 's/ *$//'
  echo
  echo "## Shuffled targets"
  echo
  echo "Every event got the error of another event with a similar zenith angle and S800"
  echo "(\`Benchmarks/shuffle-targets.py\`: $cells). A \`scalars\` network learned"
  echo "from these events and corrected the unshuffled events. It can learn nothing but the calibration,"
  echo "and the report says so:"
  echo
  echo '```'
  sed -n '/^Explained variance/,/^$/p' "$work/shuffled.txt"
  grep -E "^With |^warning: shuffled" "$work/shuffled.txt"
  echo '```'
  echo
  echo "## Speed"
  echo
  echo "$compared of a file of a million."
  echo "Standard fit, network and polynomial, 1,000 replicas, report with all figures, on one core:"
  echo "time and largest memory $(cat "$work/time") ($(grep -m1 'model name' /proc/cpuinfo | sed 's/.*: //'))."
  echo "Each further method costs some 10 s and 120 MB."
} >"$results/comparison.md.part"
mv "$results/comparison.md.part" "$results/comparison.md"
cat "$results/comparison.md"
