#!/bin/bash
# Speed and peak memory of every step of the chain, on one core and on all, for samples of several sizes.
# Writes Documentation/results/chain.md. Usage: Benchmarks/chain.sh [EVENTS...] (default: 6000 30000)
set -euo pipefail
cd "$(dirname "$0")/.."
samples=("${@:-6000}")
[ $# -gt 0 ] || samples=(6000 30000)
airshower=${AIRSHOWER_BINARY:-$PWD/.build/release/airshower}
export AIRSHOWER_TABLES=$PWD/tables
cores=$(nproc)
# Each step this often; the fastest run counts, since others may use the machine.
repeats=${REPEATS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
result=Documentation/results/chain.md
mkdir -p "$(dirname "$result")"

# Runs one step on some cores; sets seconds, CPU seconds and peak memory [kB] of the fastest run.
fastest() {
  local threads=$1
  shift
  local on=(taskset -c "0-$((threads - 1))")
  seconds=
  for _ in $(seq "$repeats"); do
    /usr/bin/time -o "$work/time" -f '%e %U %S %M' "${on[@]}" "$airshower" "$@" --threads "$threads" \
      --overwrite --quiet >"$work/stdout"
    read -r wall user system memory <"$work/time"
    if [ -z "$seconds" ] || awk "BEGIN { exit !($wall < $seconds) }"; then
      seconds=$wall cpu=$(awk "BEGIN { print $user + $system }") peak=$memory
    fi
  done
}

# A table row of a step: on one core, on all, and how many times faster all are.
step() {
  local name=$1
  shift
  echo "$name, $events events" >&2
  fastest 1 "$@"
  local one=$seconds one_peak=$peak
  fastest "$cores" "$@"
  awk -v n="$name" -v e="$events" -v a="$one" -v b="$seconds" -v c="$cpu" -v p="$one_peak" -v q="$peak" \
    'BEGIN { printf "| %s | %.2f | %.0f | %.2f | %.0f | %.2f | %.2f | %.0f, %.0f |\n", n, a, e / a, b, e / b, a / b, c, p / 1024, q / 1024 }'
}

{
  echo "# Speed of the chain, from file to file"
  echo
  echo "Made by \`make benchmark\` on $(date -u +%Y-%m-%d): $cores processors"
  echo "($(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)), E^-1 from 1 to 100 EeV,"
  echo "real array, gzip-compressed waveforms included. Times are those of whole processes, start and end"
  echo "included, the fastest of $repeats runs. *One core* is \`taskset -c 0\` with \`--threads 1\`."
  for events in "${samples[@]}"; do
    echo
    echo "## $events triggered events"
    echo
    echo "| step | one core (s) | events/s | $cores cores (s) | events/s | gain | CPU (s) | peak memory (MiB) |"
    echo "|---|---|---|---|---|---|---|---|"
    step simulate simulate --events "$events" --energy 1:100 --seed 3 --output "$work/events.h5"
    step reconstruct reconstruct "$work/events.h5" --output "$work/reco.h5"
    step correct correct "$work/reco.h5" --output "$work/corrected.h5"
    step compare compare "$work/corrected.h5" --output "$work/report"
    echo
    echo "File sizes: events $(du -m "$work/events.h5" | cut -f1) MB, corrected $(du -m "$work/corrected.h5" | cut -f1) MB."
  done
  echo
  echo "## Simulation against energy"
  echo
  echo "Events/s of \`simulate\` with the file written, 3,000 triggered events each. One core is set by"
  echo "\`taskset\`."
  echo
  echo "| energy [EeV] | one core | two threads | ratio | windows per event |"
  echo "|---|---|---|---|---|"
  for energy in 1 3 10 30 100 1:100; do
    rates=()
    for threads in 1 2; do
      allowed=0
      [ $threads = 1 ] || allowed=0,1
      /usr/bin/time -o "$work/time" -f '%e' taskset -c $allowed "$airshower" simulate --events 3000 --energy $energy --seed 3 --threads $threads --output "$work/e.h5" --overwrite --quiet
      rates+=("$(cat "$work/time")")
    done
    hits=$(/usr/bin/python3 -c "import h5py,sys; f=h5py.File(sys.argv[1]); print(round(len(f['hits/station_id'])/3000,1))" "$work/e.h5" 2>/dev/null || echo -)
    echo "${rates[@]}" | awk -v e=$energy -v h="$hits" '{ printf "| %s | %.0f | %.0f | %.2f | %s |\n", e, 3000 / $1, 3000 / $2, $1 / $2, h }'
  done
} >"$result.part"
mv "$result.part" "$result"
cat "$result"
