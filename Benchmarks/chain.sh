#!/bin/bash
# Speed and peak memory of every step of the chain on EVENTS triggered events (default 50,000).
# Writes Documentation/results/chain.md. Usage: Benchmarks/chain.sh [EVENTS]
set -euo pipefail
cd "$(dirname "$0")/.."
events=${1:-50000}
airshower=$PWD/.build/release/airshower
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
result=Documentation/results/chain.md
mkdir -p "$(dirname "$result")"

# Runs one step; prints a table row: step, threads, seconds, events/s, CPU seconds, peak memory.
step() {
  local name=$1 threads=$2
  shift 2
  echo "$name, $threads thread(s)" >&2
  /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$airshower" "$@" --threads "$threads" --quiet >"$work/stdout"
  read -r wall user system peak <"$work/time"
  awk -v n="$name" -v t="$threads" -v w="$wall" -v u="$user" -v s="$system" -v p="$peak" -v e="$events" \
    'BEGIN { printf "| %s | %d | %.1f | %.0f | %.1f | %.0f |\n", n, t, w, e / w, u + s, p / 1024 }'
}

{
  echo "# The chain on $events triggered events"
  echo
  echo "Made by \`make benchmark\` on $(date -u +%Y-%m-%d): $(nproc) processors"
  echo "($(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)), E^-1 from 1 to 300 EeV,"
  echo "real array, gzip-compressed waveforms included."
  echo
  echo "| step | threads | seconds | events/s | CPU seconds | peak memory (MiB) |"
  echo "|---|---|---|---|---|---|"
  for threads in 1 2; do
    step simulate $threads simulate --events "$events" --energy 1:300 --seed 3 --output "$work/events.h5" --overwrite
  done
  for threads in 1 2; do
    step reconstruct $threads reconstruct "$work/events.h5" --output "$work/reco.h5" --overwrite
  done
  for threads in 1 2; do
    step correct $threads correct "$work/reco.h5" --output "$work/corrected.h5" --overwrite
  done
  for threads in 1 2; do
    step compare $threads compare "$work/corrected.h5" --output "$work/report" --overwrite
  done
  echo
  echo "File sizes: events $(du -m "$work/events.h5" | cut -f1) MB, corrected $(du -m "$work/corrected.h5" | cut -f1) MB."
} >"$result.part"
mv "$result.part" "$result"
cat "$result"
