#!/usr/bin/env python3
"""Risetime of CORSIKA showers near 1050 m: the whole signal, the same of the model, and charged particles alone.

Usage: Benchmarks/corsika-risetime.py LATERAL.csv VALUES.csv     (VALUES of `airshower validate-simulation --values`)

Prints Markdown. Signals and interpolation between quantiles are those of Sources/SimulationValidation/CorsikaShower.swift.
"""

import csv
import math
import sys

MUON_VEM = 1.17
ELECTRON = [(200, 0.68), (800, 0.68), (1700, 0.93), (3000, 0.95)]
PHOTON = [(200, 0.0452), (400, 0.0457), (800, 0.0495), (1100, 0.0535), (1500, 0.059), (2000, 0.063)]


def interpolate(r, nodes):
    """Linear in ln r, constant outside."""
    if r <= nodes[0][0]:
        return nodes[0][1]
    for (a, low), (b, high) in zip(nodes, nodes[1:]):
        if r < b:
            return low + (high - low) * math.log(r / a) / math.log(b / a)
    return nodes[-1][1]


def cumulative(t, least, t10, t50, t90):
    spread = t90 - t50
    knots = [(0, 0), (min(least, t10 / 2), 0.002), (t10, 0.1), ((t10 + t50) / 2, 0.315), (t50, 0.5),
             ((t50 + t90) / 2, 0.74), (t90, 0.9), (t90 + 0.35 * spread, 0.95), (t90 + 0.8 * spread, 0.985),
             (t90 + 2 * spread, 1)]
    for (a, low), (b, high) in zip(knots, knots[1:]):
        if t < b:
            return low + (high - low) * (t - a) / (b - a)
    return 1


def risetime(parts):
    """t50 - t10 of distributions together: pairs of a weight and (least, t10, t50, t90)."""
    total = sum(weight for weight, _ in parts)

    def quantile(p):
        low, high = 0.0, 1e5
        for _ in range(60):
            t = (low + high) / 2
            share = sum(weight * cumulative(t, *knots) for weight, knots in parts) / total
            low, high = (t, high) if share < p else (low, t)
        return low

    return quantile(0.5) - quantile(0.1)


def main():
    lateral, values = (list(csv.DictReader(open(path))) for path in sys.argv[1:3])
    print("| shower | E [EeV] | zenith | CORSIKA, whole signal | model, whole signal | CORSIKA, electrons and muons |")
    print("|---|---|---|---|---|---|")
    columns = ([], [], [])
    for row in lateral:
        r = float(row["r_mean_m"])
        if not 1000 < r < 1200:
            continue
        knots = {p: [float(row[f"{p}_d{k}"]) for k in ("min", "10", "50", "90")] for p in ("mu", "em", "gamma")}
        number = {p: float(row[f"rho_{p}"]) for p in knots}
        muons = MUON_VEM * number["mu"]
        others = [(interpolate(r, ELECTRON) * number["em"], knots["em"]),
                  (interpolate(r, PHOTON) * number["gamma"], knots["gamma"])]
        model = {v["quantity"]: float(v["model"]) for v in values
                 if v["shower"] == row["file"] and abs(float(v["r_m"]) - r) < 0.1}
        times = {p: [0.3 * model[f"{p} t10"]] + [model[f"{p} t{k}"] for k in (10, 50, 90)] for p in ("muon", "em")}
        cells = (
            risetime([(muons, knots["mu"])] + others),
            risetime([(MUON_VEM * model["muon density"], times["muon"]), (model["em signal"], times["em"])]),
            risetime([(number["mu"], knots["mu"]), (number["em"], knots["em"])]),
        )
        for column, cell in zip(columns, cells):
            column.append(cell)
        print(f"| {row['file']} {row['primary']} | {float(row['E_GeV']) / 1e9:.2f} | {float(row['theta_deg']):.1f} | "
              + " | ".join(f"{cell:.0f}" for cell in cells) + " |")
    print("| mean | | | " + " | ".join(f"{sum(c) / len(c):.0f}" for c in columns) + " |")


main()
