#!/usr/bin/env python3
"""Trains a network of your own in PyTorch and writes it as a network file that `airshower correct` runs.

    airshower train  reco.h5 --spec scalars --epochs 1 --output start.pt
    airshower export reco.h5 --network start.pt --output inputs.h5
    Tools/train-in-python.py inputs.h5 mine.pt
    airshower correct reco.h5 --network mine.pt --output corrected.h5

The first network gives the inputs, their normalisation and the targets; its weights do not matter.
Documentation/networks.md lists the keys of spec.json. Needs Debian's python3-torch and python3-h5py.
"""

import argparse
import json
import math
import re

import h5py
import numpy
import torch
from torch import Tensor, nn


class StationSet(nn.Module):
    """Each station by itself, the mean over the stations of an event, then the event.

    `forward` has the arguments of every network of airshower:
      traces [S, T, 2], stations [S, F], station_cells [S], cells [B * N * N, F], events [B, F];
    S stations with a waveform of B events, station_cells = event * N * N + cell of each.
    It gives [B, targets], or with errors [B, 2 * targets]: ln of the errors behind the targets.
    """

    def __init__(self, station_inputs: int, event_inputs: int, cell_count: int, outputs: int, width: int = 48):
        super().__init__()
        self.cell_count = cell_count
        self.station = nn.Sequential(
            nn.Linear(station_inputs + event_inputs, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()
        )
        self.event = nn.Sequential(
            nn.Linear(width + event_inputs, width), nn.SiLU(), nn.Linear(width, outputs)
        )

    def forward(self, traces: Tensor, stations: Tensor, station_cells: Tensor, cells: Tensor, events: Tensor) -> Tensor:
        owner = torch.div(station_cells, self.cell_count, rounding_mode="floor")
        features = self.station(torch.cat([stations, events.index_select(0, owner)], 1))
        sums = events.new_zeros([events.size(0), features.size(1)]).index_add(0, owner, features)
        counts = events.new_zeros([events.size(0), 1]).index_add(0, owner, features.new_ones([features.size(0), 1]))
        return self.event(torch.cat([sums / counts.clamp(min=1.0), events], 1))


class Events:
    """The export, and batches of its events."""

    def __init__(self, path: str):
        with h5py.File(path) as file:
            self.spec = json.loads(file.attrs["spec.json"])
            self.stations = torch.from_numpy(file["stations"][:])
            self.cells_of_stations = torch.from_numpy(file["station_cells"][:])
            self.events = torch.from_numpy(file["events"][:])
            self.targets = torch.from_numpy(file["targets"][:])
            self.split = file["split"][:]
        self.cell_count = self.spec["spec"]["gridSize"] ** 2
        owner = (self.cells_of_stations // self.cell_count).numpy()
        self.first = numpy.searchsorted(owner, numpy.arange(len(self.events) + 1))

    def batch(self, rows: numpy.ndarray):
        """Arguments of forward for some events, renumbered."""
        ranges = [numpy.arange(self.first[row], self.first[row + 1]) for row in rows]
        stations = numpy.concatenate(ranges) if ranges else numpy.zeros(0, int)
        owner = numpy.repeat(numpy.arange(len(rows)), [len(r) for r in ranges])
        cells = self.cells_of_stations[stations] % self.cell_count + torch.from_numpy(owner) * self.cell_count
        # This network looks at neither traces nor cells.
        empty = torch.zeros(len(stations), 1, 2), torch.zeros(len(rows) * self.cell_count, 1)
        return empty[0], self.stations[stations], cells, empty[1], self.events[rows]


def loss(output: Tensor, target: Tensor, has_errors: bool) -> Tensor:
    if not has_errors:
        return (output - target).square().mean()
    mean, logarithm = output.chunk(2, 1)
    return (0.5 * ((target - mean) * torch.exp(-logarithm)).square() + logarithm).mean()


def combination(output: numpy.ndarray, target: numpy.ndarray, targets: int) -> list:
    """What the outputs for the validation split are worth, and the errors, as `airshower train` fits them."""
    fitted = []
    for column in range(targets):
        out, z = output[:, column], target[:, column]
        errors = numpy.exp(output[:, targets + column]) if output.shape[1] == 2 * targets else numpy.ones(len(out))
        weighted = out / errors
        slope = float(weighted @ (z / errors) / max(weighted @ weighted, 1e-12))
        pull = (z - slope * out) / errors
        error = float(numpy.std(pull) / math.sqrt(max(weighted @ weighted, 1e-12)))
        slope = slope if slope > 2 * error else 0.0
        pull = (z - slope * out) / errors
        fitted.append({
            "slopes": [1, slope, 0, 0], "slopeErrors": [0, error], "variance": [1, 0],
            "logSpread": [float(numpy.log(numpy.quantile(abs(pull), 0.6827)))] + [0] * 5,
            "calibrationSpread": float(numpy.quantile(abs(z), 0.6827)),
        })
    return fitted


def method_name(text):
    """A name as event files allow it for the results of a network."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", text) is None:
        raise argparse.ArgumentTypeError(
            f'{text!r}: letters a-z and A-Z, digits, "_", "-" and "."; the first is a letter; at most 64 characters')
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", help="file of airshower export, of simulated events")
    parser.add_argument("output", help="network file to write")
    parser.add_argument("--name", type=method_name, default="python", help="name of the network and of its results")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--errors", action="store_true", help="predict the errors too (Gaussian likelihood)")
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    random = numpy.random.default_rng(options.seed)
    events = Events(options.inputs)
    targets = events.targets.shape[1]
    outputs = 2 * targets if options.errors else targets
    network = StationSet(events.stations.shape[1], events.events.shape[1], events.cell_count, outputs)
    training, validation = (numpy.flatnonzero(events.split == split) for split in (0, 1))
    if len(training) < 50 or len(validation) < 50:
        raise SystemExit(f"{len(training)} training and {len(validation)} validation events are too few")
    steps = max(1, len(training) // 256)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, options.epochs * steps)
    for epoch in range(options.epochs):
        random.shuffle(training)
        for step in range(steps):
            rows = training[step * 256:(step + 1) * 256]
            error = loss(network(*events.batch(rows)), events.targets[rows], options.errors)
            optimiser.zero_grad()
            error.backward()
            optimiser.step()
            schedule.step()
        with torch.no_grad():
            output = network(*events.batch(validation))
            print(f"epoch {epoch + 1}: loss {loss(output, events.targets[validation], options.errors).item():.4f}")

    spec = events.spec
    spec["spec"]["name"] = options.name
    spec["outputCount"] = outputs
    spec["combination"] = combination(output.numpy(), events.targets[validation].numpy(), targets)
    spec["weightCount"] = sum(parameter.numel() for parameter in network.parameters())
    spec["settings"]["seed"] = options.seed
    # What the first network said of the validation split is not what this one says.
    spec.pop("validation", None)
    scripted = torch.jit.script(network.eval())
    torch.jit.save(scripted, options.output, _extra_files={"spec.json": json.dumps(spec)})
    print(f"{options.output!r}: {spec['weightCount']} weights")


if __name__ == "__main__":
    main()
