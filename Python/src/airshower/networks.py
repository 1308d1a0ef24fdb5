"""Networks made with PyTorch: their inputs, and the description that `correct` needs.

This module does not import torch. Documentation/networks.md lists the arguments of `forward` and
the keys of `spec.json`.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

import h5py
import numpy as np
import numpy.typing as npt

from .exceptions import EventFileError
from .tables import Floats, Integers, text

Array = npt.NDArray[np.float32]


class NetworkBatch(NamedTuple):
    """The arguments of `forward` for B events with S stations that have a waveform.

    traces [S, T, 2]; stations [S, F]; station_cells [S]: event * N * N + cell; cells [B N N, F];
    events [B, F]. All are normalised.
    """

    traces: Array
    stations: Array
    station_cells: Integers
    cells: Array
    events: Array


class NetworkInputs:
    """A file of `airshower export --network`: inputs and targets of a network.

    Attributes:
        description: `spec.json` of the network that gave the inputs.
        targets: standardised residuals, true minus standard, shape (events, targets); NaN
            without truth.
        split: 0 training, 1 validation, 2 test; shape (events,).
        event_id, shower_id: shape (events,).
        batch: as `NetworkBatch`, of all events.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Reads a file.

        Raises:
            EventFileError: it cannot be read, or is not made by `airshower export --network`.
        """
        self.path = os.fspath(path)
        try:
            with h5py.File(self.path, "r") as file:
                self.description: dict[str, Any] = json.loads(text(file, "spec.json"))
                self.targets: Array = file["targets"][:]
                self.split: Integers = file["split"][:]
                self.event_id: Integers = file["event_id"][:]
                self.shower_id: Integers = file["shower_id"][:]
                self.batch = NetworkBatch(*(file[name][()] for name in NetworkBatch._fields))
        except (OSError, KeyError, ValueError) as error:
            raise EventFileError(
                f"{self.path}: no file of airshower export --network ({error})"
            ) from error
        self.cell_count = int(self.description["spec"]["gridSize"]) ** 2
        owner = self.batch.station_cells // self.cell_count
        self._first = np.searchsorted(owner, np.arange(len(self.targets) + 1))

    def __len__(self) -> int:
        """The number of events."""
        return len(self.targets)

    @property
    def widths(self) -> tuple[int, int, int]:
        """The numbers of inputs of a station, of inputs of an event, and of targets."""
        stations, events = self.batch.stations.shape[1], self.batch.events.shape[1]
        return (stations, events, self.targets.shape[1])

    def rows(self, split: str) -> Integers:
        """Rows of a split that have targets: `training`, `validation` or `test`."""
        number = ("training", "validation", "test").index(split)
        found: Integers = np.flatnonzero(
            (self.split == number) & np.isfinite(self.targets).all(-1)
        )
        return found

    def select(self, rows: Integers) -> NetworkBatch:
        """The arguments of `forward` for some events, renumbered from 0."""
        counts = self._first[rows + 1] - self._first[rows]
        owner = np.repeat(np.arange(len(rows)), counts)
        stations = np.arange(counts.sum()) + np.repeat(
            self._first[rows] - (np.cumsum(counts) - counts), counts
        )
        cells = (rows[:, None] * self.cell_count + np.arange(self.cell_count)).ravel()
        return NetworkBatch(
            self.batch.traces[stations],
            self.batch.stations[stations],
            self.batch.station_cells[stations] % self.cell_count + owner * self.cell_count,
            self.batch.cells[cells],
            self.batch.events[rows],
        )

    def describe(self, name: str, outputs: npt.ArrayLike, weight_count: int) -> str:
        """The text of `spec.json` for a network that was trained on the training split.

        Slopes and errors are fitted to the validation split. The training data are those of the
        network that gave the inputs: train on no others, or `compare` cannot tell which showers
        the network knows.

        Args:
            name: name of the network and of its results.
            outputs: of the network for `rows("validation")`, shape (events, targets), or (events,
                2 targets) with the logarithms of the errors behind.
            weight_count: number of parameters.

        Raises:
            ValueError: the outputs have another shape.
        """
        rows = self.rows("validation")
        out = np.asarray(outputs, np.float64)
        target = self.targets[rows].astype(np.float64)
        if out.shape[0] != len(rows) or out.shape[1] not in (target.shape[1], 2 * target.shape[1]):
            raise ValueError(
                f"outputs have the shape {out.shape}; {len(rows)} validation events and "
                f"{target.shape[1]} targets need ({len(rows)}, {target.shape[1]}), or twice as "
                "many columns with ln of the errors"
            )
        content = dict(self.description)
        content["spec"] = dict(content["spec"], name=name)
        # Densities are outputs of the first network alone.
        content["spec"].pop("density", None)
        content.pop("densityMasses", None)
        content["outputCount"] = out.shape[1]
        content["combination"] = [
            calibration(out[:, n], target[:, n], _errors(out, target.shape[1], n))
            for n in range(target.shape[1])
        ]
        content["weightCount"] = weight_count
        # Those of the first network.
        for key in ("validation", "validationLoss", "explainedVariance", "bestEpoch"):
            content.pop(key, None)
        return json.dumps(content)


def _errors(outputs: Floats, targets: int, number: int) -> Floats:
    if outputs.shape[1] == targets:
        return np.ones(len(outputs))
    errors: Floats = np.exp(outputs[:, targets + number])
    return errors


def calibration(output: Floats, target: Floats, error: Floats) -> dict[str, Any]:
    """How an output becomes a correction: its slope and the spread of what remains.

    The slope is that of the least squares of (target - slope * output) / error. A slope below two
    of its standard errors is 0.

    Args:
        output, target: in units of the standardised residual, shape (events,).
        error: predicted errors, ones for a network without, shape (events,).

    Returns:
        A member of `combination` in `spec.json`.
    """
    weighted = output / error
    square = max(float(weighted @ weighted), 1e-12)
    slope = float(weighted @ (target / error)) / square
    slope_error = float(np.std((target - slope * output) / error)) / square**0.5
    slope = slope if slope > 2 * slope_error else 0.0
    pull = np.abs((target - slope * output) / error)
    # A spread of zero has no logarithm.
    spread = max(float(np.quantile(pull, 0.6827)), 1e-6)
    return {
        "slopes": [1, slope, 0, 0],
        "slopeErrors": [0, slope_error],
        "variance": [1, 0],
        "logSpread": [float(np.log(spread))] + [0] * 5,
        "calibrationSpread": float(np.quantile(np.abs(target), 0.6827)),
    }
