#!/bin/bash
# The shipped network on events that it never saw, and with systematic variations of the simulation.
# Writes Documentation/results/reference-network.md and its folder.
# Usage: Benchmarks/reference-network.sh [EVENTS [EVENTS-OF-A-VARIATION]]   (50,000 and 20,000 by default)
set -euo pipefail
cd "$(dirname "$0")/.."
events=${1:-50000} varied=${2:-20000}
airshower=${AIRSHOWER:-$PWD/.build/release/airshower}
results=Documentation/results
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Simulates, reconstructs, corrects and compares: chain NAME EVENTS SEED OPTION...
chain() {
  local name=$1 count=$2 seed=$3
  shift 3
  "$airshower" simulate --events "$count" --energy 1:300 --seed "$seed" "$@" --output "$work/raw.h5" --overwrite --quiet
  "$airshower" reconstruct "$work/raw.h5" --method standard --method published --front tuned --output "$work/reco.h5" --overwrite --quiet
  "$airshower" correct "$work/reco.h5" --name reference --output "$work/$name.h5" --overwrite --quiet
  rm "$work/raw.h5" "$work/reco.h5"
  "$airshower" compare "$work/$name.h5" --against tuned --output "$work/$name" --overwrite --quiet >"$work/$name.txt"
  rm "$work/$name.h5"
}

chain nominal "$events" 21
mkdir -p "$results/reference-network"
gzip -9nc "$work/nominal/summary.csv" >"$results/reference-network/summary.csv.gz"
cp "$work/nominal/figures/improvement.png" "$results/reference-network/"
{
  echo "# The shipped network on $events events it never saw"
  echo
  echo "Made by \`Benchmarks/reference-network.sh\` on $(date -u +%Y-%m-%d): simulation seed 21, E^-1 from 1 to"
  echo "300 EeV, with the published chain and the tuned front beside it (\`compare --against tuned\`)."
  echo
  echo '```'
  cat "$work/nominal.txt"
  echo '```'
  echo
  echo "## The same with another seed"
  echo
  echo "As many events of seed 25, as a check of the intervals above."
  echo
  chain second "$events" 25
  echo '```'
  sed -n '/^quantity/,/^$/p' "$work/second.txt"
  sed -n '/^Explained variance/,/^$/p' "$work/second.txt"
  grep -E "^pull of (θ|φ) +reference" "$work/second.txt"
  echo '```'
  echo
  echo "## Systematic variations"
  echo
  echo "A simulation is never nature. The same network on $varied events each (seed 22), with one systematic"
  echo "variation of the simulation at a time. With the clocks of 40 ns it is told so."
  for variation in clock-40ns muons-up delays-long epos-lhc; do
    chain "$variation" "$varied" 22 --variation "$variation"
    echo
    echo "\`--variation $variation\`"
    echo
    echo '```'
    sed -n '/^quantity/,/^$/p' "$work/$variation.txt" | grep -E "^quantity|68 % containment|standard deviation|bias|EeV"
    grep -E "^pull  |^pull of (θ|φ) +reference" "$work/$variation.txt"
    echo '```'
  done
} >"$results/reference-network.md.part"
mv "$results/reference-network.md.part" "$results/reference-network.md"
