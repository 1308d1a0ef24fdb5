#!/bin/bash
# Threads and processes: the steps that can be shared, with 1 and 2 of either, for growing numbers of events; training; merging; messages.
# Writes Documentation/results/scaling.md. Usage: Benchmarks/scaling.sh [EVENTS...] (default: 10000 100000)
set -euo pipefail
cd "$(dirname "$0")/.."
samples=("${@:-10000}")
[ $# -gt 0 ] || samples=(10000 100000)
airshower=${AIRSHOWER_BINARY:-$PWD/.build/release/airshower}
rates=${RATES_BINARY:-$PWD/.build/benchmarks/release/message-rates}
export AIRSHOWER_TABLES=$PWD/tables
export AIRSHOWER_MPI=${AIRSHOWER_MPI:-$PWD/.build/release/libairshower-mpi.so}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
result=${RESULT:-Documentation/results/scaling.md}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$result")"

# A table row of one step: one process with one thread, one with two, two with one.
row() {
  local name=$1 events=$2 output=$3
  shift 3
  echo "scaling.sh: $name, $events events" >&2
  local line="| $name | $events" one=
  for way in "1 1" "1 2" "2 1"; do
    local ranks=${way% *} threads=${way#* } run=()
    [ "$ranks" = 1 ] || run=(mpirun --bind-to core -n "$ranks")
    /usr/bin/time -o "$work/time" -f '%e %M' "${run[@]}" "$airshower" "$@" --threads "$threads" \
      --overwrite --quiet --output "$output" >/dev/null
    read -r wall memory <"$work/time"
    [ -n "$one" ] || one=$wall
    line+=$(awk -v w="$wall" -v o="$one" -v e="$events" 'BEGIN { printf " | %.1f s, %.0f/s (%.2f)", w, e / w, o / w }')
  done
  echo "$line |"
}

# A column of the learning curve.
column() {
  awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 1 { print $c }' "$work/curve.csv"
}

# A table row of training; losses go to a file.
training() {
  local spec=$1 events=$2 line="| $1 | $2" one=
  for way in "1 1" "1 2" "2 1"; do
    local ranks=${way% *} threads=${way#* } run=()
    [ "$ranks" = 1 ] || run=(mpirun --bind-to core -n "$ranks")
    echo "scaling.sh: train $spec, $events events, $ranks x $threads" >&2
    "${run[@]}" "$airshower" train "$work/reco-$events.h5" --spec "$spec" --epochs 3 --threads "$threads" \
      --history "$work/curve.csv" --overwrite --quiet --output "$work/network.pt" >/dev/null
    rate=$(column events_per_second | sort -g | tail -1)
    [ -n "$one" ] || one=$rate
    line+=$(awk -v r="$rate" -v o="$one" 'BEGIN { printf " | %.0f/s (%.2f)", r, r / o }')
    [ "$threads" = 2 ] || echo "$spec, $events events, $ranks process(es): $(column validation_loss | xargs printf '%.6f ')" >>"$work/losses"
  done
  echo "$line |"
}

{
  echo "# Threads and processes"
  echo
  echo "Made by \`Benchmarks/scaling.sh ${samples[*]}\` on $(date -u +%Y-%m-%d): $(nproc) processors"
  echo "($(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)), E^-1 from 1 to 100 EeV."
  echo "Times are those of whole commands. In brackets: speed relative to one thread. Two processes write"
  echo "a file each, which the first one then merges."
  echo
  echo "| step | events | 1 process, 1 thread | 1 process, 2 threads | 2 processes (MPI), 1 thread each |"
  echo "|---|---|---|---|---|"
  for events in "${samples[@]}"; do
    row simulate "$events" "$work/events.h5" simulate --events "$events" --energy 1:100 --seed 8
    row reconstruct "$events" "$work/reco-$events.h5" reconstruct "$work/events.h5"
    row correct "$events" "$work/corrected.h5" correct "$work/reco-$events.h5"
  done
  echo
  echo "## Training"
  echo
  echo "\`train --spec SPEC\`, batches of 256 for any number of processes. Events/s of the fastest of three"
  echo "epochs, without reading of the file and validation. Every process has a second thread that prepares"
  echo "batches."
  echo
  echo "| network | events | 1 process, 1 thread | 1 process, 2 threads | 2 processes (MPI), 1 thread each |"
  echo "|---|---|---|---|---|"
  for spec in set grid; do
    for events in "${samples[@]}"; do training "$spec" "$events"; done
  done
  echo
  echo "One process with one thread uses the other processor for the thread that prepares its batches (5 %)."
  echo "Two threads or processes cannot. Validation losses of the three epochs with one process and with"
  echo "two, which add the same sums in the same order:"
  echo
  echo '```'
  cat "$work/losses"
  echo '```'
  echo
  echo "## Merging"
  echo
  echo "| files | events | time (s) | events/s | peak memory (MiB) |"
  echo "|---|---|---|---|---|"
  for shards in 2 20; do
    events=${samples[0]}
    for part in $(seq "$shards"); do
      "$airshower" simulate --events "$events" --energy 1:100 --seed 8 --shard "$part/$shards" --quiet --output "$work/part$part.h5"
    done
    /usr/bin/time -o "$work/time" -f '%e %M' "$airshower" merge "$work"/part*.h5 --overwrite --quiet --output "$work/all.h5"
    read -r wall memory <"$work/time"
    rm "$work"/part*.h5
    awk -v n="$shards" -v e="$events" -v w="$wall" -v m="$memory" \
      'BEGIN { printf "| %d | %d | %.2f | %.0f | %.0f |\n", n, e, w, e / w, m / 1024 }'
  done
  if [ -x "$rates" ]; then
    echo
    echo "## Sum of gradients over two processes"
    echo
    echo '```'
    mpirun --oversubscribe -n 2 "$rates"
    echo '```'
  fi
} >"$work/scaling.md"
cp "$work/scaling.md" "$result"
cat "$result"
