#!/bin/bash
# Trains the shipped networks again: reference, lecture, photons. Usage: Tools/train-networks.sh [FOLDER [EVENTS]]   (reference, 3,000,000)
#
# E^-1 from 1 to 300 EeV, H:He:N:Fe 1:1:1:1, zenith below 45 degrees, every shower with systematic variations of its own
# (--variation mix). Events are made in shards of 100,000. What is in FOLDER already is not made again, and training goes on
# from its checkpoint: run it again after an interruption, on this machine or, with FOLDER copied, on another one.
# Three million events take some two hours on two cores, 55 GB of disk and 2 GB of memory.
set -euo pipefail
cd "$(dirname "$0")/.."
work=${1:-reference} events=${2:-3000000}
airshower=${AIRSHOWER_BINARY:-$PWD/.build/release/airshower}
shards=$(((events + 99999) / 100000))
mkdir -p "$work"

# made NAME OPTION...: simulates and reconstructs events, unless they are there.
made() {
  local name=$work/$1
  shift
  [ -e "$name.h5" ] && return
  "$airshower" simulate "$@" --energy 1:300 --output "$name-raw.h5" --overwrite --quiet
  "$airshower" reconstruct "$name-raw.h5" --output "$name.h5" --overwrite --quiet
  rm "$name-raw.h5"
  echo "made $name.h5" >&2
}

# trained NAME OPTION...: trains a network.
trained() {
  local name=$1
  shift
  [ -e "$work/$name.pt" ] && return
  "$airshower" train "$@" --history "$work/$name.csv" --output "$work/$name.pt" --resume
}

mixed=()
for shard in $(seq "$shards"); do
  made "mix-$shard" --events "$events" --shard "$shard/$shards" --seed 1002 --variation mix
  mixed+=("$work/mix-$shard.h5")
done
made photons --events 60000 --seed 1006 --primaries photon

trained reference "${mixed[@]}" --spec graph --epochs 6
trained lecture "${mixed[@]:0:2}" --spec lecture --loss gaussian --epochs 10
trained photons "${mixed[@]:0:2}" "$work/photons.h5" --max-events 160000 --spec set --epochs 8
for name in reference lecture photons; do cp "$work/$name.pt" "tables/networks/$name.pt"; done
