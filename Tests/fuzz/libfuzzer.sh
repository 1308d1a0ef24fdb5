#!/bin/bash
# Coverage-guided fuzzing (libFuzzer) of our own parsers, and the check of event files under the sanitisers for addresses and
# undefined behaviour. Usage: Tests/fuzz/libfuzzer.sh [SECONDS of each parser (default: 600)] [PARSER ...]
#
# Writes Documentation/results/fuzz-parsers.md, which keeps the rows of parsers that this run leaves out, with their days.
# An input that crashes stays in .build/fuzzing.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
shift || true
all="stations array response cuts front condition energy-table settings specification escapes foreign corsika"
parsers=${*:-$all}
build=.build/fuzzing
export AIRSHOWER_FUZZING=1
swift build -c release --product Fuzzing --sanitize fuzzer --scratch-path $build 2>&1 | grep -v '^\[' >&2

# seed PARSER FILE: a good input, unpacked and cut to a length that libFuzzer changes fast.
seed() {
  local name
  name=$build/corpus/$1/$(basename "$2")
  case $2 in
    *.gz) gzip -dc "$2" ;;
    *.bz2) bzip2 -dc "$2" ;;
    *.zst) zstd -dc "$2" ;;
    *) cat "$2" ;;
  esac | head -c 60000 >"$name" || true
}
for parser in $all; do mkdir -p $build/corpus/"$parser"; done
printf 'event,id,x,y,z,t,signal\n1,1,0,0,0,100,12.5\n1,2,1200,0,1.5,-900.5,30\n' >$build/corpus/stations/lists.csv
printf '[{"event":1,"stations":[{"id":1,"x":0,"y":0,"z":0,"t":1,"signal":2}]}]' >$build/corpus/stations/lists.json
printf 'energy > 10 and (zenith < 45 or not stations >= 5.5)' >$build/corpus/condition/seed
printf 'a\033[31m\342\200\256"\\,\n=1' >$build/corpus/escapes/seed
for file in tables/arrays/*.csv; do seed array "$file"; done
for file in tables/detectors/*.csv; do seed response "$file"; done
for file in tables/selections/*.json; do seed cuts "$file"; done
for file in tables/fronts/*.json; do seed front "$file"; done
for file in tables/energy/*.csv; do seed energy-table "$file"; done
for file in tables/variations/*.json; do seed settings "$file"; done
for file in tables/networks/*.json; do seed specification "$file"; done
for file in Fixtures/dst/*.dst.* Fixtures/dst/*.txt.gz; do seed foreign "$file"; done
for file in Fixtures/corsika/*.zst; do seed corsika "$file"; done

# fuzz PARSER: runs it, and leaves its row of the table beside its log.
fuzz() {
  local parser=$1 log=$build/$1.log runs slowest coverage
  echo "$parser: $seconds s" >&2
  AIRSHOWER_PARSER=$parser $build/release/Fuzzing -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
    -max_len=60000 -print_final_stats=1 -artifact_prefix=$build/"$parser"- $build/corpus/"$parser" >"$log" 2>&1 || {
    tail -n 40 "$log"
    return 255
  }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  slowest=$(sed -n 's/^stat::slowest_unit_time_sec: *//p' "$log")
  coverage=$(grep -o 'cov: [0-9]*' "$log" | sed -n '1s/cov: //p;$s/cov: /, /p' | tr -d '\n')
  echo "| $parser | $(date +%F) | $seconds | $runs | ${coverage/, / to } | 0 | 0 | $slowest |" >$build/"$parser".row
}
export -f fuzz
export build seconds
# One parser for each processor at a time; 255 ends them all.
printf '%s\n' $parsers | xargs -P "$(nproc)" -I PARSER bash -c 'fuzz PARSER'

# The check of event files, which reads what HDF5 gives it: faults in HDF5 itself are its business, ours are not.
clang -g -O1 -std=gnu11 -fsanitize=address,undefined -fno-sanitize-recover=undefined $(pkg-config --cflags hdf5) \
  -ISources/CEventFileCheck/include Tests/fuzz/check_event_file.c Sources/CEventFileCheck/EventFileCheck.c \
  $(pkg-config --libs hdf5) -o $build/check
mkdir -p $build/events
/usr/bin/python3 -W ignore - $build/events <<'MAKE'
import sys
sys.path.insert(0, "Tests/fuzz")
import event_files
base = event_files.Base("Fixtures/damaged/valid-20.h5")
for number in range(1000):
    base.mutate(number, 1, f"{sys.argv[1]}/{number}.h5")
MAKE
checked=0
for file in Fixtures/damaged/*.h5 Fixtures/ShowerStore/*.h5 Fixtures/dst/*.h5 $build/events/*.h5; do
  ASAN_OPTIONS=detect_leaks=0 $build/check "$file" 2>$build/said || true
  if grep -q "runtime error\|EventFileCheck.c:" $build/said; then
    cat $build/said
    exit 1
  fi
  checked=$((checked + 1))
done
echo "check of event files: $checked files clean under the sanitisers for addresses and undefined behaviour" >&2

# row PARSER: that of this run, or the one that the page has.
page=Documentation/results/fuzz-parsers.md
row() {
  case " $parsers " in
    *" $1 "*) cat $build/"$1".row ;;
    *) grep "^| $1 |" $page || echo "| $1 | not yet | | | | | | |" ;;
  esac
}
cat >$build/page.md <<PAGE
# Parsers under libFuzzer

\`Tests/fuzz/libfuzzer.sh SECONDS PARSER ...\` makes the rows of the parsers that it is told, by
default all. libFuzzer changes good inputs so that they reach ever more branches of our code.
"Branches" are those at the begin and at the end. "Slowest" is one input.

| parser | day | time [s] | inputs | branches | crashes | hangs (10 s) | slowest [s] |
|---|---|---|---|---|---|---|---|
$(for parser in $all; do row "$parser"; done)

The C code that checks event files ran under the sanitisers for addresses and undefined behaviour
on $checked files, good, damaged and mutated: nothing found.
PAGE
mv $build/page.md $page
