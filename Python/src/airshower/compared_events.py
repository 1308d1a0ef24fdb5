"""Truth and the results of all methods on the same events, and their errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .calibration import rows_of
from .exceptions import ComparisonError
from .geometry import Shower, wrapped
from .quantities import QUANTITIES, Quantity
from .selection import QualityCuts
from .statistics import (
    ErrorStatistics, error_statistics, explained_variance, mean, quantile, variance,
)
from .tables import Floats, Integers, Mask

PRIMARIES = {"photon": 0, "H": 1, "He": 4, "N": 14, "Fe": 56}
"""Numbers of the primaries in the column `primary` of the truth."""


@dataclass(frozen=True)
class ComparedEvents:
    """The events that `airshower compare` compares, with the results of all methods.

    `compared_events` makes it. Its numbers equal those of summary.json to 1e-9.

    Attributes:
        methods: names of the methods; the standard one first, then `polynomial`.
        cuts: the quality cuts that the events passed.
        truth: the simulated showers.
        estimates: results by method.
        sigmas: predicted standard deviations by method; not of `polynomial`.
        event_id, shower_id: numbers, shape (events,).
        primary: mass number, 0 for a photon, shape (events,).
        stations: stations of the standard fit, shape (events,).
        weights: of the events, to another spectrum; None where all count once.
        control: where `polynomial` comes from: `training`, `calibration` or `cross_fit`.
    """

    methods: tuple[str, ...]
    cuts: QualityCuts
    truth: Shower
    estimates: dict[str, Shower]
    sigmas: dict[str, Shower]
    event_id: Integers
    shower_id: Integers
    primary: Integers
    stations: Integers
    weights: Floats | None
    control: str

    def __len__(self) -> int:
        """The number of events."""
        return len(self.event_id)

    def where(self, mask: Mask) -> ComparedEvents:
        """Some of the events, by a mask of shape (events,)."""
        return replace(
            self,
            truth=rows_of(self.truth, mask),
            estimates={name: rows_of(each, mask) for name, each in self.estimates.items()},
            sigmas={name: rows_of(each, mask) for name, each in self.sigmas.items()},
            event_id=self.event_id[mask],
            shower_id=self.shower_id[mask],
            primary=self.primary[mask],
            stations=self.stations[mask],
            weights=None if self.weights is None else self.weights[mask],
        )

    @property
    def nuclei(self) -> ComparedEvents:
        """The events of nuclei: `nuclei/whole` of summary.json."""
        return self.where(self.primary != PRIMARIES["photon"])

    @property
    def photons(self) -> ComparedEvents:
        """The events of photons: `photons/whole` of summary.json."""
        return self.where(self.primary == PRIMARIES["photon"])

    def of_primary(self, symbol: str) -> ComparedEvents:
        """The events of a primary: photon, H, He, N or Fe.

        Raises:
            ComparisonError: there is no such primary.
        """
        if symbol not in PRIMARIES:
            raise ComparisonError(f"unknown primary {symbol!r}; known: {', '.join(PRIMARIES)}")
        return self.where(self.primary == PRIMARIES[symbol])

    def energies(self, low: float, high: float = np.inf) -> ComparedEvents:
        """The events whose standard energy [EeV] is from `low` up to `high`.

        `nuclei.energies(10)` is `nuclei/fitted_energy/above_10` of summary.json.
        """
        energy = self.estimates["standard"].energy
        return self.where((energy >= low) & (energy < high))

    def errors(self, quantity: str, method: str) -> Floats:
        """Errors of a method, estimate minus truth, in the unit of the quantity.

        Args:
            quantity: a name of `QUANTITIES`, like `space_angle` [deg] or `ln_energy`.
            method: a name of `methods`.

        Returns:
            Shape (events,). Pulls without a predicted error are NaN.

        Raises:
            ComparisonError: unknown names, or a pull of a method that predicts no errors.
        """
        known = _quantity(quantity)
        estimate = self._estimate(method)
        if known.error is not None:
            return known.error(estimate, self.truth, self.estimates["standard"])
        if method not in self.sigmas:
            raise ComparisonError(f"{method} predicts no errors, so it has no {quantity}")
        difference = getattr(estimate, known.column) - getattr(self.truth, known.column)
        if known.column == "azimuth":
            difference = wrapped(difference)
        with np.errstate(invalid="ignore", divide="ignore"):
            pull = difference / getattr(self.sigmas[method], known.column)
        result: Floats = np.where(np.isfinite(pull), pull, np.nan)
        return result

    def statistics(self, quantity: str, method: str) -> ErrorStatistics:
        """Median, mean, widths and so on of the errors of a method.

        Raises:
            ComparisonError: as `errors`.
        """
        errors, weights = self.errors(quantity, method), self.weights
        known = _quantity(quantity)
        if known.is_pull:
            has_one = np.isfinite(errors)
            errors, weights = errors[has_one], None if weights is None else weights[has_one]
        return error_statistics(errors, known.is_distance, weights)

    def gain(
        self, quantity: str, method: str, statistic: str = "width68", against: str = "standard"
    ) -> float:
        """1 - spread / spread of another method.

        Args:
            quantity: a name of `QUANTITIES`.
            method: a name of `methods`.
            statistic: `standard_deviation`, `root_mean_square`, `width68` or `width95`.
            against: the other method.
        """
        own = getattr(self.statistics(quantity, method), statistic)
        other = getattr(self.statistics(quantity, against), statistic)
        return float(1 - own / other)

    def explained_variance(
        self, quantity: str, method: str, against: str = "standard"
    ) -> float:
        """EV = 1 - Var(y - yhat) / Var(y - yhat_against), of signed errors.

        y is true minus standard, yhat estimate minus standard. Against `standard` it is EV_total
        (`score/explained_variance`), against `polynomial` EV_net.

        Raises:
            ComparisonError: the quantity is a distance or a pull, which have no explained variance.
        """
        self._require_signed(quantity)
        return explained_variance(
            self.errors(quantity, method), self.errors(quantity, against), self.weights
        )

    def net_explained_variance(self, quantity: str, method: str) -> float:
        """EV_net: the variance explained beyond the calibration `polynomial`."""
        return self.explained_variance(quantity, method, "polynomial")

    def trimmed_explained_variance(self, quantity: str, method: str) -> float:
        """EV_total without the 1 % of events with the largest |y - median y|."""
        self._require_signed(quantity)
        before, errors, weights = self.errors(quantity, "standard"), None, self.weights
        size = np.abs(before - quantile(before, 0.5, weights))
        inner = size <= quantile(size, 0.99, weights)
        errors = self.errors(quantity, method)
        return explained_variance(
            errors[inner], before[inner], None if weights is None else weights[inner]
        )

    def determination(self, quantity: str, method: str) -> float:
        """R^2 = 1 - mean (y - yhat)^2 / Var(y): punishes a bias, EV does not."""
        self._require_signed(quantity)
        errors, before = self.errors(quantity, method), self.errors(quantity, "standard")
        return 1 - mean(errors**2, self.weights) / variance(before, self.weights)

    def worsened_fraction(self, quantity: str, method: str, by: float = 1e-9) -> float:
        """Part of the events whose error grew in size by more than `by` standard widths.

        With `by` 2 it is `much_worsened_fraction` of summary.json.
        """
        width = self.statistics(quantity, "standard").width68
        growth = np.abs(self.errors(quantity, method)) - np.abs(self.errors(quantity, "standard"))
        return mean((growth > by * width).astype(np.float64), self.weights)

    def mass_bias(self, method: str) -> float:
        """Median of ln(E_rec/E_true) of H minus that of Fe.

        Raises:
            ComparisonError: there are no events of H or of Fe.
        """
        proton, iron = self.of_primary("H"), self.of_primary("Fe")
        if not (len(proton) and len(iron)):
            raise ComparisonError("there are no events of H or of Fe, so there is no mass bias")
        return (
            proton.statistics("ln_energy", method).median
            - iron.statistics("ln_energy", method).median
        )

    def _estimate(self, method: str) -> Shower:
        if method not in self.estimates:
            known = ", ".join(self.methods)
            raise ComparisonError(f"there is no method {method!r}; known: {known}")
        return self.estimates[method]

    def _require_signed(self, quantity: str) -> None:
        known = _quantity(quantity)
        if known.is_distance or known.is_pull:
            raise ComparisonError(f"{quantity} is a distance or a pull: it has no sign to explain")


def _quantity(name: str) -> Quantity:
    if name not in QUANTITIES:
        raise ComparisonError(f"unknown quantity {name!r}; known: {', '.join(QUANTITIES)}")
    return QUANTITIES[name]
