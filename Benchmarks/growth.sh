#!/bin/bash
# How the cost of an event grows with its energy, the array, the number of events, the length of its traces and threads. About ten minutes.
# Writes Documentation/results/growth.md and growth.png. Usage: Benchmarks/growth.sh [EVENTS...] (default: 1000 10000 100000)
set -euo pipefail
cd "$(dirname "$0")/.."
samples=("$@")
[ $# -gt 0 ] || samples=(1000 10000 100000)
export AIRSHOWER_TABLES=$PWD/tables
airshower=${AIRSHOWER_BINARY:-$PWD/.build/release/airshower}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table=$work/growth.csv
echo "axis,value,step,events,processor_s,wall_s,memory_mb" >"$table"

# AXIS VALUE EVENTS STEP: runs a step of the program, one line into the table.
measure() {
  local axis=$1 value=$2 events=$3 step=$4
  shift 4
  /usr/bin/time -o "$work/time" -f '%U %S %e %M' "$airshower" "$step" "$@" --quiet --overwrite >/dev/null
  read -r user system wall memory <"$work/time"
  awk -v OFS=, -v a="$axis" -v v="$value" -v s="$step" -v n="$events" -v u="$user" -v y="$system" -v w="$wall" -v m="$memory" \
    'BEGIN { print a, v, s, n, u + y, w, m / 1024 }' >>"$table"
}

# AXIS VALUE EVENTS THREADS [OPTIONS OF SIMULATE...]: the four steps.
chain() {
  local axis=$1 value=$2 events=$3 threads=$4
  shift 4
  echo "growth.sh: $axis $value" >&2
  measure "$axis" "$value" "$events" simulate --events "$events" --seed 21 --threads "$threads" --output "$work/events.h5" "$@"
  measure "$axis" "$value" "$events" reconstruct "$work/events.h5" --threads "$threads" --output "$work/reco.h5"
  [ "$axis" != samples ] && [ "$axis" != stations ] || return 0
  measure "$axis" "$value" "$events" correct "$work/reco.h5" --network reference --any-array --threads "$threads" --output "$work/corrected.h5"
  measure "$axis" "$value" "$events" compare "$work/corrected.h5" --cuts none --threads "$threads" --output "$work/report"
}

for energy in 1 3 10 30 100 300 600; do
  chain energy "$energy" 1000 1 --energy "$energy:$(awk -v e="$energy" 'BEGIN { print 1.001 * e }')"
done
for side in 5 10 20 50 100; do
  chain stations $((side * side)) 1000 1 --energy 10:100 --array "ideal:${side}x$side"
done
for events in "${samples[@]}"; do chain events "$events" "$events" 2 --energy 1:300; done
for count in 128 256 384 512; do
  echo "{\"windowSamples\": $count}" >"$work/settings.json"
  chain samples "$count" 1000 1 --energy 10:100 --config "$work/settings.json"
done
for threads in 1 2; do chain threads "$threads" 5000 "$threads" --energy 1:300; done
[ -z "${KEEP:-}" ] || cp "$table" "$KEEP"
/usr/bin/python3 Benchmarks/growth.py "$table" Documentation/results/growth
