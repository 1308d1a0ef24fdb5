#!/usr/bin/env python3
"""A graph network over neighbouring stations, trained in PyTorch and written as a network file of airshower.

    airshower train  reco.h5 --spec attention --epochs 1 --max-events 3000 --output start.pt
    airshower export reco.h5 --network start.pt --output inputs.h5
    Benchmarks/graph_network.py inputs.h5 graph.pt --epochs 6
    airshower correct reco.h5 --network graph.pt --name graph --output corrected.h5

Stations with a waveform are the nodes; those whose cells touch, also at a corner, are joined. Each of three rounds passes
messages along the edges; the mean and the largest values over the nodes and the fit's outputs give the residuals and their
errors (Gaussian likelihood). Needs python3-torch and the folder Python/src on PYTHONPATH.
"""

import argparse
import pathlib
import sys
import time

import numpy as np
import torch
from torch import Tensor, nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Python/src"))
from airshower import NetworkInputs  # noqa: E402


class Round(nn.Module):
    """h_i + MLP(h_i, mean over the neighbours of ReLU(A h_i + B h_j + C place_ij))."""

    def __init__(self, width: int):
        super().__init__()
        self.own, self.other = nn.Linear(width, width), nn.Linear(width, width, bias=False)
        self.place = nn.Linear(2, width, bias=False)
        self.update = nn.Sequential(nn.Linear(2 * width, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, h: Tensor, edge_from: Tensor, edge_to: Tensor, place: Tensor) -> Tensor:
        own, other = self.own(h), self.other(h)
        messages = torch.nn.functional.silu(own.index_select(0, edge_to) + other.index_select(0, edge_from) + self.place(place))
        sums = torch.zeros_like(h).index_add(0, edge_to, messages)
        counts = h.new_zeros([h.size(0), 1]).index_add(0, edge_to, messages.new_ones([messages.size(0), 1]))
        return h + self.update(torch.cat([h, sums / counts.clamp(min=1.0)], 1))


class GraphNetwork(nn.Module):
    """Arguments of forward: Documentation/networks.md."""

    def __init__(self, grid: int, stations: int, events: int, outputs: int, width: int = 64):
        super().__init__()
        self.grid = grid
        self.traces = nn.Sequential(
            nn.Conv1d(2, 16, 8, 4), nn.SiLU(), nn.Conv1d(16, 32, 2, 2), nn.SiLU(), nn.Conv1d(32, 32, 2, 2), nn.SiLU(), nn.Flatten(),
            nn.LazyLinear(24), nn.SiLU(),
        )  # fmt: skip
        self.station = nn.Sequential(nn.Linear(24 + stations + events, width), nn.SiLU())
        self.rounds = nn.ModuleList([Round(width) for _ in range(3)])
        self.event = nn.Sequential(nn.Linear(2 * width + events, 128), nn.SiLU(), nn.Linear(128, 64), nn.SiLU(), nn.Linear(64, outputs))

    def forward(self, traces: Tensor, stations: Tensor, station_cells: Tensor, cells: Tensor, events: Tensor) -> Tensor:
        n = self.grid
        count = events.size(0)
        owner = torch.div(station_cells, n * n, rounding_mode="floor")
        h = self.station(torch.cat([self.traces(traces.transpose(1, 2)), stations, events.index_select(0, owner)], 1))
        # The station in each cell of a frame that is one cell wider on all sides; -1 where there is none.
        cell = station_cells - owner * (n * n)
        row, column = torch.div(cell, n, rounding_mode="floor"), cell % n
        wide = (owner * (n + 2) + row + 1) * (n + 2) + column + 1
        station_in = torch.full([count * (n + 2) * (n + 2)], -1, dtype=torch.long, device=wide.device)
        station_in[wide] = torch.arange(wide.size(0), device=wide.device)
        edge_from, edge_to, places = [], [], []
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                if dx != 0 or dy != 0:
                    neighbour = station_in.index_select(0, wide + dy * (n + 2) + dx)
                    there = torch.nonzero(neighbour >= 0).flatten()
                    edge_to.append(there)
                    edge_from.append(neighbour.index_select(0, there))
                    places.append(torch.tensor([[float(dx), float(dy)]], device=h.device).expand(there.size(0), 2))
        sources, targets, place = torch.cat(edge_from), torch.cat(edge_to), torch.cat(places).to(h.dtype)
        for layer in self.rounds:
            h = layer(h, sources, targets, place)
        sums = h.new_zeros([count, h.size(1)]).index_add(0, owner, h)
        counts = h.new_zeros([count, 1]).index_add(0, owner, h.new_ones([h.size(0), 1]))
        largest = h.new_full([count, h.size(1)], -1e4).scatter_reduce(0, owner.unsqueeze(1).expand_as(h), h, "amax", include_self=True)
        largest = torch.where(counts > 0, largest, torch.zeros_like(largest))
        return self.event(torch.cat([sums / counts.clamp(min=1.0), largest, events], 1))


def gaussian(output: Tensor, target: Tensor) -> Tensor:
    mean, logarithm = output.chunk(2, 1)
    return (0.5 * ((target - mean) * torch.exp(-logarithm)).square() + logarithm).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", help="file of airshower export --network, of simulated events")
    parser.add_argument("output", help="network file to write")
    parser.add_argument("--name", default="graph")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    inputs = NetworkInputs(options.inputs)
    stations, events, targets = inputs.widths
    grid = round(inputs.cell_count**0.5)
    network = GraphNetwork(grid, stations, events, 2 * targets)
    training, validation = inputs.rows("training"), inputs.rows("validation")
    tensors = lambda rows: [torch.from_numpy(np.ascontiguousarray(a)) for a in inputs.select(rows)]
    network(*tensors(training[:8]))
    steps = len(training) // 256
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, options.epochs * steps)

    def outputs(rows):
        with torch.no_grad():
            return torch.cat([network(*tensors(part)) for part in np.array_split(rows, max(1, len(rows) // 1024))])

    for epoch in range(options.epochs):
        random.shuffle(training)
        start = time.time()
        for step in range(steps):
            rows = np.sort(training[step * 256 : (step + 1) * 256])
            error = gaussian(network(*tensors(rows)), torch.from_numpy(inputs.targets[rows]))
            optimiser.zero_grad()
            error.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
        speed = steps * 256 / (time.time() - start)
        loss = gaussian(outputs(validation), torch.from_numpy(inputs.targets[validation]))
        print(f"epoch {epoch + 1}/{options.epochs}: validation {loss.item():.4f}; {speed:.0f} events/s", flush=True)

    weights = sum(parameter.numel() for parameter in network.parameters())
    text = inputs.describe(options.name, outputs(validation).numpy(), weights)
    torch.jit.save(torch.jit.script(network.eval()), options.output, _extra_files={"spec.json": text})
    print(f"{options.output!r}: {weights} weights")


if __name__ == "__main__":
    main()
