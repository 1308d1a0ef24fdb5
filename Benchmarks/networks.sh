#!/bin/bash
# What networks gain: with more events, from other simulations, and with systematic variations. Writes Documentation/results/networks.md.
# Usage: Benchmarks/networks.sh [FOLDER]   What is in FOLDER already (default: networks) is not made again; the whole takes some 40 minutes
# on two cores, 6 GB of disk and 1 GB of memory. architectures.sh compares architectures.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
airshower=${AIRSHOWER_BINARY:-$repository/.build/release/airshower}
work=${1:-networks}
export AIRSHOWER_TABLES=$repository/tables
shipped=$AIRSHOWER_TABLES/networks
mkdir -p "$work"
cd "$work"

# NAME EVENTS SEED OPTIONS: simulated and reconstructed events, with the standard and the tuned front.
data() {
  [ -e "$1.h5" ] && return
  "$airshower" simulate --events "$2" --energy 1:300 --seed "$3" "${@:4}" --output "$1-raw.h5" --overwrite --quiet
  "$airshower" reconstruct "$1-raw.h5" --front tuned --output "$1.h5.new" --overwrite --quiet
  rm "$1-raw.h5"
  mv "$1.h5.new" "$1.h5"
}

# NAME OPTIONS: a trained network with its learning curve.
trained() {
  [ -e "$1.pt" ] && return
  echo "training $1" >&2
  "$airshower" train "${@:2}" --spec graph --epochs 6 --history "$1.csv" --output "$1.pt" --overwrite --quiet
}

data mix 300000 1012 --variation mix
data nominal 100000 1001
data epos 100000 1005 --variation epos-lhc
data test 40000 21
data test-epos 10000 23 --variation epos-lhc
data test-photons 10000 24 --primaries photon

trained mix-30k mix.h5 --max-events 30000
trained mix-100k mix.h5 --max-events 100000
trained mix-300k mix.h5
trained mix-300k-2 mix.h5 --seed 2
trained tuned mix.h5 --max-events 100000 --base tuned
for sample in nominal epos; do trained $sample $sample.h5; done
trained nominal-2 nominal.h5 --seed 2

# FILE NAME=NETWORK...: all methods on the same events, compared.
compared() {
  local file=$1 options=() pair
  shift
  for pair in "$@"; do options+=(--network "${pair#*=}" --name "${pair%%=*}"); done
  "$airshower" correct "$file.h5" "${options[@]}" --output "$file-c.h5" --overwrite --quiet
  "$airshower" compare "$file-c.h5" --output "report-$file" --replicas 500 --figures none --overwrite --quiet >"$file.txt"
  rm "$file-c.h5"
}

compared test nominal=nominal.pt nominal-2=nominal-2.pt epos=epos.pt mix-30k=mix-30k.pt \
  mix-100k=mix-100k.pt mix-300k=mix-300k.pt mix-300k-2=mix-300k-2.pt on-tuned=tuned.pt ensemble=mix-300k.pt,mix-300k-2.pt \
  photons="$shipped/photons.pt" reference="$shipped/reference.pt"
compared test-epos nominal=nominal.pt epos=epos.pt mix-100k=mix-100k.pt reference="$shipped/reference.pt"
compared test-photons reference="$shipped/reference.pt" photons="$shipped/photons.pt"

for file in "$repository"/tables/variations/*.json; do
  variation=$(basename "$file" .json)
  [ "$variation" = mix ] && continue
  [ -e "world-$variation.txt" ] && continue
  data "world-$variation" 10000 22 --variation "$variation"
  compared "world-$variation" nominal=nominal.pt on-tuned=tuned.pt reference="$shipped/reference.pt"
  rm "world-$variation.h5"
done

/usr/bin/python3 "$repository/Benchmarks/networks.py" . >"$repository/Documentation/results/networks.md.part"
mv "$repository/Documentation/results/networks.md.part" "$repository/Documentation/results/networks.md"
