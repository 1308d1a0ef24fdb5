#!/bin/bash
# What networks gain and where it comes from: trainings on several simulations, tests on others. Writes Documentation/results/networks.md.
# Usage: Benchmarks/networks.sh [FOLDER]   What is in FOLDER already (default: networks) is not made again; the whole takes some four hours
# on two cores, 20 GB of disk and 1 GB of memory.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
airshower=${AIRSHOWER_BINARY:-$repository/.build/release/airshower}
work=${1:-networks}
export AIRSHOWER_TABLES=$repository/tables
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
  "$airshower" train "${@:2}" --loss gaussian --history "$1.csv" --output "$1.pt" --overwrite --quiet
}

data mix 450000 1002 --variation mix
data nominal 150000 1001
data protons 100000 1003 --primaries H
data iron 100000 1004 --primaries Fe
data epos 100000 1005 --variation epos-lhc
data photons 100000 1006 --primaries photon
data test 60000 21
data test-epos 20000 23 --variation epos-lhc
data test-photons 20000 24 --primaries photon

# The shipped ones; seed 2 beside each headline figure.
trained reference mix.h5 --spec set --epochs 20
trained reference-2 mix.h5 --spec set --epochs 20 --seed 2
trained photons mix.h5 photons.h5 --max-events 200000 --spec set --epochs 12
trained tuned mix.h5 --spec set --base tuned --epochs 12
# About 100,000 training events each, eight epochs.
for spec in event scalars features lecture aixnet grid attention set; do trained "nominal-$spec" nominal.h5 --spec $spec --epochs 8; done
trained nominal-set-2 nominal.h5 --spec set --epochs 8 --seed 2
trained mix-set mix.h5 --max-events 150000 --spec set --epochs 8
trained mix-set-30k mix.h5 --max-events 45000 --spec set --epochs 8
for sample in protons iron epos; do trained "$sample-set" $sample.h5 --spec set --epochs 8; done

# FILE NAME=NETWORK...: all methods on the same events, compared.
compared() {
  local file=$1 options=() pair
  shift
  for pair in "$@"; do options+=(--network "${pair#*=}" --name "${pair%%=*}"); done
  "$airshower" correct "$file.h5" "${options[@]}" --output "$file-c.h5" --overwrite --quiet
  # Of one shower thrown many times, intervals say nothing: every throw counts as a shower.
  [ "$file" != corsika ] || /usr/bin/python3 -c "import h5py; f = h5py.File('corsika-c.h5', 'r+'); f['events/shower_id'][:] = f['events/event_id'][:]"
  "$airshower" compare "$file-c.h5" --output "report-$file" --replicas 500 --overwrite --quiet >"$file.txt"
  rm "$file-c.h5"
}

compared test event=nominal-event.pt scalars=nominal-scalars.pt features=nominal-features.pt lecture=nominal-lecture.pt \
  aixnet=nominal-aixnet.pt grid=nominal-grid.pt attention=nominal-attention.pt set=nominal-set.pt set-2=nominal-set-2.pt \
  protons=protons-set.pt iron=iron-set.pt epos=epos-set.pt mix-30k=mix-set-30k.pt mix=mix-set.pt on-tuned=tuned.pt \
  photons=photons.pt reference-2=reference-2.pt ensemble=reference.pt,reference-2.pt reference=reference.pt
compared test-epos nominal=nominal-set.pt protons=protons-set.pt epos=epos-set.pt mix=mix-set.pt reference=reference.pt
compared test-photons reference=reference.pt photons=photons.pt

for file in "$repository"/tables/variations/*.json; do
  variation=$(basename "$file" .json)
  [ "$variation" = mix ] && continue
  [ -e "world-$variation.txt" ] && continue
  data "world-$variation" 20000 22 --variation "$variation"
  compared "world-$variation" nominal=nominal-set.pt on-tuned=tuned.pt reference=reference.pt
  rm "world-$variation.h5"
done

# Full simulations, where they are at hand: the helium shower of 12.5 EeV, thrown a thousand times.
showers=${CORSIKA_SHOWERS:-$repository/../shared/data/corsika-showers}
helium=$showers/helium-1.25e19eV-17.7deg.dat.zst
if [ -e "$helium" ] && [ ! -e corsika.txt ]; then
  "$airshower" simulate --corsika "$helium" --throws 1000 --output corsika-raw.h5 --overwrite --quiet
  "$airshower" reconstruct corsika-raw.h5 --front tuned --output corsika.h5 --overwrite --quiet
  compared corsika nominal=nominal-set.pt on-tuned=tuned.pt reference=reference.pt
fi

/usr/bin/python3 "$repository/Benchmarks/networks.py" . >"$repository/Documentation/results/networks.md.part"
mv "$repository/Documentation/results/networks.md.part" "$repository/Documentation/results/networks.md"
