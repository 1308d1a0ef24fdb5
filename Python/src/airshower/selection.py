"""Quality cuts, as `reconstruct`, `train` and `compare` apply them."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from .exceptions import SelectionError
from .quantities import DEGREE
from .tables import Floats, Mask, Table, floats

_SEPARATE_FITS = 1 << 6
CUTS = {
    3: "stations", 4: "reducedChi2", 5: "signalUncertainty", 6: "directionUncertainty",
    7: "zenith", 8: "edge", 9: "energy",
}
"""Names of the cuts by the numbers of the column `cut`."""

_KEYS = {
    "minimumStations": "minimum_stations", "maximumReducedChi2": "maximum_reduced_chi2",
    "maximumSignalUncertainty": "maximum_signal_uncertainty",
    "maximumDirectionUncertainty": "maximum_direction_uncertainty",
    "maximumZenith": "maximum_zenith", "minimumEdgeDistance": "minimum_edge_distance",
    "minimumEnergy": "minimum_energy",
}


@dataclass(frozen=True)
class QualityCuts:
    """A selection of events, by quantities of the standard reconstruction alone.

    A limit that is None is not applied. A value that is not a number fails every limit on it.

    Attributes:
        name: of the selection.
        minimum_stations: stations with a timing term, at least.
        maximum_reduced_chi2: chi2/ndf, below.
        maximum_signal_uncertainty: sigma(S800)/S800, below.
        maximum_direction_uncertainty: sqrt(sigma_theta^2 + sin^2 theta sigma_phi^2) [deg], below.
        maximum_zenith: fitted zenith angle [deg], below.
        minimum_edge_distance: core inside the edge of the array [m], at least.
        minimum_energy: energy of the standard reconstruction [EeV], at least.
    """

    name: str = ""
    minimum_stations: int | None = None
    maximum_reduced_chi2: float | None = None
    maximum_signal_uncertainty: float | None = None
    maximum_direction_uncertainty: float | None = None
    maximum_zenith: float | None = None
    minimum_edge_distance: float | None = None
    minimum_energy: float | None = None

    @classmethod
    def named(cls, name: str | os.PathLike[str]) -> QualityCuts:
        """A selection of airshower by its name, like `standard`, or that of a JSON file.

        Raises:
            SelectionError: there is no such selection or file, or a key is wrong.
        """
        folder = resources.files(__package__) / "selections"
        shipped = folder / f"{os.fspath(name)}.json"
        if shipped.is_file():
            return cls.from_json(shipped.read_text(encoding="utf-8"), os.fspath(name))
        try:
            with open(name, encoding="utf-8") as file:
                return cls.from_json(file.read(), os.fspath(name))
        except OSError as error:
            files = (item.name for item in folder.iterdir())
            known = sorted(name[:-5] for name in files if name.endswith(".json"))
            raise SelectionError(
                f"unknown selection {os.fspath(name)!r}; known: {', '.join(known)}, or a JSON file"
            ) from error

    @classmethod
    def from_json(cls, text: str, source: str = "") -> QualityCuts:
        """The selection of a JSON text, as in tables/selections and the attribute SELECTION.

        Args:
            text: one JSON object.
            source: where it comes from, for errors and for a selection without a name.

        Raises:
            SelectionError: it is no JSON object, or a key is unknown or has no number.
        """
        try:
            content: Mapping[str, Any] = json.loads(text)
        except ValueError as error:
            raise SelectionError(f"{source}: no JSON: {error}") from error
        if not isinstance(content, dict):
            raise SelectionError(f"{source}: must be one JSON object with the limits as keys")
        limits: dict[str, Any] = {}
        for key, value in content.items():
            if key in ("name", "description"):
                continue
            if key not in _KEYS:
                near = difflib.get_close_matches(key, _KEYS, 1, 0)[0]
                raise SelectionError(f"{source}: unknown key {key!r}, did you mean {near!r}?")
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise SelectionError(f"{source}: {key}: must be a number")
            limits[_KEYS[key]] = value
        name = os.path.basename(source).removesuffix(".json")
        return cls(name=content.get("name", name), **limits)

    def verdict(self, standard: Table) -> npt.NDArray[np.uint8]:
        """What becomes of each event, as in the column `cut`, shape (events,).

        0: passed. 2: the standard reconstruction has no good result. From 3 on: the first cut that
        failed, with the names of `CUTS`.

        Args:
            standard: results of the standard method.
        """
        verdict = np.zeros(len(standard), np.uint8)
        for code, passed in reversed(self._passed(standard).items()):
            verdict[~passed] = code
        verdict[standard["status"] != 0] = 2
        return verdict

    def passed(self, standard: Table) -> Mask:
        """Whether each event has a good standard result and passes all cuts, shape (events,)."""
        result: Mask = self.verdict(standard) == 0
        return result

    def _passed(self, standard: Table) -> dict[int, Mask]:
        def below(limit: float | None, values: Floats) -> Mask:
            if limit is None:
                return np.ones(len(standard), np.bool_)
            result: Mask = values < limit
            return result

        def at_least(limit: float | None, values: Floats) -> Mask:
            if limit is None:
                return np.ones(len(standard), np.bool_)
            result: Mask = values >= limit
            return result

        def radians(limit: float | None) -> float | None:
            return None if limit is None else limit * DEGREE

        with np.errstate(invalid="ignore", divide="ignore"):
            signal = floats(standard, "signal800_sigma") / floats(standard, "signal800")
            return {
                3: at_least(self.minimum_stations, floats(standard, "station_count")),
                4: below(self.maximum_reduced_chi2, reduced_chi2(standard)),
                5: below(self.maximum_signal_uncertainty, signal),
                6: below(
                    radians(self.maximum_direction_uncertainty),
                    floats(standard, "direction_sigma"),
                ),
                7: below(radians(self.maximum_zenith), floats(standard, "zenith")),
                8: at_least(self.minimum_edge_distance, edge_distance(standard)),
                9: at_least(self.minimum_energy, 10 ** (floats(standard, "log_energy") - 18)),
            }


def reduced_chi2(standard: Table) -> Floats:
    """chi2/ndf of the standard fit, NaN without degrees of freedom; shape (events,).

    Of separate fits of geometry and lateral distribution it is the larger of the two, where a fit
    without degrees of freedom counts as one with one.
    """
    time, signal = floats(standard, "chi2_time"), floats(standard, "chi2_signal")
    ndf = floats(standard, "ndf")
    with np.errstate(invalid="ignore", divide="ignore"):
        chi2 = time + signal + floats(standard, "chi2_silent")
        joint = np.where(ndf > 0, chi2 / ndf, np.nan)
        timing = floats(standard, "station_count") - 6
        separate = np.fmax(time / np.fmax(timing, 1), signal / np.fmax(ndf - timing, 1))
    is_separate = (standard["flags"] & _SEPARATE_FITS) != 0
    result: Floats = np.where(is_separate, separate, joint)
    return result


def edge_distance(standard: Table) -> Floats:
    """Distance of the core inside the edge of the array [m]; NaN in files of format 1.0."""
    if "edge_distance" in (standard.dtype.names or ()):
        return floats(standard, "edge_distance")
    return np.full(len(standard), np.nan)
