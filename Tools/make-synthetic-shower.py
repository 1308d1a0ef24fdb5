#!/usr/bin/env python3
"""A file in CORSIKA's format that is not from CORSIKA: a shower of plausible numbers, for tests of the whole chain.

Usage: Tools/make-synthetic-shower.py > shower; zstd -19 -c shower > Fixtures/corsika/synthetic-shower.zst      (needs numpy)

A proton of 10 EeV from the east at 30 degrees on a level of 1400 m, 7,000 rows with weights: muons, electrons and photons with power laws
in the distance from the axis (rows per ln r constant, weights follow the density), log-normal delays, momenta away from the axis.
"""

import sys

import numpy as np

C = 29.9792458  # cm/ns
ENERGY, ZENITH, AZIMUTH, LEVEL, FIRST = 1e10, np.radians(30), np.radians(90), 140_000.0, 2_500_000.0


def rows(random, identity, count, density, slope, median, energy, mass, angle):
    """Rows of one kind: density [1/m2, shower plane] at 800 m, falling as r^-slope; energies in GeV, angle to the axis at 800 m."""
    r = 100 * np.exp(random.uniform(np.log(1.0), np.log(40.0), count))
    turn = random.uniform(0, 2 * np.pi, count)
    weight = np.maximum(density * (r / 800) ** -slope * 2 * np.pi * r**2 * np.log(40.0) / count, 1.5)
    n = np.array([np.sin(ZENITH) * np.cos(AZIMUTH), np.sin(ZENITH) * np.sin(AZIMUTH), -np.cos(ZENITH)])
    # Across the axis: one horizontal direction, one in the vertical plane.
    e1 = np.array([np.cos(ZENITH) * np.cos(AZIMUTH), np.cos(ZENITH) * np.sin(AZIMUTH), np.sin(ZENITH)])
    e2 = np.array([-np.sin(AZIMUTH), np.cos(AZIMUTH), 0])
    away = np.cos(turn)[:, None] * e1 + np.sin(turn)[:, None] * e2
    # Along the axis to the ground.
    place = r[:, None] * away
    place = place + (place[:, 2] / np.cos(ZENITH))[:, None] * n
    delay = median * (r / 800) ** 1.5 * np.exp(0.6 * random.standard_normal(count))
    plane = (FIRST - LEVEL) / np.cos(ZENITH) / C + 100 * (place @ n) / C
    tilt = angle * (r / 800) ** 0.5 * random.uniform(0.6, 1.4, count)
    flight = np.cos(tilt)[:, None] * n + np.sin(tilt)[:, None] * away
    kinetic = energy * random.exponential(1, count) + 0.3 * energy
    momentum = np.sqrt(kinetic * (kinetic + 2 * mass))
    table = np.zeros((count, 8), "<f4")
    table[:, 0] = identity * 1000 + (6 if identity == 5 else 56) * 10 + 1
    table[:, 1:4] = momentum[:, None] * flight * np.array([1, 1, -1])
    table[:, 4:6] = 100 * place[:, :2]
    table[:, 6] = plane + delay
    table[:, 7] = weight
    return table[(flight[:, 2] < -0.1)]


def block(name, words):
    out = np.zeros(312, "<f4")
    out[0] = np.frombuffer(name, "<f4")[0]
    for word, value in words.items():
        out[word - 1] = value
    return out


def main():
    random = np.random.default_rng(5)
    table = np.concatenate([
        rows(random, 5, 2500, 2.6, 2.6, 330, 3.0, 0.1057, 0.25),
        rows(random, 3, 1500, 9.0, 3.8, 600, 0.03, 0.000511, 0.3),
        rows(random, 1, 3000, 200.0, 3.7, 700, 0.01, 0.0, 0.35),
    ])
    table = table[random.permutation(len(table))]
    atmosphere = {250 + i: v for i, v in enumerate([
        -577950, 4e5, 1e6, 4e6, 1e7, -186.555305, -94.919, 0.61289, 0, 0.01128292, 1222.6562, 1144.9069, 1305.5948, 540.1778, 1,
        994186.38, 878153.55, 636143.04, 772170.16, 1e9])}
    run = block(b"RUNH", {2: 1, 3: 261125, 4: 7.7, 5: 1, 6: LEVEL, 16: -1, 17: ENERGY, 18: ENERGY, 93: 1, **atmosphere})
    event = block(b"EVTH", {
        2: 1, 3: 14, 4: ENERGY, 7: FIRST, 8: ENERGY * np.sin(ZENITH) * np.cos(AZIMUTH), 9: ENERGY * np.sin(ZENITH) * np.sin(AZIMUTH),
        10: ENERGY * np.cos(ZENITH), 11: ZENITH, 12: AZIMUTH, 44: 1, 45: 261125, 46: 7.7, 47: 1, 48: LEVEL, 58: -1, 59: ENERGY, 60: ENERGY,
        61: 0.3, 62: 0.05, 63: 0.00025, 64: 0.00025, 71: 21.95, 72: 46.4, 75: 2, 76: 2, 148: 1e-5, 149: 1e-5, 151: 1e5, 155: 80, 158: 1.128292e7})
    kind = table[:, 0] // 1000
    sums = [table[kind == k, 7].astype(float).sum() for k in (1, 3, 5)]
    end = block(b"EVTE", {2: 1, 3: sums[0], 4: sums[1], 5: 0, 6: sums[2], 7: len(table), 256: 7e9, 258: 780 * np.cos(ZENITH), 262: 1.0})
    data = np.zeros(-(-len(table) // 39) * 39 * 8, "<f4")
    data[: table.size] = table.ravel()
    blocks = np.concatenate([run, event, data, end, block(b"RUNE", {2: 1, 3: 1})]).reshape(-1, 312)
    blocks = np.concatenate([blocks, np.zeros((-len(blocks) % 21, 312), "<f4")])
    marker = np.array([26208], "<u4").tobytes()
    for record in blocks.reshape(-1, 21 * 312):
        sys.stdout.buffer.write(marker + record.tobytes() + marker)


main()
