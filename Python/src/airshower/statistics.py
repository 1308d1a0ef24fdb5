"""Numbers that describe a distribution of errors, by the definitions of `airshower compare`.

Weights are those of events of another spectrum. Without them all events count once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .tables import Floats


def quantile(values: Floats, p: float, weights: Floats | None = None) -> float:
    """The quantile p of some values.

    Without weights it is linear between order statistics (definition 7 of Hyndman and Fan). With
    weights it is the smallest value up to which a part p of the weight lies.

    Args:
        values: shape (events,).
        p: 0 to 1.
        weights: shape (events,), not negative.
    """
    if len(values) == 0:
        return float("nan")
    if weights is None:
        return float(np.quantile(values, p))
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[order])
    reached = (sums >= p * sums[-1]) & (weights[order] > 0)
    return float(values[order][np.argmax(reached)])


def containment(distances: Floats, p: float = 0.68, weights: Floats | None = None) -> float:
    """The distance or angle below which a part p of the events lies."""
    return quantile(distances, p, weights)


def half_width(errors: Floats, p: float = 0.68, weights: Floats | None = None) -> float:
    """Half width of the central part p of signed errors: (q84 - q16)/2 for p = 0.68."""
    low, high = (1 - p) / 2, (1 + p) / 2
    return (quantile(errors, high, weights) - quantile(errors, low, weights)) / 2


def mean(values: Floats, weights: Floats | None = None) -> float:
    """The mean, sum w x / sum w; NaN without values."""
    return float(np.average(values, weights=weights)) if len(values) else float("nan")


def variance(values: Floats, weights: Floats | None = None) -> float:
    """The population variance, mean (x - mean x)^2."""
    return mean((values - mean(values, weights)) ** 2, weights)


def explained_variance(
    errors: Floats, reference: Floats, weights: Floats | None = None
) -> float:
    """EV = 1 - Var(errors) / Var(reference), of signed errors of the same events.

    With the errors of the standard method as reference it is EV_total, with those of the method
    `polynomial` it is EV_net.
    """
    return 1 - variance(errors, weights) / variance(reference, weights)


@dataclass(frozen=True)
class ErrorStatistics:
    """Numbers about the errors of one method in one quantity, in the unit of the quantity.

    Attributes:
        events: number of events.
        median, mean: bias of signed errors.
        standard_deviation: sqrt of the population variance.
        root_mean_square: sqrt(mean x^2), about zero.
        width68, width95: half width of the central 68 % and 95 %; of distances the quantiles .68
            and .95.
        coverage: part with |x| <= 1; of pulls, the events within one predicted error.
    """

    events: int
    median: float
    mean: float
    standard_deviation: float
    root_mean_square: float
    width68: float
    width95: float
    coverage: float


def error_statistics(
    errors: Floats, is_distance: bool = False, weights: Floats | None = None
) -> ErrorStatistics:
    """All numbers about some errors.

    Args:
        errors: shape (events,).
        is_distance: whether they are distances or angles, never negative.
        weights: shape (events,).
    """
    average, spread = mean(errors, weights), variance(errors, weights)

    def width(p: float) -> float:
        return containment(errors, p, weights) if is_distance else half_width(errors, p, weights)

    return ErrorStatistics(
        events=len(errors),
        median=quantile(errors, 0.5, weights),
        mean=average,
        standard_deviation=float(np.sqrt(spread)),
        root_mean_square=float(np.sqrt(spread + average * average)),
        width68=width(0.68),
        width95=width(0.95),
        coverage=mean((np.abs(errors) <= 1).astype(np.float64), weights),
    )
