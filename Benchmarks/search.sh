#!/bin/bash
# Twenty trials of Tools/search.py with a small network and 10,000 events, into Documentation/results/search.md. Some minutes on two cores.
# Usage: Benchmarks/search.sh [RECONSTRUCTED.h5]    SEARCH_PYTHON names a Python with optuna and matplotlib; without, .venv/search gets them.
set -euo pipefail
cd "$(dirname "$0")/.."
airshower=${AIRSHOWER_BINARY:-$PWD/.build/release/airshower}
. Benchmarks/environment.sh
python=${SEARCH_PYTHON:-$(environment search optuna matplotlib)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
events=${1:-}
if [ -z "$events" ]; then
  "$airshower" simulate --events 10000 --energy 1:300 --seed 61 --quiet --output "$work/events.h5"
  events=$work/reco.h5
  "$airshower" reconstruct "$work/events.h5" --quiet --output "$events" >/dev/null
fi
begin=$SECONDS
# Two workers that share the trials.
for worker in 1 2; do
  OPENBLAS_NUM_THREADS=1 "$python" Tools/search.py "$events" --template Tools/search-small.json --trials 20 --epochs 8 \
    --sampler-seed $worker --airshower "$airshower" --output "$work/search" >&2 &
done
wait
seconds=$((SECONDS - begin))
results=Documentation/results
rm -rf "$results/search"
mkdir -p "$results/search"
cp "$work"/search/{*.png,best.json,trials.csv} "$results/search/"
{
  echo "# A search"
  echo
  echo "Made by \`Benchmarks/search.sh\` on $(date -u +%Y-%m-%d): two workers, 20 trials in $seconds seconds"
  echo "on $(nproc) processors ($(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo))."
  echo "The second worker may add a trial that it had begun. The result of two workers depends on which one"
  echo "is first."
  sed -e 1d -e "s|$work/||g" -e 's|](\([a-z]*\.png\))|](search/\1)|' "$work/search/report.md"
} >"$results/search.md"
