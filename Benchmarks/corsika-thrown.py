#!/usr/bin/env python3
"""Signals of thrown CORSIKA showers beside the model of the same energy, mass, depth, muon number and atmosphere.

Usage: Benchmarks/corsika-thrown.py VALUES.csv FIGURE.csv NAME=EVENTS.h5...

VALUES.csv is written by `airshower validate-simulation --corsika FOLDER --values VALUES.csv`; NAME is a shower in it that has a total
signal. EVENTS.h5 are throws of the same shower with every station alive. Prints Markdown; FIGURE.csv gets name, r, ratio, error.
"""

import csv
import sys

import h5py
import numpy as np

BANDS = ((600, 700), (700, 850), (850, 1000), (1000, 1200), (1200, 1500))
C = 0.299792458


def signals(path):
    """Distance from the axis [m] and signal [VEM/m2] of every station within 600 to 1500 m, silent ones with 0."""
    out = []
    with h5py.File(path) as f:
        ids = f["array/station_id"][:]
        order = np.argsort(ids)
        xyz = np.stack([f["array"][k][:] for k in "xyz"], 1)
        z, a = f["truth/zenith"][:], f["truth/azimuth"][:]
        core = np.stack([f["truth/core_x"][:], f["truth/core_y"][:]], 1)
        time = f["truth/time"][:]
        first, count = f["events/first_hit"][:], f["events/hit_count"][:]
        names, start = f["hits/station_id"][:], f["hits/window_start"][:]
        pedestal = np.stack([f["hits/pedestal_upper"][:], f["hits/pedestal_lower"][:]], 1)
        scale = np.stack([f["hits/counts_per_vem_upper"][:], f["hits/counts_per_vem_lower"][:]], 1)
        radius = float(np.max(f["truth/parametric_radius"][:]))
        for event in range(len(first)):
            n = np.array([np.sin(z[event]) * np.cos(a[event]), np.sin(z[event]) * np.sin(a[event]), np.cos(z[event])])
            d = xyz - np.append(core[event], 0)
            along = d @ n
            r = np.sqrt((d**2).sum(1) - along**2)
            total = np.zeros(len(ids))
            rows = slice(first[event], first[event] + count[event])
            if count[event]:
                place = order[np.searchsorted(ids[order], names[rows])]
                front = time[event] - along[place] / C
                own = (start[rows] + 600 - front > -1000) & (start[rows] + 600 - front < 8000)
                counts = f["hits/waveform"][rows].astype(float).sum(2) - pedestal[rows] * f["hits/waveform"].shape[2]
                np.add.at(total, place[own], ((counts / scale[rows]).mean(1) / 3)[own])
            chosen = (r > BANDS[0][0]) & (r < BANDS[-1][1])
            out.append(np.stack([r[chosen], total[chosen]], 1))
    return np.concatenate(out), radius


def main():
    with open(sys.argv[1]) as file:
        values = [row for row in csv.DictReader(file)]
    print("| shower | " + " | ".join(f"{a}-{b} m" for a, b in BANDS) + " | 600-1500 m | joining radius [m] |\n|---|" + "---|" * (len(BANDS) + 2))
    means = []
    with open(sys.argv[2], "w") as figure:
        print("name,r_m,ratio,error", file=figure)
        for argument in sys.argv[3:]:
            name, path = argument.split("=", 1)
            own = sorted((float(v["r_m"]), float(v["model"])) for v in values if v["shower"] == name and v["quantity"] == "total signal")
            if not own:
                sys.exit(f"{sys.argv[1]}: no total signal of {name}; its particles must be in components.csv")
            grid, model = np.log(np.array(own)).T
            sample, radius = signals(path)
            expected = np.exp(np.interp(np.log(sample[:, 0]), grid, model))
            cells, ratios = [], []
            for low, high in BANDS:
                inside = (sample[:, 0] >= low) & (sample[:, 0] < high)
                s, e = sample[inside, 1], expected[inside]
                ratio = s.sum() / e.sum()
                error = np.sqrt(((s - ratio * e) ** 2).sum()) / e.sum()
                ratios.append((ratio, error))
                cells.append(f"{ratio:.3f} ± {error:.3f}")
                print(f"{name},{0.5 * (low + high)},{ratio:.4f},{error:.4f}", file=figure)
            weights = np.array([1 / (e * e + 1e-4) for _, e in ratios])
            mean = np.average([r for r, _ in ratios], weights=weights)
            means.append(mean)
            print(f"| {name} | " + " | ".join(cells) + f" | {mean:.3f} | {radius:.0f} |")
    print(f"\nMean of the showers {np.mean(means):.3f}, largest deviation {np.max(np.abs(np.array(means) - 1)):.3f}.")


main()
