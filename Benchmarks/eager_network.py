"""The networks of `tables/networks` written again as a PyTorch user would: eager, dense over the grid.

Every one of the N x N cells has a waveform here, zeros where no station was hit, and convolutions are convolutions.
`airshower` computes the same function on the stations that were hit alone. Nothing is taken from its programs but
names and values of the weights.
"""

import json
import math
import time

import torch
import torch.nn.functional as F


class EagerNetwork(torch.nn.Module):
    def __init__(self, spec, weights):
        super().__init__()
        self.spec = spec
        self.weights = torch.nn.ParameterDict(
            {name: torch.nn.Parameter(value.detach().clone()) for name, value in weights.items()}
        )
        # Floating-point operations of an event, with a waveform in every cell, by stage.
        self.operations = {}

    @staticmethod
    def read(path):
        """The network of a file of `airshower train`, and the TorchScript program in it."""
        files = {"spec.json": ""}
        script = torch.jit.load(path, map_location="cpu", _extra_files=files)
        metadata = json.loads(files["spec.json"])
        network = EagerNetwork(metadata["spec"], dict(script.named_parameters()))
        return network, script, metadata

    def forward(self, traces, stations, hit, cells, events):
        """traces [B, C, T, 2], stations [B, C, F], hit [B, C], cells [B, C, F], events [B, F]."""
        self.operations = {}
        spec = self.spec
        self.hit, self.cells, self.events = hit.unsqueeze(2), cells, events
        x = stations
        if spec["encoder"]:
            batch, count = hit.shape
            y = traces.reshape(batch * count, -1, 2).transpose(1, 2)
            y = self.stage("encoder", y)
            x = torch.cat([stations, y.transpose(1, 2).reshape(batch, count, -1)], 2)
        if spec["encoder"] or spec["stations"] or spec["grid"]:
            x = self.stage("stations", x)
        if spec["grid"]:
            x = torch.cat([cells, x * self.hit], 2)
            x = self.stage("grid", x)
        x = torch.cat([x, events], 1)
        x = self.stage("event", x)
        self.features = x
        return self.linear("event", "output", x)

    def stage(self, stage, x):
        for index, layer in enumerate(self.spec[stage]):
            self.activation = layer.get("activation", self.spec["activation"])
            x = getattr(self, f"{stage}_{layer['layer']}")(f"{stage}{index}", layer, x)
        return x

    def f(self, x):
        return {"silu": F.silu, "relu": F.relu, "none": lambda x: x}[self.activation](x)

    def count(self, stage, operations, batch):
        self.operations[stage] = self.operations.get(stage, 0) + operations / batch

    def counted(self, stage, name, x):
        """The weights that x is multiplied by, whose operations count."""
        weight = self.weights[name + "_weight"]
        self.count(stage, 2 * x.numel() // x.shape[-1] * weight.numel(), self.events.shape[0])
        return weight

    def product(self, stage, name, x):
        return x @ self.counted(stage, name, x)

    def linear(self, stage, name, x):
        return F.linear(x, self.counted(stage, name, x).t(), self.weights[name + "_bias"])

    def normalise(self, name, x):
        scale, shift = self.weights[name + "_scale_bias"], self.weights[name + "_shift_bias"]
        return F.layer_norm(x, [x.shape[-1]], scale, shift)

    # Over time, x [rows, maps, times]

    def encoder_convolution(self, name, layer, x):
        kernel, stride = layer["kernel"], layer.get("stride", 1)
        length, maps = x.shape[2], x.shape[1]
        if layer.get("padding", "same") == "same":
            zeros = max(((length + stride - 1) // stride - 1) * stride + kernel - length, 0)
            x = F.pad(x, [zeros // 2, zeros - zeros // 2])
        weight = self.weights[name + "_weight"].reshape(kernel, maps, layer["maps"]).permute(2, 1, 0)
        y = F.conv1d(x, weight, self.weights[name + "_bias"], stride=stride)
        self.count("encoder", 2 * y.numel() * kernel * maps, self.events.shape[0])
        return self.f(y)

    def encoder_pooling(self, name, layer, x):
        size = layer.get("size", x.shape[2])
        windows = x.unfold(2, size, layer.get("stride", size))
        return {"max": windows.amax, "min": windows.amin, "average": windows.mean}[layer["of"]](3)

    def encoder_dense(self, name, layer, x):
        return self.f(self.linear("encoder", name, x.transpose(1, 2).flatten(1))).unsqueeze(2)

    # Between stations, x [B, C, maps]

    def dense(self, stage, name, layer, x):
        y = self.f(self.linear(stage, name, x))
        return x + y if layer.get("residual") else y

    def stations_dense(self, name, layer, x):
        return self.dense("stations", name, layer, x)

    def mean(self, x, mask):
        return (x * mask).sum(1) / mask.sum(1).clamp(min=1)

    def largest(self, x, mask):
        y = x.masked_fill(mask == 0, -math.inf).amax(1)
        return y.masked_fill(torch.isinf(y), 0)

    def context(self, stage, name, layer, x, mask):
        kept = x
        if layer.get("normalised"):
            x = self.normalise(name, x)
        y = self.linear(stage, name, x)
        for term in layer["of"]:
            value = {"event": lambda: self.events, "mean": lambda: self.mean(x, mask),
                     "max": lambda: self.largest(x, mask)}[term]()
            y = y + self.product("event", f"{name}_{term}", value).unsqueeze(1)
        return kept + self.f(y) if layer.get("residual") else self.f(y)

    def stations_context(self, name, layer, x):
        return self.context("stations", name, layer, x, self.hit)

    def stations_normalisation(self, name, layer, x):
        return self.normalise(name, x)

    def stations_attention(self, name, layer, x):
        heads, (batch, count, width) = layer.get("heads", 4), x.shape
        y = self.linear("stations", name + "_qkv", self.normalise(name, x))
        q, k, v = (part.reshape(batch, count, heads, -1).transpose(1, 2) for part in y.chunk(3, 2))
        n = self.spec["gridSize"]
        row, column = torch.arange(n * n) // n, torch.arange(n * n) % n
        place = (row[None] - row[:, None] + n - 1) * (2 * n - 1) + column[None] - column[:, None] + n - 1
        scores = q @ k.transpose(2, 3) / math.sqrt(width // heads)
        scores = scores + self.weights[name + "_place_bias"][:, place]
        scores = scores.masked_fill(self.hit.reshape(batch, 1, 1, count) == 0, -1e9)
        y = (torch.softmax(scores, 3) @ v).transpose(1, 2).reshape(batch, count, width)
        return x + self.product("stations", name + "_out", y)

    def stations_messages(self, name, layer, x):
        n, (batch, count, _) = self.spec["gridSize"], x.shape
        own = self.linear("stations", name + "_own", x)
        other = self.product("stations", name + "_other", x).reshape(batch, n, n, -1)
        hit = self.hit.reshape(batch, n, n, 1).to(x.dtype)
        total, neighbours = torch.zeros_like(own), torch.zeros_like(x[:, :, :1])
        places = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if row or column]
        for side, (row, column) in zip(self.weights[name + "_side_weight"], places):
            # What stands one row and one column further, zeros beyond the edge of the grid.
            def beside(values):
                frame = F.pad(values, [0, 0, 1, 1, 1, 1])
                return frame[:, 1 + row:1 + row + n, 1 + column:1 + column + n].reshape(batch, count, -1)
            there = beside(hit)
            total = total + self.f(own + beside(other) + side) * there
            neighbours = neighbours + there
        message = total / neighbours.clamp(min=1)
        y = self.linear("stations", name + "_update", x) + self.product("stations", name + "_message", message)
        return x + self.linear("stations", name + "_out", self.f(y))

    def stations_summary(self, name, layer, x):
        return self.summary("stations", name, layer, x, self.hit)

    def summary(self, stage, name, layer, x, mask):
        parts = []
        for term in layer["of"]:
            if term == "attention":
                heads, (batch, count, width) = layer.get("heads", 4), x.shape
                query = self.linear("event", name + "_query", self.events)
                scores = self.product(stage, name + "_key", x) * query.unsqueeze(1)
                scores = scores.reshape(batch, count, heads, -1).sum(3) / math.sqrt(width // heads)
                weights = torch.softmax(scores.clamp(-30, 30).masked_fill(mask == 0, -1e9), 1) * mask
                values = self.product(stage, name + "_value", x).reshape(batch, count, heads, -1)
                parts.append((values * weights.unsqueeze(3)).sum(1).reshape(batch, width))
            else:
                parts.append(self.mean(x, mask) if term == "mean" else self.largest(x, mask))
        return torch.cat(parts, 1)

    # Over the grid, x [B, C, maps]

    @property
    def alive(self):
        column = 0
        for name in self.spec["inputs"]["cell"]:
            if name == "alive":
                break
            column += 2 if name == "offset" else 1
        return self.cells[:, :, column:column + 1]

    def grid_dense(self, name, layer, x):
        return self.dense("grid", name, layer, x)

    def grid_context(self, name, layer, x):
        return self.context("grid", name, layer, x, self.alive)

    def grid_normalisation(self, name, layer, x):
        return self.normalise(name, x)

    def convolve(self, name, x, layer, kernel, separable=None):
        n = int(math.sqrt(x.shape[1]))
        x = x.reshape(x.shape[0], n, n, -1).permute(0, 3, 1, 2).contiguous()
        padding = kernel // 2 if layer.get("padding", "same") == "same" else 0
        if layer.get("separable") if separable is None else separable:
            x = F.conv2d(x, self.weights[name + "_depth_weight"], self.weights[name + "_depth_bias"],
                         padding=padding, groups=x.shape[1])
            weight, padding = self.weights[name + "_weight"].t()[:, :, None, None], 0
        else:
            weight = self.weights[name + "_weight"]
            weight = weight.t()[:, :, None, None] if weight.dim() == 2 else weight
        y = F.conv2d(x, weight, self.weights[name + "_bias"], padding=padding)
        self.count("grid", 2 * y.numel() * weight[0].numel(), y.shape[0])
        return y.permute(0, 2, 3, 1).flatten(1, 2)

    def grid_convolution(self, name, layer, x):
        y = self.f(self.convolve(name, x, layer, layer.get("kernel", 3)))
        return x + y if layer.get("residual") else y

    def grid_residualBlock(self, name, layer, x):
        y = x
        for index in range(layer.get("convolutions", 2)):
            y = self.convolve(f"{name}_{index}", self.f(y) if index else y, layer, layer.get("kernel", 3))
        return self.f(x + y)

    def grid_denselyConnected(self, name, layer, x):
        for index in range(layer["blocks"]):
            y = self.f(self.linear("grid", f"{name}_first{index}", x))
            y = self.f(self.convolve(f"{name}_{index}", y, layer, layer.get("kernel", 3), True))
            x = torch.cat([x, y], 2)
        return x

    def grid_pooling(self, name, layer, x):
        n, size = int(math.sqrt(x.shape[1])), layer.get("size", 2)
        x = x.reshape(x.shape[0], n, n, -1).permute(0, 3, 1, 2)
        kind = layer.get("of", "max")
        if kind == "average":
            x = F.avg_pool2d(x, size)
        else:
            x = F.max_pool2d(x, size) if kind == "max" else -F.max_pool2d(-x, size)
        return x.permute(0, 2, 3, 1).flatten(1, 2)

    def grid_summary(self, name, layer, x):
        whole = x.shape[1] == self.spec["gridSize"] ** 2
        return self.summary("grid", name, layer, x, self.alive if whole else torch.ones_like(x[:, :, :1]))

    def grid_flatten(self, name, layer, x):
        return x.flatten(1)

    # Of the event, x [B, numbers]

    def event_dense(self, name, layer, x):
        return self.dense("event", name, layer, x)

    def event_normalisation(self, name, layer, x):
        return self.normalise(name, x)

    def skip(self, name, layer, x):
        """Dropout and noise do nothing after training."""
        return x

    encoder_dropout = stations_dropout = grid_dropout = event_dropout = skip
    encoder_noise = stations_noise = grid_noise = event_noise = skip


def sgemm():
    """Operations in a processor second of products of matrices with 1536 rows."""
    a, b = torch.randn(1536, 1536), torch.randn(1536, 1536)
    torch.mm(a, b)
    best = 0
    for _ in range(5):
        begin = time.process_time()
        torch.mm(a, b)
        best = max(best, 2 * 1536**3 / (time.process_time() - begin))
    return best


def operations_forward(path, inputs):
    """Operations of an event forward with the stations of INPUTS.h5 (`airshower export`), those with a waveform in every
    cell, and the stations of an event. Products of attention between cells are not counted."""
    import h5py

    with h5py.File(inputs) as file:
        stations = len(file["station_cells"]) / len(file["events"])
    network, _, metadata = EagerNetwork.read(path)
    with torch.no_grad():
        network(*random_inputs(network, metadata, batch=2)[1])
    part = stations / metadata["spec"]["gridSize"] ** 2
    forward = sum(
        value * (part if stage in ("encoder", "stations") else 1) for stage, value in network.operations.items())
    return forward, sum(network.operations.values()), stations


def random_inputs(network, metadata, batch=256, stations=11, seed=1):
    """Inputs of a batch as `airshower` lays them out, and dense over the grid."""
    generator = torch.Generator().manual_seed(seed)
    spec, columns = metadata["spec"], metadata["columns"]
    cells_of_event = spec["gridSize"] ** 2
    stations = min(stations, cells_of_event)
    hit = torch.zeros(batch, cells_of_event)
    for event in range(batch):
        hit[event, torch.randperm(cells_of_event, generator=generator)[:stations]] = 1
    station_cells = hit.flatten().nonzero().flatten()
    count = len(station_cells)

    def normal(*shape):
        return torch.randn(*shape, generator=generator)

    traces = normal(count, spec["samples"], 2).relu()
    station = normal(count, len(columns["station"]))
    cells = normal(batch * cells_of_event, len(columns["cell"]))
    if "alive" in columns["cell"]:
        alive = torch.maximum(hit, (torch.rand(batch, cells_of_event, generator=generator) < 0.9).float())
        cells = cells * alive.reshape(-1, 1)
        cells[:, columns["cell"].index("alive")] = alive.flatten()
    events = normal(batch, len(columns["event"]))
    sparse = (traces, station, station_cells, cells, events)

    def dense(values):
        result = torch.zeros(batch * cells_of_event, *values.shape[1:])
        result[station_cells] = values
        return result.reshape(batch, cells_of_event, *values.shape[1:])

    return sparse, (dense(traces), dense(station), hit, cells.reshape(batch, cells_of_event, -1), events)
