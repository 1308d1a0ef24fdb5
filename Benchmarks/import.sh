#!/bin/bash
# Documentation/results/import.md: events of DST files through the chain, beside what the experiment's own programs make of
# them; speed and memory of the import. DATA is a folder with events.dst.gz and results.csv.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:?the folder with events.dst.gz and results.csv}
airshower=${AIRSHOWER_BINARY:-.build/release/airshower}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 Benchmarks/import-table.py "$data/results.csv" "$work"
"$airshower" import "$data/events.dst.gz" --array Fixtures/arrays/telescope-array-sphere.csv \
  --results "published=$work/published.csv" --results "combined=$work/combined.csv" \
  --results "nuf=$work/nuf.csv" --output "$work/events.h5" --quiet
"$airshower" reconstruct "$work/events.h5" --output "$work/reco.h5" --quiet
"$airshower" correct "$work/reco.h5" --network reference --output "$work/corrected.h5" --quiet
"$airshower" compare "$work/corrected.h5" --output "$work/report" --quiet
"$airshower" export "$work/corrected.h5" --format csv --output "$work/table.csv" --quiet
zcat "$data/events.dst.gz" > "$work/plain.dst"
cp "$data/events.dst.gz" "$work/packed.dst.gz"
bzip2 -k "$work/plain.dst"
bytes=$(stat -c %s "$work/plain.dst")
# measure NAME BYTES FILE...: processor time [s] and memory [kB] of an import on one thread.
measure() {
  local name=$1 count=$2
  shift 2
  cat "$@" > /dev/null
  /usr/bin/time -f "%U %S %M" -o "$work/time" \
    "$airshower" import "$@" --threads 1 --output "$work/speed.h5" --overwrite --quiet
  echo "$name $count $(cat "$work/time")" >> "$work/speed.txt"
}
plain=$work/plain.dst
measure plain "$bytes" "$plain"
measure gzip "$bytes" "$work/packed.dst.gz"
measure bzip2 "$bytes" "$work/plain.dst.bz2"
measure four $((4 * bytes)) "$plain" "$plain" "$plain" "$plain"
/usr/bin/python3 Benchmarks/import-page.py "$work" "$data/results.csv" > Documentation/results/import.md.part
mv Documentation/results/import.md.part Documentation/results/import.md
