#!/bin/bash
# The whole chain with a million triggered events on this machine: time, file size and peak memory of every step.
# Writes Documentation/results/million.md. Usage: Benchmarks/million.sh [EVENTS [FOLDER]] (default: 1000000, a new folder)
#
# A million events need some 30 GB in FOLDER and about a quarter of an hour on two cores. FOLDER is kept when it is given: steps whose file is
# there already are not made again, so that a run that was cut goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
events=${1:-1000000}
airshower=${AIRSHOWER_BINARY:-$PWD/.build/release/airshower}
export AIRSHOWER_TABLES=$PWD/tables
result=${RESULT:-$PWD/Documentation/results/million.md}
# Network to train for one epoch.
spec=${SPEC:-set}
if [ $# -ge 2 ]; then
  work=$2
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

# Runs one step and keeps what it needed: seconds, CPU seconds, peak memory [kB] in NAME.time.
step() {
  local name=$1 output=$2
  shift 2
  [ ! -e "$work/$output" ] || [ ! -e "$work/$name.time" ] || return 0
  echo "million.sh: $name, $(date -u +%H:%M)" >&2
  /usr/bin/time -o "$work/$name.time.part" -f '%e %U %S %M' "$airshower" "$name" "$@" --overwrite \
    --output "$work/$output" --quiet >"$work/$name.out"
  mv "$work/$name.time.part" "$work/$name.time"
}

step simulate events.h5 --events "$events" --energy 1:300 --seed 3001
step reconstruct reco.h5 "$work/events.h5"
step train network.pt "$work/reco.h5" --spec "$spec" --epochs 1 --history "$work/history.csv"
step correct corrected.h5 "$work/reco.h5" --network "$work/network.pt" --name million
step compare report "$work/corrected.h5"

{
  echo "# $events triggered events on one machine"
  echo
  echo "Made by \`Benchmarks/million.sh $events\` on $(date -u +%Y-%m-%d): $(nproc) processors"
  echo "($(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)), $(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo) GiB."
  echo "E^-1 from 1 to 300 EeV, real array, waveforms of 128 samples. \`train\` is one epoch of \`$spec\`,"
  echo "reading of the files included. Peak memory is the largest resident size of the process. The goal is"
  echo "less than 1,536 MiB for each step."
  echo
  echo "| step | time (s) | events/s | CPU (s) | peak memory (MiB) | output (MB) |"
  echo "|---|---|---|---|---|---|"
  for name in simulate reconstruct train correct compare; do
    case $name in
      simulate) output=events.h5 ;; reconstruct) output=reco.h5 ;; train) output=network.pt ;;
      correct) output=corrected.h5 ;; compare) output=report ;;
    esac
    read -r wall user system memory <"$work/$name.time"
    awk -v n=$name -v e="$events" -v w="$wall" -v u="$user" -v s="$system" -v m="$memory" \
      -v o="$(du -sk "$work/$output" | cut -f1)" \
      'BEGIN { printf "| %s | %.1f | %.0f | %.1f | %.0f | %.1f |\n", n, w, e / w, u + s, m / 1024, o / 1024 * 1.048576 }'
  done
} >"$work/million.md"
mkdir -p "$(dirname "$result")"
cp "$work/million.md" "$result"
cat "$result"
