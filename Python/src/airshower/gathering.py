"""Reads the events that `airshower compare` compares."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack

from .compared_events import ComparedEvents
from .control import control_events, polynomial_results
from .event_file import EventFile
from .event_rows import EventRows, joined, read_rows
from .exceptions import ComparisonError
from .selection import QualityCuts
from .tables import Floats

_RANKS = {"standard": 0, "polynomial": 1, "published": 2, "imported": 2, "tuned": 3, "control": 4}
"""Order of the kinds of methods; networks come last."""

Path = str | os.PathLike[str]


def compared_events(
    files: Path | Sequence[Path],
    *,
    methods: Iterable[str] | None = None,
    cuts: Path | QualityCuts = "standard",
    split: str = "auto",
    spectrum: float | None = None,
    calibrate: Path | None = None,
) -> ComparedEvents:
    """The events that `airshower compare` compares, with the results of all methods.

    An event takes part if its standard result is good and passes the cuts, if all methods have a
    good result, and if all numbers are finite.

    Args:
        files: event files with truth. Several must be of independent runs with the same methods.
        methods: methods beside the standard one; None for all.
        cuts: a name, a JSON file, or a selection.
        split: `all` events; those of the `test` split, from which no network learns; or `auto`:
            the test split if a network learned from this simulation, else all.
        spectrum: weights the events to a spectrum E^index.
        calibrate: file on whose events `polynomial` is fitted.

    Raises:
        EventFileError: a file cannot be read, or has no truth or no standard reconstruction.
        SelectionError: the cuts are unknown.
        ComparisonError: training and test would share showers, there is no event to compare, or
            the files do not tell the spectrum of the simulation.
    """
    selection = cuts if isinstance(cuts, QualityCuts) else QualityCuts.named(cuts)
    paths = [files] if isinstance(files, (str, os.PathLike)) else list(files)
    if not paths:
        raise ComparisonError("no files to compare")
    with ExitStack() as stack:
        opened = [stack.enter_context(EventFile(path)) for path in paths]
        _require_independent(opened)
        names = _method_names(opened, methods)
        test_only = _is_test_only(opened, split)
        rows = joined(
            [read_rows(file, names, selection, test_only, n) for n, file in enumerate(opened)]
        )
        weights = _weights(opened, rows, spectrum)
        learned, control = control_events(rows, calibrate, selection, opened, test_only)
    compared = rows.where(rows.is_compared)
    if len(compared.event_id) == 0:
        raise ComparisonError(
            f"{opened[0].path}: no event passes the cuts and has all results. "
            "Try cuts='none', or another file"
        )
    polynomial = polynomial_results(compared, learned)
    return ComparedEvents(
        methods=("standard", "polynomial", *names),
        cuts=selection,
        truth=compared.truth,
        estimates={"polynomial": polynomial} | compared.estimates,
        sigmas=compared.sigmas,
        event_id=compared.event_id,
        shower_id=compared.shower_id,
        primary=compared.primary,
        stations=compared.stations,
        weights=None if weights is None else weights[rows.is_compared],
        control=control,
    )


def _require_independent(files: Sequence[EventFile]) -> None:
    """Refuses two files of the same showers, which would count twice."""
    for number, file in enumerate(files):
        for earlier in files[:number]:
            shared = file.lineage.simulations & earlier.lineage.simulations - {"corsika"}
            if shared:
                raise ComparisonError(
                    f"{file.path}: holds the simulation of {sorted(shared)[0]}, as {earlier.path} "
                    "does: the same showers would count twice. Simulate with another seed"
                )


def _method_names(files: Sequence[EventFile], asked: Iterable[str] | None) -> list[str]:
    """Names of the methods beside the standard one; `polynomial` is fitted anew.

    They go from the least to the most: other fits, controls, networks in the order of `correct`.
    """
    written = _written(files[0])
    methods = sorted(files[0].methods, key=lambda m: (_RANKS.get(m.kind, 5), written(m.name)))
    stored = [m.name for m in methods if m.name not in ("standard", "polynomial")]
    for file in files[1:]:
        if {m.name for m in file.methods} != {m.name for m in files[0].methods}:
            raise ComparisonError(f"{file.path}: its methods are not those of {files[0].path}")
    if asked is None:
        return stored
    names = list(asked)
    for name in names:
        if name not in stored and name not in ("standard", "polynomial"):
            raise ComparisonError(
                f"{files[0].path}: has no reconstruction {name}; it has {', '.join(stored)}"
            )
    return [name for name in stored if name in names]


def _written(file: EventFile) -> Callable[[str], int]:
    """The place of a method among those that `correct` wrote, -1 for others."""
    names = [
        name
        for step in file.provenance
        if step.get("activity") == "correct"
        for name in step.get("settings", {}).get("name", "").split(" ")
    ]
    places = {name: place for place, name in enumerate(names)}
    return lambda name: places.get(name, -1)


def _is_test_only(files: Sequence[EventFile], choice: str) -> bool:
    if choice not in ("auto", "all", "test"):
        raise ComparisonError(f"split {choice!r}: auto, all or test")
    held = frozenset().union(*(file.lineage.simulations for file in files))
    shared = held & frozenset().union(*(file.lineage.learned for file in files))
    if choice == "all" and shared:
        raise ComparisonError(
            f"{files[0].path}: training and test would share showers: a method learned from "
            f"{sorted(shared)[0]}, which this file holds. Use split='auto', or events of "
            "another seed"
        )
    return choice == "test" or (choice == "auto" and bool(shared))


def _weights(files: Sequence[EventFile], rows: EventRows, spectrum: float | None) -> Floats | None:
    """(E/EeV)^(index - thrown) of the true energies."""
    if spectrum is None:
        return None
    thrown = set()
    for file in files:
        for step in file.provenance:
            configuration = step.get("settings", {}).get("configuration")
            if step.get("activity") == "simulate" and configuration:
                thrown.add(float(json.loads(configuration)["spectralIndex"]))
    if len(thrown) != 1:
        words = "several spectra" if thrown else "a spectrum that its provenance does not name"
        raise ComparisonError(
            f"{files[0].path}: was simulated with {words}, so there are no weights"
        )
    weights: Floats = rows.truth.energy ** (spectrum - thrown.pop())
    return weights
