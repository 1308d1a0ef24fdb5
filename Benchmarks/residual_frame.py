"""A result about the standard one: direction in the tangent plane of its axis, core in the shower plane. Results are
dictionaries of numpy columns as in event files."""

import numpy as np

NAMES = ["log_energy", "zenith", "azimuth", "core_x", "core_y"]


def vector(zenith, azimuth):
    return np.stack([np.sin(zenith) * np.cos(azimuth), np.sin(zenith) * np.sin(azimuth), np.cos(zenith)], -1)


def axes(zenith, azimuth):
    """Unit vectors e_theta and e_phi."""
    along = np.stack([np.cos(zenith) * np.cos(azimuth), np.cos(zenith) * np.sin(azimuth), -np.sin(zenith)], -1)
    return along, np.stack([-np.sin(azimuth), np.cos(azimuth), 0 * azimuth], -1)


def wrapped(angle):
    return (angle + np.pi) % (2 * np.pi) - np.pi


def residuals(estimate, standard):
    """u, v (gnomonic), ln E / E_std, core along and across [m]."""
    n, m = vector(estimate["zenith"], estimate["azimuth"]), vector(standard["zenith"], standard["azimuth"])
    theta, phi = standard["zenith"], standard["azimuth"]
    along, across = axes(theta, phi)
    scale = (n * m).sum(-1)
    dx, dy = estimate["core_x"] - standard["core_x"], estimate["core_y"] - standard["core_y"]
    return [
        (n * along).sum(-1) / scale, (n * across).sum(-1) / scale,
        (estimate["log_energy"] - standard["log_energy"]) * np.log(10),
        (dx * np.cos(phi) + dy * np.sin(phi)) * np.cos(theta), dy * np.cos(phi) - dx * np.sin(phi),
    ]


def shifted(standard, values):
    """The standard result moved by residuals."""
    theta, phi = standard["zenith"], standard["azimuth"]
    along, across = axes(theta, phi)
    n = vector(theta, phi) + values[0][:, None] * along + values[1][:, None] * across
    n /= np.linalg.norm(n, axis=-1)[:, None]
    a, b = values[3] / np.cos(theta), values[4]
    return {
        "zenith": np.arctan2(np.hypot(n[:, 0], n[:, 1]), n[:, 2]), "azimuth": np.arctan2(n[:, 1], n[:, 0]),
        "log_energy": standard["log_energy"] + values[2] / np.log(10),
        "core_x": standard["core_x"] + a * np.cos(phi) - b * np.sin(phi),
        "core_y": standard["core_y"] + a * np.sin(phi) + b * np.cos(phi),
    }
