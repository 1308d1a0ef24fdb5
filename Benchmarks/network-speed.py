"""Training and inference of a network in PyTorch, dense over the grid, beside what `airshower train` reached.

    network-speed.py measure NETWORK.pt [SECONDS]         in the PyTorch of this Python: `training EVENTS/S`, ...
    network-speed.py export NETWORK.pt FILE.npz           weights, inputs and outputs, for keras-speed.py
    network-speed.py table NETWORK.pt HISTORY.csv INPUTS.h5 MEASURED...   rows of a Markdown table

One thread. INPUTS.h5 (`airshower export`) tells how many stations an event of ours has. HISTORY.csv and the files MEASURED (what `measure` and keras-speed.py printed) are from the same machine and run.
"""

import csv
import json
import sys
import time

import torch

from eager_network import EagerNetwork, operations_forward, random_inputs, sgemm

torch.set_num_threads(1)
batch, stations = 256, 11


def rate(step, seconds):
    """Events a second of the fastest twenty batches in a row, after a second of running in."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < 1:
        step()
    best, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        for _ in range(20):
            step()
        best = max(best, 20 * batch / (time.perf_counter() - start))
    return best


def measure(path, seconds=6):
    network, _, metadata = EagerNetwork.read(path)
    _, dense = random_inputs(network, metadata, batch=batch, stations=stations)
    with torch.no_grad():
        targets = torch.randn(network(*dense).shape)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4)

    def train():
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(network(*dense), targets).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimiser.step()

    def infer():
        with torch.no_grad():
            network(*dense)

    print(f"training {rate(train, float(seconds)):.0f}")
    print(f"inference {rate(infer, float(seconds)):.0f}")
    print(f"version PyTorch {torch.__version__}")
    print(f"sgemm {sgemm():.4g}")


def export(path, output):
    import numpy

    network, _, metadata = EagerNetwork.read(path)
    _, dense = random_inputs(network, metadata, batch=batch, stations=stations)
    with torch.no_grad():
        outputs = network(*dense)
    numpy.savez(
        output, spec=json.dumps(metadata["spec"]), outputs=outputs.numpy(),
        **{f"weight/{name}": value.detach().numpy() for name, value in network.weights.items()},
        **{f"input/{index}": value.numpy() for index, value in enumerate(dense)})


def measured(path):
    with open(path) as file:
        return dict(line.rstrip("\n").split(" ", 1) for line in file)


def table(path, history, inputs, *others):
    forward, dense, ours_stations = operations_forward(path, inputs)
    _, _, metadata = EagerNetwork.read(path)
    with open(history) as file:
        rows = list(csv.DictReader(file))
    ours = {
        "training": max(float(row["events_per_second"]) for row in rows),
        "inference": max(float(row["validation_events_per_second"]) for row in rows),
    }
    name = metadata["spec"]["name"]
    others = [measured(path) for path in others]
    best = max(float(other.get("sgemm", 0)) for other in others)
    for kind, factor in (("training", 3), ("inference", 1)):
        cells = [f"{float(other[kind]):.0f} (**{ours[kind] / float(other[kind]):.1f}**)" for other in others]
        fraction = 100 * factor * forward * ours[kind] / best
        print(f"| {name} | {kind} | {ours[kind]:.0f} | " + " | ".join(cells) + f" | {fraction:.0f} % |")
    print(
        f"<!-- {name}: {forward / 1e6:.2f} Mflop an event forward with {ours_stations:.1f} stations, "
        f"{dense / 1e6:.2f} dense; sgemm {best / 1e9:.0f} Gflop/s -->")


{"measure": measure, "export": export, "table": table}[sys.argv[1]](*sys.argv[2:])
