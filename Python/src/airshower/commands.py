"""The commands of airshower as functions.

Each has the arguments that are used most. `options` takes all others of `airshower help COMMAND`,
with underscores in place of dashes. All raise `ProgramError` with the message of the program, and
`ProgramMissing`. Outputs that exist are refused without `overwrite=True`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .program import run
from .summary import Summary

Input = str | os.PathLike[str]


def simulate(
    output: Input,
    *,
    events: int | None = None,
    energy: float | tuple[float, float] | None = None,
    primaries: Iterable[str] | None = None,
    seed: int = 1,
    **options: Any,
) -> Path:
    """Simulates events with known truth and waveforms.

    Args:
        output: event file to write.
        events: number of triggered events; 10,000 if None and `thrown` is not given.
        energy: one energy, or the smallest and the largest one [EeV].
        primaries: of H, He, N, Fe and photon, in equal parts.
        seed: the same seed gives the same events.
        options: other options, like `max_zenith` [deg], `variation` or `threads`.

    Returns:
        The event file.
    """
    joined = None if primaries is None else _joined(primaries)
    run(
        "simulate", events=events, energy=energy, primaries=joined, seed=seed, output=output,
        **_quiet(options),
    )
    return Path(output)


def reconstruct(input: Input, output: Input, **options: Any) -> Path:
    """Runs the standard fit, or others, on every event.

    Args:
        input: event file.
        output: event file to write.
        options: other options, like `front="tuned"` or `method=["standard", "published"]`.

    Returns:
        The reconstructed event file.
    """
    run("reconstruct", input, output=output, **_quiet(options))
    return Path(output)


def correct(
    inputs: Input | Sequence[Input],
    output: Input,
    *,
    network: Input | list[Input] | None = None,
    name: str | list[str] | None = None,
    **options: Any,
) -> Path:
    """Adds the results of networks.

    Args:
        inputs: reconstructed event files.
        output: event file to write.
        network: a network or a list of them: a file, or a name in tables/networks. Files joined by
            commas are an ensemble. None for `reference`.
        name: a name for each network.
        options: other options, like `symmetries=True`.

    Returns:
        The corrected event file.
    """
    run(
        "correct", *_several(inputs), network=network, name=name, output=output,
        **_quiet(options),
    )
    return Path(output)


def compare(
    inputs: Input | Sequence[Input],
    output: Input,
    *,
    methods: Iterable[str] | None = None,
    cuts: Input = "standard",
    replicas: int = 1000,
    figures: str = "all",
    **options: Any,
) -> Summary:
    """Compares the errors of all reconstructions of some files.

    Args:
        inputs: corrected event files.
        output: folder of the report.
        methods: methods to compare; None for all.
        cuts: name or file of the quality cuts.
        replicas: number of bootstrap replicas.
        figures: `all`, `main`, or `none`, which needs no gnuplot.
        options: other options, like `spectrum=-2.7` or `against="tuned"`.

    Returns:
        The summary of the report.
    """
    run(
        "compare", *_several(inputs), methods=None if methods is None else _joined(methods),
        cuts=cuts, replicas=replicas, figures=figures, output=output, **_quiet(options),
    )
    return Summary.read(output)


def train(inputs: Input | Sequence[Input], output: Input, *, spec: Input = "set",
          epochs: int = 20, seed: int = 1, **options: Any) -> Path:
    """Trains a network on the residuals of the standard fit.

    Args:
        inputs: reconstructed event files with truth.
        output: network to write.
        spec: a name in tables/networks, or a JSON file.
        epochs: largest number of epochs.
        seed: of initial weights, order of events and dropout.
        options: other options, like `loss="gaussian"`.

    Returns:
        The network file.
    """
    run(
        "train", *_several(inputs), spec=spec, epochs=epochs, seed=seed, output=output,
        **_quiet(options),
    )
    return Path(output)


def export_inputs(
    input: Input, output: Input, *, network: Input = "reference", **options: Any
) -> Path:
    """Writes what goes into a network, for a training in Python. See `NetworkInputs`.

    Args:
        input: reconstructed event file.
        output: HDF5 file to write.
        network: network that gives inputs, normalisation and targets.
        options: other options.

    Returns:
        The file.
    """
    run("export", input, network=network, output=output, **_quiet(options))
    return Path(output)


def show(
    input: Input, output: Input, *, event: int | None = None, **options: Any
) -> Path:
    """Draws an event.

    Args:
        input: reconstructed event file.
        output: picture to write: .png, .svg or .pdf.
        event: number of the event; None for the first with a good result.
        options: other options, like `waveforms=6`.

    Returns:
        The picture.
    """
    run("show", input, event=event, output=output, **options)
    return Path(output)


def inspect(input: Input) -> str:
    """Columns and history of a file, or the content of a network, as text."""
    return run("inspect", input)


def version() -> str:
    """The version of the program."""
    return run("--version").strip()


def _quiet(options: dict[str, Any]) -> dict[str, Any]:
    return {"quiet": True} | options


def _joined(names: Iterable[str]) -> str:
    return names if isinstance(names, str) else ",".join(names)


def _several(inputs: Input | Sequence[Input]) -> list[Input]:
    return [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
