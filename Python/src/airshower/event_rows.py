"""Truth and results of all events of some files, before any of them is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .calibration import rows_of
from .event_file import EventFile
from .geometry import Shower
from .lineage import split as split_of
from .selection import QualityCuts
from .tables import Floats, Integers, Mask, Table, floats


@dataclass
class EventRows:
    """Truth, results and what a selection needs, by event.

    Attributes:
        truth: the simulated showers.
        estimates, sigmas: results and predicted errors by method.
        signal800: S800 of the standard fit [VEM/m^2], shape (events,).
        event_id, shower_id, primary, stations: shape (events,).
        is_compared: whether the event takes part in the comparison.
        is_training: whether it passes the cuts and belongs to the training split.
    """

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

    def where(self, mask: Mask) -> EventRows:
        """Some of the events."""
        return EventRows(
            rows_of(self.truth, mask),
            {name: rows_of(each, mask) for name, each in self.estimates.items()},
            {name: rows_of(each, mask) for name, each in self.sigmas.items()},
            self.signal800[mask], self.event_id[mask], self.shower_id[mask], self.primary[mask],
            self.stations[mask], self.is_compared[mask], self.is_training[mask],
        )


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


def read_rows(
    file: EventFile, names: Sequence[str], cuts: QualityCuts, test_only: bool, number: int
) -> EventRows:
    """The events of a file. Showers of file `number` get numbers that no other file has.

    Args:
        file: with truth and standard reconstruction.
        names: methods beside the standard one.
        cuts: that compared events must pass.
        test_only: whether the test split alone is compared.
        number: of the file, from 0.
    """
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
    return EventRows(
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


def joined(parts: Sequence[EventRows]) -> EventRows:
    """The events of several files, one file after another."""

    def showers(each: Sequence[Shower]) -> Shower:
        return Shower(*(np.concatenate(columns) for columns in zip(*each)))

    def columns(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    names = parts[0].estimates
    return EventRows(
        showers([part.truth for part in parts]),
        {name: showers([part.estimates[name] for part in parts]) for name in names},
        {name: showers([part.sigmas[name] for part in parts]) for name in names},
        columns("signal800"), columns("event_id"), columns("shower_id"), columns("primary"),
        columns("stations"), columns("is_compared"), columns("is_training"),
    )
