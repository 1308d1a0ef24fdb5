"""Training and inference of a network in PyTorch, dense over the grid, beside what `airshower train` reached.

    network-speed.py NETWORK.pt HISTORY.csv [SECONDS]

One thread. HISTORY.csv is from the same machine and run; prints rows of a Markdown table.
"""

import csv
import sys
import time

import torch

from eager_network import EagerNetwork, random_inputs

torch.set_num_threads(1)
path, history = sys.argv[1:3]
seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 8
batch = 256


def rate(step):
    """Events a second of a step of one batch, after a second of running in."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < 1:
        step()
    steps, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        step()
        steps += 1
    return batch * steps / (time.perf_counter() - begin)


def peak():
    """Operations a second of a product of matrices."""
    a, b = torch.randn(1536, 1536), torch.randn(1536, 1536)
    torch.mm(a, b)
    best = 0
    for _ in range(8):
        begin = time.perf_counter()
        torch.mm(a, b)
        best = max(best, 2 * 1536**3 / (time.perf_counter() - begin))
    return best


network, script, metadata = EagerNetwork.read(path)
stations = round(float(sys.argv[4])) if len(sys.argv) > 4 else 11
sparse, dense = random_inputs(network, metadata, batch=batch, stations=stations)
targets = torch.randn(batch, len(metadata["spec"]["targets"]))
optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4)


def train():
    optimiser.zero_grad()
    torch.nn.functional.mse_loss(network(*dense), targets).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5)
    optimiser.step()


def infer():
    with torch.no_grad():
        network(*dense)


theirs = {"training": rate(train), "inference": rate(infer)}
with open(history) as file:
    rows = list(csv.DictReader(file))
ours = {
    "training": max(float(row["events_per_second"]) for row in rows),
    "inference": max(float(row["validation_events_per_second"]) for row in rows),
}
operations = network.operations
part = stations / metadata["spec"]["gridSize"] ** 2
forward = sum(
    value * (part if stage in ("encoder", "stations") else 1) for stage, value in operations.items())
best = peak()
for kind, factor in (("training", 3), ("inference", 1)):
    fraction = 100 * factor * forward * ours[kind] / best
    print(
        f"| {metadata['spec']['name']} | {kind} | {ours[kind]:.0f} | {theirs[kind]:.0f} | "
        f"{ours[kind] / theirs[kind]:.1f} | {fraction:.0f} % |")
print(
    f"<!-- {metadata['spec']['name']}: {forward / 1e6:.2f} Mflop an event forward with {stations} stations, "
    f"{sum(operations.values()) / 1e6:.2f} dense; sgemm {best / 1e9:.0f} Gflop/s; PyTorch {torch.__version__} -->")
