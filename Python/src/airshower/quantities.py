"""The errors that `airshower compare` judges. Each is estimate minus truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .geometry import Residual, Shower, core_distance, residual, space_angle, wrapped
from .tables import Floats

DEGREE = np.pi / 180
"""One degree [rad]."""

Error = Callable[[Shower, Shower, Shower], Floats]
"""Error of (estimate, truth, standard) in the unit of the quantity, shape (events,)."""


@dataclass(frozen=True)
class Quantity:
    """A quantity whose error is judged.

    Attributes:
        name: key in summary.json.
        title: for axes, with symbols.
        unit: of the error; "1" has no unit.
        is_distance: whether the error is a distance or an angle, never negative.
        error: its function; None for pulls, which need predicted errors.
        column: column of a pull; "" for others.
    """

    name: str
    title: str
    unit: str
    is_distance: bool = False
    error: Error | None = None
    column: str = ""

    @property
    def is_pull(self) -> bool:
        """Whether it is an error over its predicted standard deviation."""
        return self.column != ""


def _angle(estimate: Shower, truth: Shower, standard: Shower) -> Floats:
    angle = space_angle(estimate.zenith, estimate.azimuth, truth.zenith, truth.azimuth)
    return angle / DEGREE


def _cosine(estimate: Shower, truth: Shower, standard: Shower) -> Floats:
    difference: Floats = np.cos(estimate.zenith) - np.cos(truth.zenith)
    return difference


def _zenith(estimate: Shower, truth: Shower, standard: Shower) -> Floats:
    return (estimate.zenith - truth.zenith) / DEGREE


def _azimuth(estimate: Shower, truth: Shower, standard: Shower) -> Floats:
    difference = wrapped(estimate.azimuth - truth.azimuth)
    on_sphere: Floats = np.sin(truth.zenith) * difference / DEGREE
    return on_sphere


def _ln_energy(estimate: Shower, truth: Shower, standard: Shower) -> Floats:
    difference: Floats = (estimate.log_energy - truth.log_energy) * np.log(10)
    return difference


def _relative_energy(estimate: Shower, truth: Shower, standard: Shower) -> Floats:
    difference: Floats = np.expm1((estimate.log_energy - truth.log_energy) * np.log(10))
    return difference


def _core_distance(estimate: Shower, truth: Shower, standard: Shower) -> Floats:
    return core_distance(estimate.core_x, estimate.core_y, truth)


def _component(name: str, scale: float) -> Error:
    def error(estimate: Shower, truth: Shower, standard: Shower) -> Floats:
        found: Residual = residual(estimate, standard)
        wanted: Residual = residual(truth, standard)
        same = np.all([a == b for a, b in zip(estimate, standard)], axis=0)
        # Rounding leaves a gnomonic coordinate of 1e-17 where nothing was corrected.
        own = np.where(same, 0.0, getattr(found, name))
        difference: Floats = (own - getattr(wanted, name)) / scale
        return difference

    return error


QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in [
        Quantity("space_angle", "Space angle", "deg", True, _angle),
        Quantity("cos_zenith", "Δcos θ", "1", False, _cosine),
        Quantity("zenith", "Δθ", "deg", False, _zenith),
        Quantity("azimuth", "sin θ Δφ", "deg", False, _azimuth),
        Quantity("ln_energy", "Δln E", "1", False, _ln_energy),
        Quantity("relative_energy", "ΔE / E", "1", False, _relative_energy),
        Quantity("core_distance", "Core distance", "m", True, _core_distance),
        Quantity(
            "direction_zenith", "direction along θ", "deg", False,
            _component("direction_zenith", DEGREE),
        ),
        Quantity(
            "direction_azimuth", "direction across", "deg", False,
            _component("direction_azimuth", DEGREE),
        ),
        Quantity("core_along", "core along", "m", False, _component("core_along", 1)),
        Quantity("core_across", "core across", "m", False, _component("core_across", 1)),
        Quantity("pull_zenith", "pull of θ", "1", column="zenith"),
        Quantity("pull_azimuth", "pull of φ", "1", column="azimuth"),
        Quantity("pull_log_energy", "pull of ln E", "1", column="log_energy"),
        Quantity("pull_core_x", "pull of core east", "1", column="core_x"),
        Quantity("pull_core_y", "pull of core north", "1", column="core_y"),
    ]
}
"""All quantities by name, in the order of a report."""
