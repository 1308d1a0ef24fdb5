#!/bin/bash
# Training and inference of networks, ours beside PyTorch and Keras from Python, all on one processor, into
# Documentation/results/network-speed.md. About eight minutes; nothing else may run meanwhile.
#
#   Benchmarks/network-speed.sh [RECONSTRUCTED.h5]    makes 12,000 events without a file
#
# Debian's PyTorch is the libtorch that airshower uses. Today's PyTorch and Keras are installed into .venv/ when TORCH_PYTHON and
# KERAS_PYTHON do not name a Python that has them (600 MB from pypi.org and pytorch.org).
set -euo pipefail
cd "$(dirname "$0")/.."
program=.build/release/airshower
networks=${NETWORKS:-grid set}
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

. Benchmarks/environment.sh
torch=${TORCH_PYTHON:-$(environment torch torch==2.13.0+cpu numpy --extra-index-url https://download.pytorch.org/whl/cpu)}
keras=${KERAS_PYTHON:-$(environment keras keras==3.15.1 tensorflow-cpu==2.21.0)}

events=${1:-}
if [ -z "$events" ]; then
  $program simulate --events 12000 --energy 1:300 --seed 11 --quiet --output "$folder/events.h5"
  events=$folder/reco.h5
  $program reconstruct "$folder/events.h5" --quiet --output "$events"
fi
one() { taskset -c 0 "$@"; }
# The name of OpenBLAS's kernels.
blas() {
  /usr/bin/python3 -c 'import ctypes, glob
library = ctypes.CDLL(glob.glob("/usr/lib/*/openblas-pthread/libopenblas.so.0")[0])
library.openblas_get_corename.restype = ctypes.c_char_p
print(library.openblas_get_corename().decode())'
}

# The kernels that OpenBLAS chooses for this processor, and those that the environment asks for, if it does.
kernels=(chosen ${OPENBLAS_CORETYPE:+"$OPENBLAS_CORETYPE"})
rows=
for kernel in "${kernels[@]}"; do
  if [ "$kernel" = chosen ]; then unset OPENBLAS_CORETYPE; else export OPENBLAS_CORETYPE=$kernel; fi
  rows+="| *OpenBLAS: $(blas)* | | | | | | |"$'\n'
  for network in $networks; do
    echo "network-speed.sh: $network, kernels $kernel" >&2
    weights=$folder/$network.pt
    one $program train "$events" --max-events 12000 --spec "$network" --epochs 4 --threads 1 --quiet \
      --history "$folder/$network.csv" --output "$weights" --overwrite
    $program export "$events" --network "$weights" --max-events 2000 --quiet --overwrite --output "$folder/inputs.h5"
    /usr/bin/python3 Benchmarks/network-speed.py export "$weights" "$folder/$network.npz"
    one /usr/bin/python3 Benchmarks/network-speed.py measure "$weights" >"$folder/debian.txt"
    one "$torch" Benchmarks/network-speed.py measure "$weights" >"$folder/torch.txt"
    one "$keras" Benchmarks/keras-speed.py "$folder/$network.npz" 2>/dev/null >"$folder/keras.txt"
    rows+=$(/usr/bin/python3 Benchmarks/network-speed.py table "$weights" "$folder/$network.csv" "$folder/inputs.h5" \
      "$folder"/{debian,torch,keras}.txt)$'\n'
  done
done
agreement=$(/usr/bin/python3 Benchmarks/network-agreement.py "$folder"/*.pt)
report=Documentation/results/network-speed.md
version() { sed -n 's/^version //p' "$folder/$1.txt"; }
cat > "$report.part" <<END
# Speed of networks

Made by \`Benchmarks/network-speed.sh\` on $(date -u +%Y-%m-%d), on one of $(nproc --all) cores of
$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1) (\`taskset -c 0\`).
The table has events a second in float32. In brackets: speed of ours relative to the other program.

- Ours: \`airshower train\` on simulated events from 1 EeV on, with batches of 256. The time includes
  everything of an epoch (batches made from compact images, symmetries, optimiser). The fastest of
  four epochs counts.
- The others: the same network with the same weights, written with the layers of PyTorch
  (\`Benchmarks/eager_network.py\`) and of Keras (\`Benchmarks/keras-speed.py\`). Keras uses \`fit\` and
  \`predict\`, with or without XLA, whichever is faster. The networks are dense over the grid of 6 x 6
  stations, as users of these libraries write them. Inputs are ready in memory. The fastest 5,120
  events in 6 s count.
- Of sgemm: the arithmetic that ours needs, relative to a product of matrices with 1536 rows in the
  same time, by the fastest library here. Training counts three times inference. The stations of the
  events are in the comments of this page.

| network | | ours | $(version debian) (Debian) | $(version torch) (pip) | $(version keras) (pip) | of sgemm |
|---|---|---|---|---|---|---|
$rows
Largest difference of the outputs on the same weights, relative to the largest output:

\`\`\`
$agreement
keras $(sed -n 's/^difference //p' "$folder/keras.txt")
\`\`\`
END
mv "$report.part" "$report"
cat "$report"
