#!/usr/bin/env python3
"""Early and late side of CORSIKA showers: densities and delays by azimuth, from thinned particle files.

Usage: Tools/corsika-azimuth.py SHOWER.dat... > Fixtures/corsika/azimuth.csv     (SHOWER.dat.zst: zstd -d first)

Needs numpy. For each shower and ring of shower-plane distance: signal of the electromagnetic particles (deposits per
particle as in Documentation/simulation.md) and number of muons on the early (cos zeta > 1/2) and late side, with the
statistical error of the asymmetry (E - L)/(E + L), and quantiles of the delays behind the plane front [ns].
"""

import sys

import numpy as np

SPEED_OF_LIGHT = 0.299792458
EDGES = [300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1400, 1600, 1800, 2000]
MASSES = {1: 0, 2: 0.000511, 3: 0.000511, 5: 0.105658, 6: 0.105658}


def read(path):
    """Header and particle rows of the first shower of a thinned file with record markers."""
    raw = np.fromfile(path, dtype=np.uint8)
    count = raw.size // 26216
    blocks = raw[: count * 26216].reshape(count, 26216)[:, 4:-4].copy().view("<f4").reshape(count * 21, 312)
    names = blocks[:, 0].copy().view("S4")
    header = blocks[names == b"EVTH"][0].astype(float)
    rows = blocks[~np.isin(names, [b"RUNH", b"EVTH", b"EVTE", b"RUNE", b"LONG"])].reshape(-1, 8).astype(float)
    return header, rows[rows[:, 0] != 0]


def particles(path):
    header, rows = read(path)
    zenith, azimuth = header[10], header[11]
    u = np.array([np.sin(zenith) * np.cos(azimuth), np.sin(zenith) * np.sin(azimuth)])
    start = header[6] if header[6] > 0 else header[157]
    x, y = rows[:, 4] / 100, rows[:, 5] / 100
    plane = ((start - header[47]) / 100 / np.cos(zenith) + x * u[0] + y * u[1]) / SPEED_OF_LIGHT
    along = -(x * u[0] + y * u[1])
    momentum = np.sqrt((rows[:, 1:4] ** 2).sum(1))
    kind = (rows[:, 0] // 1000).astype(int)
    mass = np.array([MASSES.get(k, 1.0) for k in kind])
    return {
        "zenith": zenith,
        "kind": kind,
        "r": np.sqrt(x**2 + y**2 - along**2),
        "cos_zeta": along / np.maximum(np.sqrt(x**2 + y**2 - along**2) * np.tan(zenith), 1e-9),
        "delay": rows[:, 6] - plane,
        "weight": rows[:, 7],
        "kinetic": 1000 * (np.sqrt(momentum**2 + mass**2) - mass),
        "secant": np.minimum(momentum / np.maximum(rows[:, 3], 1e-9), 10),
    }


def deposit(p):
    """Mean of both layers [VEM] of electrons and photons."""
    sec, t = p["secant"], p["kinetic"]
    electron = np.isin(p["kind"], (2, 3))
    upper = np.where(electron, np.clip(t - 2.5 * sec, 0, 2.35 * sec), np.minimum(0.043 * np.sqrt(t), 0.11) * sec)
    lower = np.where(electron, np.clip(t - 6.4 * sec, 0, 2.35 * sec), 1.15 * upper)
    return 0.5 * (upper + lower) / 2.05


def quantiles(delays, weights):
    order = np.argsort(delays)
    cumulative = np.cumsum(weights[order])
    return np.interp([0.1, 0.5, 0.9], cumulative / cumulative[-1], delays[order])


def sides(p, weights, chosen):
    """Asymmetry with its error, and delays of the early and the late side."""
    early = chosen & (p["cos_zeta"] > 0.5)
    late = chosen & (p["cos_zeta"] < -0.5)
    e, l = weights[early].sum(), weights[late].sum()
    error = 2 * np.sqrt(e**2 * (weights[late] ** 2).sum() + l**2 * (weights[early] ** 2).sum()) / (e + l) ** 2
    return [(e - l) / (e + l), error, *quantiles(p["delay"][early], weights[early]), *quantiles(p["delay"][late], weights[late])]


def main():
    columns = ["asymmetry", "asymmetry_error", "early_t10", "early_t50", "early_t90", "late_t10", "late_t50", "late_t90"]
    print("file,r_mean_m," + ",".join(f"{part}_{c}" for part in ("mu", "em") for c in columns))
    for path in sys.argv[1:]:
        p = particles(path)
        muons, electromagnetic = np.isin(p["kind"], (5, 6)), p["kind"] <= 3
        signal = p["weight"] * deposit(p)
        for low, high in zip(EDGES, EDGES[1:]):
            ring = (p["r"] >= low) & (p["r"] < high)
            inside = ring & electromagnetic
            r = (p["r"][inside] * signal[inside]).sum() / signal[inside].sum()
            values = sides(p, p["weight"], ring & muons) + sides(p, signal, inside)
            name = path.rsplit("/", 1)[-1].removesuffix(".dat")
            print(f"{name},{r:.1f}," + ",".join(f"{v:.4g}" for v in values))


main()
