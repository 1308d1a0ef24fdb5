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
  echo "simulate, events/s against energy (file written, 3,000 triggered events each; one core by \`taskset\`, then two threads):"
  echo
  echo "| energy [EeV] | one core | two threads | ratio | windows per event |"
  echo "|---|---|---|---|---|"
  for energy in 1 3 10 30 100 1:100; do
    rates=()
    for threads in 1 2; do
      cores=0
      [ $threads = 1 ] || cores=0,1
      /usr/bin/time -o "$work/time" -f '%e' taskset -c $cores "$airshower" simulate --events 3000 --energy $energy --seed 3 --threads $threads --output "$work/e.h5" --overwrite --quiet
      rates+=("$(cat "$work/time")")
    done
    hits=$(/usr/bin/python3 -c "import h5py,sys; f=h5py.File(sys.argv[1]); print(round(len(f['hits/station_id'])/3000,1))" "$work/e.h5" 2>/dev/null || echo -)
    echo "${rates[@]}" | awk -v e=$energy -v h="$hits" '{ printf "| %s | %.0f | %.0f | %.2f | %s |\n", e, 3000 / $1, 3000 / $2, $1 / $2, h }'
  done
  echo
  echo "File sizes: events $(du -m "$work/events.h5" | cut -f1) MB, corrected $(du -m "$work/corrected.h5" | cut -f1) MB."
} >"$result.part"
mv "$result.part" "$result"
cat "$result"
