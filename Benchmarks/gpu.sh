#!/bin/bash
# Training and correction on a GPU beside the processor of the same machine: do they agree, and how fast are they? Runs in the folder that
# `make gpu-bundle` makes, on a machine with PyTorch. It needs nothing else there, and takes some minutes.
#
#   gpu.sh [--device cuda|cpu] [--events N] [--epochs N] [--threads N] [--output FILE.md]
#
# --device cpu runs all of it without a GPU: the second run of each pair is then on the processor too, with one thread.
# PYTHON names the Python that has torch, numpy and h5py (default: python3); TORCH_LIB the folder of libtorch.so, if PyTorch is not in it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
device=cuda events=60000 epochs=3 threads=$(nproc) output=gpu.md
while [ $# -gt 0 ]; do
  case $1 in
    --device | --events | --epochs | --threads | --output) [ $# -gt 1 ] || { echo "gpu.sh: $1 needs a value" >&2; exit 64; } ;;
  esac
  case $1 in
    --device) device=$2 ;;
    --events) events=$2 ;;
    --epochs) epochs=$2 ;;
    --threads) threads=$2 ;;
    --output) output=$2 ;;
    *) echo "gpu.sh: unknown option $1; known: --device --events --epochs --threads --output" >&2; exit 64 ;;
  esac
  shift 2
done
case $device in cuda | cpu) ;; *) echo "gpu.sh: --device $device; known: cuda, cpu" >&2; exit 64 ;; esac

python=${PYTHON:-python3}
torch=${TORCH_LIB:-$("$python" -c 'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] + "/lib" if s else "")')}
[ -e "$torch/libtorch_cpu.so" ] || {
  echo "gpu.sh: no libtorch_cpu.so in \"$torch\": install PyTorch, or name its folder by TORCH_LIB" >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$here/airshower.tar.gz" -C "$work"
airshower=$work/airshower/airshower
export AIRSHOWER_TABLES=$work/airshower/tables LD_LIBRARY_PATH=$torch${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
# Intel's MKL rounds by where memory lies, unless it is told otherwise.
export MKL_CBWR=${MKL_CBWR:-AUTO,STRICT}

tell() { echo "gpu.sh: $*" >&2; }
tell "$("$airshower" --version | head -1), $events events"
"$airshower" simulate --events "$events" --energy 1:300 --seed 11 --threads "$threads" --quiet --output "$work/events.h5" >/dev/null
"$airshower" reconstruct "$work/events.h5" --threads "$threads" --quiet --output "$work/reco.h5" >/dev/null

# The second run of a pair: on the GPU; without one, on one thread.
second=(--device "$device" --threads "$threads")
[ "$device" = cuda ] || second=(--device cpu --threads 1)
# Seconds of a command.
seconds() {
  local begin end
  begin=$(date +%s.%N)
  "$@" >/dev/null
  end=$(date +%s.%N)
  awk -v b="$begin" -v e="$end" 'BEGIN { print e - b }'
}
# What is missing is told before the long runs.
"$airshower" correct "$work/reco.h5" --network reference --max-events 100 "${second[@]}" --quiet --output "$work/probe.h5" >/dev/null
for network in set grid; do
  for way in first second; do
    [ $way = first ] && where=(--device cpu --threads "$threads") || where=("${second[@]}")
    tell "train $network ${where[*]}"
    "$airshower" train "$work/reco.h5" --spec $network --epochs "$epochs" "${where[@]}" --quiet \
      --history "$work/$network-$way.csv" --output "$work/$network-$way.pt" >/dev/null
    # Both correct with the same network.
    seconds "$airshower" correct "$work/reco.h5" --network "$work/$network-first.pt" --name made "${where[@]}" --quiet \
      --output "$work/$network-$way.h5" >"$work/$network-$way.seconds"
  done
done
status=0
"$python" "$here/gpu.py" "$work" "$device" "$events" "$threads" "$(cat "$work/airshower/built")" >"$output.part" || status=$?
mv "$output.part" "$output"
cat "$output"
exit $status
