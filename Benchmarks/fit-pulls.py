#!/usr/bin/env python3
"""Pulls, bias and resolution of the standard fit against energy, as a Markdown page.

    /usr/bin/python3 Benchmarks/fit-pulls.py reco.h5

A pull is (fit - true) / sigma: mean 0 and width 1 if the errors are errors.
"""
import datetime
import json
import sys

import h5py
import numpy as np

file = h5py.File(sys.argv[1])
truth = {name: column[:] for name, column in file["truth"].items()}
fit = {name: column[:] for name, column in file["reconstruction/standard"].items()}
chi2 = fit["chi2_time"] + fit["chi2_signal"] + fit["chi2_silent"]
good = (
    (fit["status"] == 0) & (fit["station_count"] >= 5) & (chi2 < 5 * fit["ndf"])
    & (fit["signal800_sigma"] < 0.25 * fit["signal800"])
    & (fit["direction_sigma"] < np.radians(5)) & (fit["zenith"] < np.radians(45))
)


def axis(shower):
    s = np.sin(shower["zenith"])
    return np.stack([s * np.cos(shower["azimuth"]), s * np.sin(shower["azimuth"]), np.cos(shower["zenith"])])


def half_width(x):
    low, high = np.quantile(x, [0.16, 0.84])
    return (high - low) / 2


cross = np.linalg.norm(np.cross(axis(fit), axis(truth), axis=0), axis=0)
angle = np.degrees(np.arctan2(cross, (axis(fit) * axis(truth)).sum(0)))
zenith_error = np.degrees(fit["zenith"] - truth["zenith"])
phi = np.remainder(fit["azimuth"] - truth["azimuth"] + np.pi, 2 * np.pi) - np.pi
energy_error = (fit["log_energy"] - truth["log_energy"]) * np.log(10)
core = np.hypot(fit["core_x"] - truth["core_x"], fit["core_y"] - truth["core_y"])
pulls = {
    "core x": (fit["core_x"] - truth["core_x"]) / fit["core_x_sigma"],
    "core y": (fit["core_y"] - truth["core_y"]) / fit["core_y_sigma"],
    "zenith": (fit["zenith"] - truth["zenith"]) / fit["zenith_sigma"],
    "azimuth": phi / fit["azimuth_sigma"],
    "time": (fit["time"] - truth["time"]) / fit["time_sigma"],
}
log_energy = truth["log_energy"] - 18
edges = [0, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5]

steps = json.loads(file.attrs["PROVENANCE"])
seed = next((step["seed"] for step in steps if step["activity"] == "simulate"), "?")
print("# The standard fit on simulated events\n")
print(f"Made by `make validate` on {datetime.date.today()}, simulation seed {seed}: {len(good)} events,")
print(f"{(fit['status'] == 0).sum()} reconstructed, {good.sum()} after the standard cuts.\n")
print("| lg(E/EeV) | events | angular 68 % (deg) | median theta - true (deg) | ln E half width | ln E median "
      "| core 68 % (m) | chi2/ndf median | stations |")
print("|---|---|---|---|---|---|---|---|---|")
bins = [(a, b, good & (log_energy >= a) & (log_energy < b)) for a, b in zip(edges, edges[1:])]
for a, b, m in bins:
    if m.sum() < 50:
        continue
    print(f"| {a:.2f} - {b:.2f} | {m.sum()} | {np.quantile(angle[m], .68):.2f} | {np.median(zenith_error[m]):+.2f} "
          f"| {half_width(energy_error[m]):.3f} | {np.median(energy_error[m]):+.3f} | {np.quantile(core[m], .68):.0f} "
          f"| {np.median((chi2 / fit['ndf'])[m]):.2f} | {fit['station_count'][m].mean():.1f} |")
print("\nPulls, median and 68 % half width (1 if the errors are errors):\n")
print("| lg(E/EeV) | " + " | ".join(pulls) + " |")
print("|---|" + "---|" * len(pulls))
for a, b, m in bins:
    if m.sum() < 50:
        continue
    cells = [f"{np.median(p[m]):+.2f}, {half_width(p[m]):.2f}" for p in pulls.values()]
    print(f"| {a:.2f} - {b:.2f} | " + " | ".join(cells) + " |")
