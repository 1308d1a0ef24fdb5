#!/bin/bash
# Coverage-guided fuzzing (libFuzzer) of the parsers in ShowerModel, and the check of event files under the sanitisers for
# addresses and undefined behaviour. Usage: Tests/fuzz/libfuzzer.sh [SECONDS] (default: 600)
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
build=.build/fuzz
mkdir -p $build/corpus
tables=$PWD/tables

# The seeds: a byte that chooses the parser, and a good file.
seed() {
  { printf '%b' "\\x0$1"; head -c 20000 "$2"; } >"$build/corpus/$1-$(basename "$2")"
}
printf 'event,id,x,y,z,t,signal\n1,1,0,0,0,100,12.5\n1,2,1200,0,1.5,-900.5,30\n' >$build/lists.csv
printf '[{"event":1,"stations":[{"id":1,"x":0,"y":0,"z":0,"t":1,"signal":2}]}]' >$build/lists.json
seed 0 $build/lists.csv
seed 0 $build/lists.json
for file in "$tables"/arrays/*.csv; do seed 1 "$file"; done
for file in "$tables"/detectors/*.csv; do seed 2 "$file"; done
for file in "$tables"/selections/*.json; do seed 3 "$file"; done
for file in "$tables"/fronts/*.json; do seed 4 "$file"; done
mapfile -t sources < <(find Sources/ShowerModel -name '*.swift' | sort)
if [ ! -e $build/text ] || [ -n "$(find Sources/ShowerModel Tests/fuzz/TextParsers.swift -newer $build/text -name '*.swift')" ]; then
  swiftc -O -swift-version 6 -parse-as-library -package-name airshower -module-name Fuzzing -sanitize=fuzzer \
    "${sources[@]}" Tests/fuzz/TextParsers.swift -o $build/text
fi
$build/text -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=24000 -print_final_stats=1 \
  -artifact_prefix=$build/ $build/corpus 2>&1 | tail -n 12

# The check of event files, which reads what HDF5 gives it: faults in HDF5 itself are its business, ours are not.
clang -g -O1 -std=gnu11 -fsanitize=address,undefined -fno-sanitize-recover=undefined $(pkg-config --cflags hdf5) \
  -ISources/CEventFileCheck/include Tests/fuzz/check_event_file.c Sources/CEventFileCheck/EventFileCheck.c \
  $(pkg-config --libs hdf5) -o $build/check
for file in Fixtures/damaged/*.h5 Fixtures/ShowerStore/*.h5 Fixtures/dst/*.h5; do
  ASAN_OPTIONS=detect_leaks=0 $build/check "$file" 2>$build/said || true
  if grep -q "runtime error\|EventFileCheck.c:" $build/said; then
    cat $build/said
    exit 1
  fi
done
echo "check of event files: clean under the sanitisers for addresses and undefined behaviour"
