"""Reads the events that `airshower compare` compares."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from .calibration import (
    apply_polynomial, fit_polynomial, placed, polynomial_terms, rows_of, tenth_of,
)
from .compared_events import ComparedEvents
from .event_file import EventFile
from .exceptions import ComparisonError
from .geometry import Shower
from .lineage import split as split_of
from .selection import QualityCuts
from .tables import Floats, Integers, Mask, Table, floats

_LEAST_TRAINING_EVENTS = 200
"""Fewer events of the training split are not worth more than nine tenths of the compared ones."""

_RANKS = {"standard": 0, "polynomial": 1, "published": 2, "imported": 2, "tuned": 3, "control": 4}
"""Order of the kinds of methods; networks come last."""

Path = str | os.PathLike[str]


def compared_events(
    files: Path | Sequence[Path],
    *,
    methods: Iterable[str] | None = None,
    cuts: str | QualityCuts = "standard",
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
        names = _method_names(opened, methods)
        test_only = _is_test_only(opened, split)
        parts = [
            _rows(file, names, selection, test_only, number) for number, file in enumerate(opened)
        ]
        rows = _joined(parts)
        weights = _weights(opened, rows, spectrum)
        learned, control = _learned(parts, calibrate, selection, opened, test_only)
    compared = rows.where(rows.is_compared)
    if len(compared.event_id) == 0:
        raise ComparisonError(
            f"{opened[0].path}: no event passes the cuts and has all results. "
            "Try cuts='none', or another file"
        )
    polynomial = _polynomial(compared, learned)
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


@dataclass
class _Rows:
    """All events of some files."""

    truth: Shower
    estimates: dict[str, Shower]
    sigmas: dict[str, Shower]
    signal800: Floats
    event_id: Integers
    shower_id: Integers
    primary: Integers
    stations: Integers
    is_compared: Mask
    is_training: Mask

    def where(self, mask: Mask) -> _Rows:
        return _Rows(
            rows_of(self.truth, mask),
            {name: rows_of(each, mask) for name, each in self.estimates.items()},
            {name: rows_of(each, mask) for name, each in self.sigmas.items()},
            self.signal800[mask], self.event_id[mask], self.shower_id[mask], self.primary[mask],
            self.stations[mask], self.is_compared[mask], self.is_training[mask],
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


def _shower(table: Table, suffix: str = "") -> Shower:
    return Shower(*(floats(table, name + suffix) for name in Shower._fields))


def _comparable(shower: Shower) -> Mask:
    with np.errstate(invalid="ignore"):
        result: Mask = (
            (np.abs(shower.log_energy) < 100)
            & np.isfinite(shower.zenith)
            & np.isfinite(shower.azimuth)
            & (np.abs(shower.core_x) < 1e12)
            & (np.abs(shower.core_y) < 1e12)
        )
    return result


def _rows(
    file: EventFile, names: Sequence[str], cuts: QualityCuts, test_only: bool, number: int
) -> _Rows:
    """The events of a file. Showers of file `number` get numbers that no other file has."""
    standard, truth = file.results("standard"), file.truth
    tables = {"standard": standard} | {name: file.results(name) for name in names}
    shower_id = file.events["shower_id"].astype(np.int64)
    estimates = {name: _shower(table) for name, table in tables.items()}
    split = split_of(shower_id)
    passed = cuts.passed(standard) & (floats(standard, "signal800") > 0)
    kept = passed & _comparable(_shower(truth))
    for name, table in tables.items():
        kept &= (table["status"] == 0) & _comparable(estimates[name])
    in_test = split == 2
    return _Rows(
        truth=_shower(truth),
        estimates=estimates,
        sigmas={name: _shower(table, "_sigma") for name, table in tables.items()},
        signal800=floats(standard, "signal800"),
        event_id=file.events["event_id"].astype(np.int64),
        shower_id=shower_id + (np.int64(number) << np.int64(44)),
        primary=truth["primary"].astype(np.int64),
        stations=standard["station_count"].astype(np.int64),
        is_compared=kept & in_test if test_only else kept,
        is_training=passed & (split == 0),
    )


def _joined(parts: Sequence[_Rows]) -> _Rows:
    def showers(each: Sequence[Shower]) -> Shower:
        return Shower(*(np.concatenate(columns) for columns in zip(*each)))

    def columns(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    names = parts[0].estimates
    return _Rows(
        showers([part.truth for part in parts]),
        {name: showers([part.estimates[name] for part in parts]) for name in names},
        {name: showers([part.sigmas[name] for part in parts]) for name in names},
        columns("signal800"), columns("event_id"), columns("shower_id"), columns("primary"),
        columns("stations"), columns("is_compared"), columns("is_training"),
    )


def _weights(files: Sequence[EventFile], rows: _Rows, spectrum: float | None) -> Floats | None:
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


def _learned(
    parts: Sequence[_Rows],
    calibrate: Path | None,
    cuts: QualityCuts,
    files: Sequence[EventFile],
    test_only: bool,
) -> tuple[_Rows | None, str]:
    """The events on which `polynomial` is fitted; None for a cross fit."""
    if calibrate is not None:
        with EventFile(calibrate) as other:
            held = frozenset().union(*(file.lineage.simulations for file in files))
            shared = held & other.lineage.simulations
            if shared and not test_only:
                raise ComparisonError(
                    f"{other.path}: holds {sorted(shared)[0]}, as {files[0].path} does. "
                    "Calibrate on another seed, or use split='test'"
                )
            rows = _rows(other, [], cuts, False, 0)
            passed = cuts.passed(other.results("standard")) & (rows.signal800 > 0)
        rows = rows.where(rows.is_training if shared else passed)
        if len(rows.event_id) == 0:
            raise ComparisonError(f"{other.path}: no event passes the cuts")
        return rows, "calibration"
    if not test_only:
        return None, "cross_fit"
    training = _joined(parts)
    training = training.where(training.is_training)
    if len(training.event_id) < _LEAST_TRAINING_EVENTS:
        return None, "cross_fit"
    return training, "training"


def _polynomial(compared: _Rows, learned: _Rows | None) -> Shower:
    """The results of `polynomial`, fitted to nuclei and photons by themselves."""
    standard = compared.estimates["standard"]
    if learned is None:
        _, first, inverse = np.unique(compared.shower_id, return_index=True, return_inverse=True)
        tenth = tenth_of(np.argsort(np.argsort(first))[inverse].astype(np.int64))
        divisions = [(compared.where(tenth != n), tenth == n) for n in range(10)]
    else:
        divisions = [(learned, np.ones(len(compared.event_id), np.bool_))]
    terms = polynomial_terms(standard.zenith, compared.signal800)
    corrected = []
    for source, use in divisions:
        source_terms = polynomial_terms(source.estimates["standard"].zenith, source.signal800)
        for is_photon in (False, True):
            chosen = (source.primary == 0) == is_photon
            rows = use & ((compared.primary == 0) == is_photon)
            if not (chosen.any() and rows.any()):
                continue
            coefficients = fit_polynomial(
                source_terms[chosen],
                rows_of(source.truth, chosen),
                rows_of(source.estimates["standard"], chosen),
            )
            corrected.append(
                (rows, apply_polynomial(coefficients, terms[rows], rows_of(standard, rows)))
            )
    return placed(corrected, standard)
