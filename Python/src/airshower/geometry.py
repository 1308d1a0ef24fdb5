"""Directions, cores, and a result about the standard one.

Directions point to where the shower came from. Azimuths count from east to north.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .tables import Floats


def direction(zenith: Floats, azimuth: Floats) -> Floats:
    """Unit vectors (sin z cos a, sin z sin a, cos z), shape (events, 3); angles in radians."""
    sine = np.sin(zenith)
    vector: Floats = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), np.cos(zenith)], -1)
    return vector


def wrapped(angle: Floats) -> Floats:
    """Angles brought to -pi ... pi [rad]."""
    turned: Floats = angle - 2 * np.pi * np.round(angle / (2 * np.pi))
    return turned


def space_angle(zenith: Floats, azimuth: Floats, zenith_2: Floats, azimuth_2: Floats) -> Floats:
    """Angle between two directions [rad]: atan2(|n x m|, n m), exact also for small angles."""
    n, m = direction(zenith, azimuth), direction(zenith_2, azimuth_2)
    angle: Floats = np.arctan2(np.linalg.norm(np.cross(n, m), axis=-1), (n * m).sum(-1))
    return angle


def core_distance(core_x: Floats, core_y: Floats, shower: Shower) -> Floats:
    """Distance of a core from the axis of a shower [m], that is in the plane of the shower.

    Both cores lie on the plane z = 0 of the array.
    """
    dx, dy = core_x - shower.core_x, core_y - shower.core_y
    offset = np.stack([dx, dy, np.zeros_like(dx)], -1)
    axis = direction(shower.zenith, shower.azimuth)
    distance: Floats = np.linalg.norm(np.cross(offset, axis), axis=-1)
    return distance


class Shower(NamedTuple):
    """Energy, direction and core of showers, each of shape (events,).

    log_energy: log10(E/eV); zenith, azimuth [rad]; core_x, core_y [m].
    """

    log_energy: Floats
    zenith: Floats
    azimuth: Floats
    core_x: Floats
    core_y: Floats

    @property
    def energy(self) -> Floats:
        """E [EeV]."""
        energy: Floats = 10 ** (self.log_energy - 18)
        return energy


class Residual(NamedTuple):
    """A shower about a standard one, each component of shape (events,).

    direction_zenith, direction_azimuth: gnomonic coordinates along e_theta and e_phi; ln_energy;
    core_along, core_across: core in the shower plane [m].
    """

    direction_zenith: Floats
    direction_azimuth: Floats
    ln_energy: Floats
    core_along: Floats
    core_across: Floats


def residual(shower: Shower, standard: Shower) -> Residual:
    """A shower about a standard one: n e_theta / (n m), n e_phi / (n m) and so on.

    n is the direction of the shower, m that of the standard one, on whose sphere e_theta and e_phi
    lie.
    """
    n, m = direction(shower.zenith, shower.azimuth), direction(standard.zenith, standard.azimuth)
    along, across = _tangents(standard)
    scale = (n * m).sum(-1)
    dx, dy = shower.core_x - standard.core_x, shower.core_y - standard.core_y
    cosine, sine = np.cos(standard.azimuth), np.sin(standard.azimuth)
    return Residual(
        (n * along).sum(-1) / scale,
        (n * across).sum(-1) / scale,
        (shower.log_energy - standard.log_energy) * np.log(10),
        (dx * cosine + dy * sine) * np.cos(standard.zenith),
        dy * cosine - dx * sine,
    )


def shifted(standard: Shower, by: Residual) -> Shower:
    """The standard shower moved by a residual: the inverse of `residual`."""
    along, across = _tangents(standard)
    n = direction(standard.zenith, standard.azimuth)
    n = n + by.direction_zenith[:, None] * along + by.direction_azimuth[:, None] * across
    n = n / np.linalg.norm(n, axis=-1)[:, None]
    east, north = by.core_along / np.cos(standard.zenith), by.core_across
    cosine, sine = np.cos(standard.azimuth), np.sin(standard.azimuth)
    return Shower(
        standard.log_energy + by.ln_energy / np.log(10),
        np.arctan2(np.hypot(n[:, 0], n[:, 1]), n[:, 2]),
        np.arctan2(n[:, 1], n[:, 0]),
        standard.core_x + east * cosine - north * sine,
        standard.core_y + east * sine + north * cosine,
    )


def _tangents(shower: Shower) -> tuple[Floats, Floats]:
    """e_theta and e_phi at the direction of a shower, shape (events, 3)."""
    zenith, azimuth = shower.zenith, shower.azimuth
    cosine, sine = np.cos(azimuth), np.sin(azimuth)
    along = np.stack([np.cos(zenith) * cosine, np.cos(zenith) * sine, -np.sin(zenith)], -1)
    return along, np.stack([-sine, cosine, np.zeros_like(cosine)], -1)
