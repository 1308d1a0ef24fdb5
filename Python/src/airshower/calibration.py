"""The method `polynomial`: what a calibration of ten coefficients explains without a network."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .geometry import Residual, Shower, residual, shifted
from .tables import Floats, Integers, Mask

_ACROSS = ("direction_azimuth", "core_across")
"""Residuals across the axis have the mean zero by symmetry, and are not corrected."""


def polynomial_terms(zenith: Floats, signal800: Floats) -> Floats:
    """The ten terms up to degree 3 in x = 4 (sec theta - 1.25), s = (log10 S800 - 1.5)/1.5.

    Args:
        zenith: of the standard fit [rad], shape (events,).
        signal800: of the standard fit [VEM/m^2], shape (events,).

    Returns:
        Shape (events, 10).
    """
    x, s = 4 * (1 / np.cos(zenith) - 1.25), (np.log10(signal800) - 1.5) / 1.5
    one = np.ones_like(x)
    terms: Floats = np.stack(
        [one, x, s, x * x, x * s, s * s, x**3, x * x * s, x * s * s, s**3], -1
    )
    return terms


def fit_polynomial(terms: Floats, truth: Shower, standard: Shower) -> dict[str, Floats]:
    """Coefficients of the mean residual, true minus standard, by least squares.

    The normal equations are solved, singular values below 1e-13 of the largest count as zero.

    Args:
        terms: of `polynomial_terms`, shape (events, 10).
        truth, standard: the same events.

    Returns:
        Ten coefficients for each component of `Residual`.
    """
    wanted = residual(truth, standard)
    finite = np.isfinite(terms).all(-1) & np.isfinite(wanted).all(0)
    a = terms[finite]
    coefficients = {}
    for name, values in wanted._asdict().items():
        if name in _ACROSS:
            coefficients[name] = np.zeros(terms.shape[1])
        else:
            b = a.T @ values[finite]
            coefficients[name] = np.linalg.lstsq(a.T @ a, b, rcond=1e-13)[0]
    return coefficients


def apply_polynomial(
    coefficients: dict[str, Floats], terms: Floats, standard: Shower
) -> Shower:
    """The standard results, corrected by the mean residual."""
    return shifted(standard, Residual(**{n: terms @ c for n, c in coefficients.items()}))


def tenth_of(shower: Integers) -> Integers:
    """A number from 0 to 9 for each shower, at random.

    The first word of Philox4x32-10 with key 1, stream 9 and the shower's number as counter, times
    10 / 2^32.

    Args:
        shower: numbers of showers in order of first appearance, from 0; shape (events,).
    """
    mask = np.uint64(0xFFFF_FFFF)
    half = np.uint64(32)
    number = shower.astype(np.uint64)
    zero = np.zeros_like(number)
    c = [zero, number & mask, (number >> half) | np.uint64(9 << 8), zero]
    keys = [1, 0]
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD251_1F53), c[2] * np.uint64(0xCD9E_8D57)
        c = [
            (b >> half) ^ c[1] ^ np.uint64(keys[0]), b & mask,
            (a >> half) ^ c[3] ^ np.uint64(keys[1]), a & mask,
        ]
        keys = [(keys[0] + 0x9E37_79B9) & 0xFFFF_FFFF, (keys[1] + 0xBB67_AE85) & 0xFFFF_FFFF]
    tenth: Integers = ((c[0] * np.uint64(10)) >> half).astype(np.int64)
    return tenth


def rows_of(shower: Shower, rows: Mask | Integers) -> Shower:
    """Some of the showers."""
    return Shower(*(column[rows] for column in shower))


def placed(parts: Iterable[tuple[Mask, Shower]], start: Shower) -> Shower:
    """A copy of some showers with others in their places."""
    columns = [column.copy() for column in start]
    for rows, values in parts:
        for column, value in zip(columns, values):
            column[rows] = value
    return Shower(*columns)
