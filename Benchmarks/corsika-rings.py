#!/usr/bin/env python3
"""Densities and delays of CORSIKA showers in rings: our reader against the reference, the multiplied shower against its rows.

Usage: Benchmarks/corsika-rings.py reference ROWS.csv NAME...          rows in the reference's rings, against Fixtures/corsika/lateral.csv
       Benchmarks/corsika-rings.py multiplied NAME ROWS.csv STATIONS.csv    the same rings of rows and of stations' draws

The CSV files are those of `corsika-validation rings`.
"""

import csv
import sys

import numpy as np

KINDS = (("mu", "muons"), ("em", "electrons"), ("gamma", "photons"))


def table(path):
    return np.genfromtxt(path, delimiter=",", names=True)


def reference(path, name):
    rows = table(path)
    with open("Fixtures/corsika/lateral.csv") as file:
        known = {(float(r["r_lo_m"]), float(r["r_hi_m"])): r for r in csv.DictReader(file) if r["file"] == name}
    for kind, label in KINDS:
        for column, what in ((f"rho_{kind}", "density"), (f"{kind}_d10", "t10"), (f"{kind}_d50", "t50"), (f"{kind}_d90", "t90")):
            deviations, counts = [], []
            for row in rows:
                ring = known.get((row["r_lo_m"], row["r_hi_m"]))
                if ring:
                    deviations.append(row[column] / float(ring[column]) - 1)
                    counts.append(float(ring[f"neff_{kind}"]))
            deviations, worst = np.abs(deviations), int(np.argmax(np.abs(deviations)))
            place = "" if deviations[worst] < 1e-3 else f" ({rows['r_lo_m'][worst]:.0f}-{rows['r_hi_m'][worst]:.0f} m, {counts[worst]:.0f} effective rows)"
            verdict = "yes" if (deviations <= 0.01).all() else "no"
            print(
                f"| {name} | {label} | {what} | {len(deviations)} | {100 * deviations.mean():.3f} % | {100 * deviations[worst]:.2f} %{place} "
                f"| {(deviations <= 0.01).sum()} | {verdict} |"
            )


def multiplied(name, rows_path, stations_path):
    rows, stations = table(rows_path), table(stations_path)
    for row, station in zip(rows, stations):
        cells = [f"{row['r_lo_m']:.0f}-{row['r_hi_m']:.0f}"]
        for kind, _ in KINDS:
            cells.append(f"{100 * (station[f'rho_{kind}'] / row[f'rho_{kind}'] - 1):+.1f} +- {100 / np.sqrt(row[f'neff_{kind}']):.1f}")
        cells.append(f"{100 * (station['signal_other'] / row['signal_other'] - 1):+.1f} +- {100 / np.sqrt(row['neff_other']):.1f}")
        for kind in ("mu", "other"):
            cells.append(" / ".join(f"{100 * (station[f'{kind}_d{q}'] / row[f'{kind}_d{q}'] - 1):+.1f}" for q in (10, 50, 90)))
        print(f"| {name} | " + " | ".join(cells) + " |")


if sys.argv[1] == "reference":
    reference(sys.argv[2], sys.argv[3])
else:
    multiplied(*sys.argv[2:5])
