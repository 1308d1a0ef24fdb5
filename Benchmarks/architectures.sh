#!/bin/bash
# Networks of all architectures with one budget on the same events, ranked. Writes Documentation/results/architectures.md.
# Usage: Benchmarks/architectures.sh [FOLDER [EVENTS [EPOCHS]]]   (architectures, 80,000, 6)
#
# What is in FOLDER already is not made again. Every other network file NAME.pt in FOLDER takes part. So two commands enter one:
#   airshower train FOLDER/training.h5 --spec mine.json --loss gaussian --epochs 6 --output FOLDER/mine.pt
#   Benchmarks/architectures.sh FOLDER
# A network made in PyTorch learns from FOLDER/inputs.h5 (Benchmarks/graph_network.py is an example).
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
airshower=${AIRSHOWER_BINARY:-$repository/.build/release/airshower}
work=${1:-architectures} events=${2:-80000} epochs=${3:-6}
export AIRSHOWER_TABLES=$repository/tables
mkdir -p "$work"
cd "$work"

# NAME EVENTS SEED: reconstructed events, every shower with systematic variations of its own.
data() {
  [ -e "$1.h5" ] && return
  "$airshower" simulate --events "$2" --energy 1:300 --seed "$3" --variation mix --output "$1-raw.h5" --overwrite --quiet
  "$airshower" reconstruct "$1-raw.h5" --front tuned --output "$1.h5.new" --overwrite --quiet
  rm "$1-raw.h5"
  mv "$1.h5.new" "$1.h5"
}
data training "$events" 1101
data test 20000 1102

for spec in event scalars features lecture aixnet grid attention set graph; do
  [ -e $spec.pt ] && continue
  echo "training $spec" >&2
  "$airshower" train training.h5 --spec $spec --loss gaussian --epochs "$epochs" --history $spec.csv --output $spec.pt --overwrite --quiet
done
if [ ! -e graph-pytorch.pt ]; then
  echo "training graph-pytorch" >&2
  # The first network gives the inputs alone.
  [ -e inputs.h5 ] || { "$airshower" train training.h5 --spec attention --epochs 1 --max-events 3000 --output start.part --overwrite --quiet
    "$airshower" export training.h5 --network start.part --output inputs.h5 --overwrite --quiet
    rm start.part; }
  /usr/bin/python3 "$repository/Benchmarks/graph_network.py" inputs.h5 graph-pytorch.pt.part --epochs "$epochs" | tee graph-pytorch.log >&2
  mv graph-pytorch.pt.part graph-pytorch.pt
fi

options=()
for network in *.pt; do options+=(--network "$network" --name "${network%.pt}"); done
"$airshower" correct test.h5 "${options[@]}" --output test-corrected.h5 --overwrite --quiet
"$airshower" compare test-corrected.h5 --replicas 1000 --figures none --output report --overwrite --quiet >report.txt
rm test-corrected.h5
/usr/bin/python3 "$repository/Benchmarks/architectures.py" . "$events" "$epochs" >"$repository/Documentation/results/architectures.md.part"
mv "$repository/Documentation/results/architectures.md.part" "$repository/Documentation/results/architectures.md"
