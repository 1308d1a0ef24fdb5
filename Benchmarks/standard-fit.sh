#!/bin/bash
# Speed of the standard fit against SciPy, and of reconstruct from file to file on one and two cores.
# Writes Documentation/results/fit-speed.md. Usage: Benchmarks/standard-fit.sh [EVENTS]   (default 20,000)
set -euo pipefail
cd "$(dirname "$0")/.."
events=${1:-20000}
airshower=$PWD/.build/release/airshower
validation=$PWD/.build/benchmarks/release/fit-validation
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
result=Documentation/results/fit-speed.md
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

"$airshower" simulate --events "$events" --energy 1:300 --seed 41 --output "$work/events.h5" --quiet
"$airshower" reconstruct "$work/events.h5" --output "$work/reco.h5" --quiet

# Wall seconds of reconstruct on some cores.
seconds() {
  local cores=$1 threads=$2
  /usr/bin/time -o "$work/time" -f '%e' taskset -c "$cores" "$airshower" reconstruct "$work/events.h5" \
    --output "$work/timed.h5" --overwrite --quiet --threads "$threads"
  cat "$work/time"
}

{
  echo "# Speed of the standard fit"
  echo
  echo "Made by \`make benchmark\` on $(date -u +%Y-%m-%d): $(nproc --all) processors"
  echo "($(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)), simulation seed 41, E^-1 from 1 to 300 EeV, real array."
  echo
  echo "## From prepared stations, one thread"
  echo
  echo "Events as they are: on average $("$validation" size "$work/events.h5" --events 2000) terms of chi2 an event,"
  echo "silent stations among them. CPU time; the fastest of five rounds over 2,000 events."
  echo
  taskset -c 0 "$validation" speed "$work/events.h5" --events 2000 | tee "$work/speed"
  echo
  echo "SciPy fits the same events, with residuals vectorised in numpy. It uses the errors and terms of the"
  echo "last pass, and start values like ours:"
  echo
  taskset -c 0 /usr/bin/python3 Benchmarks/scipy-speed.py "$work/reco.h5" 300 >"$work/scipy" 2>&1
  head -n -1 "$work/scipy" | sed '/^[^ ]/s/^/- /'
  echo
  ours=$(awk -F'|' '/one minimisation/ { print $3 }' "$work/speed")
  tail -1 "$work/scipy" | awk -v ours="$ours" '{
    printf "Ours: %.0f times SciPy with derivatives by differences, %.0f times with the analytic ones.\n", ours / $1, ours / $2 }'
  echo
  echo "## From waveforms in the file to results in the file"
  echo
  echo "Wall time of \`reconstruct\` on $events events, gzip-compressed waveforms in and results out."
  echo
  one=$(seconds 0 1)
  two=$(seconds 0,1 2)
  echo "| cores | seconds | events/s |"
  echo "|---|---|---|"
  awk -v n="$events" -v t="$one" 'BEGIN { printf "| 1 | %.1f | %.0f |\n", t, n / t }'
  awk -v n="$events" -v t="$two" 'BEGIN { printf "| 2 | %.1f | %.0f |\n", t, n / t }'
  echo
  awk -v a="$one" -v b="$two" 'BEGIN { printf "Two cores: %.2f times one.\n", a / b }'
} >"$result.part"
mv "$result.part" "$result"
cat "$result"
