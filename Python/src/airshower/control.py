"""The results of the method `polynomial` for the events of a comparison."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from .calibration import (
    apply_polynomial, fit_polynomial, placed, polynomial_terms, rows_of, tenth_of,
)
from .event_file import EventFile
from .event_rows import EventRows, read_rows
from .exceptions import ComparisonError
from .geometry import Shower
from .selection import QualityCuts

_LEAST_TRAINING_EVENTS = 200
"""Fewer events of the training split are not worth more than nine tenths of the compared ones."""


def control_events(
    rows: EventRows,
    calibrate: str | os.PathLike[str] | None,
    cuts: QualityCuts,
    files: Sequence[EventFile],
    test_only: bool,
) -> tuple[EventRows | None, str]:
    """The events on which `polynomial` is fitted, and where they come from.

    Args:
        rows: all events of the compared files.
        calibrate: another file to fit it on.
        cuts: that the events must pass.
        files: the compared files.
        test_only: whether the test split alone is compared.

    Returns:
        The events, None for a cross fit; and `training`, `calibration` or `cross_fit`.

    Raises:
        ComparisonError: the other file has the same showers, or no event that passes the cuts.
        EventFileError: it cannot be read.
    """
    if calibrate is not None:
        with EventFile(calibrate) as other:
            held = frozenset().union(*(file.lineage.simulations for file in files))
            shared = held & other.lineage.simulations
            if shared and not test_only:
                raise ComparisonError(
                    f"{other.path}: holds {sorted(shared)[0]}, as {files[0].path} does. "
                    "Calibrate on another seed, or use split='test'"
                )
            others = read_rows(other, [], cuts, False, 0)
            passed = cuts.passed(other.results("standard")) & (others.signal800 > 0)
        others = others.where(others.is_training if shared else passed)
        if len(others.event_id) == 0:
            raise ComparisonError(f"{other.path}: no event passes the cuts")
        return others, "calibration"
    if not test_only:
        return None, "cross_fit"
    training = rows.where(rows.is_training)
    if len(training.event_id) < _LEAST_TRAINING_EVENTS:
        return None, "cross_fit"
    return training, "training"


def polynomial_results(compared: EventRows, learned: EventRows | None) -> Shower:
    """The results of `polynomial`, fitted to nuclei and photons by themselves.

    Args:
        compared: the compared events.
        learned: the events to fit it on; None to correct each tenth of the compared showers by
            a fit to the other nine.
    """
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
