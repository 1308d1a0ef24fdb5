#!/bin/bash
# The physics against its references. Writes Documentation/results/.
# Usage: Benchmarks/validate.sh [EVENTS]   (default 60,000 triggered events, seed 21: seen by no network)
set -euo pipefail
cd "$(dirname "$0")/.."
events=${1:-60000}
airshower=$PWD/.build/release/airshower
results=Documentation/results
mkdir -p "$results"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "The simulation against the published and CORSIKA values" >&2
{
  echo "# Simulation against its targets"
  echo
  echo "Made by \`make validate\` on $(date -u +%Y-%m-%d)."
  echo
  "$airshower" validate-simulation --quiet
} >"$results/simulation.md.part"
mv "$results/simulation.md.part" "$results/simulation.md"

"$airshower" simulate --events "$events" --energy 1:300 --seed 21 --output "$work/events.h5"
"$airshower" reconstruct "$work/events.h5" --output "$work/reco.h5"
"$airshower" correct "$work/reco.h5" --output "$work/corrected.h5"

echo "Pulls and resolution of the standard fit" >&2
/usr/bin/python3 Benchmarks/fit-pulls.py "$work/reco.h5" >"$results/standard-fit.md.part"
mv "$results/standard-fit.md.part" "$results/standard-fit.md"

echo "The shipped network on events it never saw" >&2
"$airshower" compare "$work/corrected.h5" --output "$work/report" >"$work/table.txt"
mkdir -p "$results/reference-network"
cp "$work/report/summary.json" "$results/reference-network/"
cp "$work/report/"*improvement.png "$results/reference-network/" 2>/dev/null ||
  cp "$work/report/figures/improvement.png" "$results/reference-network/"
{
  echo "# The shipped network on $events events it never saw"
  echo
  echo "Made by \`make validate\` on $(date -u +%Y-%m-%d), simulation seed 21, E^-1 from 1 to 300 EeV."
  echo
  echo '```'
  cat "$work/table.txt"
  echo '```'
} >"$results/reference-network.md.part"
mv "$results/reference-network.md.part" "$results/reference-network.md"
cat "$results/reference-network.md"
