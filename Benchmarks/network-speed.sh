#!/bin/bash
# Training and inference of networks, ours beside PyTorch from Python on one thread, into
# Documentation/results/network-speed.md. About three minutes; nothing else may run meanwhile.
#
#   Benchmarks/network-speed.sh [RECONSTRUCTED.h5]    makes 12,000 events without a file
set -eu
cd "$(dirname "$0")/.."
program=.build/release/airshower
python=${PYTHON:-/usr/bin/python3}
networks=${NETWORKS:-grid set}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
events=${1:-}
if [ -z "$events" ]; then
  $program simulate --events 12000 --energy 1:300 --seed 11 --quiet --output "$folder/events.h5"
  events=$folder/reco.h5
  $program reconstruct "$folder/events.h5" --quiet --output "$events"
fi
report=Documentation/results/network-speed.md
rows=
for network in $networks; do
  $program train "$events" --max-events 12000 --spec "$network" --epochs 3 --threads 1 --quiet \
    --history "$folder/$network.csv" --output "$folder/$network.pt"
  rows+=$(OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 "$python" Benchmarks/network-speed.py \
    "$folder/$network.pt" "$folder/$network.csv" 6)$'\n'
done
agreement=$("$python" Benchmarks/network-agreement.py "$folder"/*.pt)
cat > "$report.part" <<END
# Speed of networks

\`Benchmarks/network-speed.sh\`, $(date -u +%Y-%m-%d), $(nproc) cores of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1).
Events a second on one thread, batches of 256 (validation: 512), float32. Ours: \`airshower train\` on simulated events from 1 EeV on, everything
of an epoch included (batches made from compact images, symmetries, optimiser); the best of three epochs. PyTorch: the same network
written with its own layers, dense over the grid of 6 x 6 stations, inputs ready in memory (\`Benchmarks/eager_network.py\`). The last
column is the arithmetic that ours has to do (11 stations an event; training three times inference) over that of a product of matrices
with 1536 rows in the same time.

| network | | ours | PyTorch | ratio | of sgemm |
|---|---|---|---|---|---|
$rows
Largest difference of the outputs on the same weights, relative to the largest output:

\`\`\`
$agreement
\`\`\`
END
mv "$report.part" "$report"
cat "$report"
