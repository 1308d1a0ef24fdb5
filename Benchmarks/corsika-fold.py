#!/usr/bin/env python3
"""Signals of CORSIKA particles folded with the response table, beside those of the program that made the table (fold.csv).

Usage: Benchmarks/corsika-fold.py FOLD.csv NAME=SHOWER.dat...      (NAME: shower of FOLD.csv, as psh, Hesh, s2p1, s2gamma1)

Prints Markdown; ends with an error where the total of 700 to 900 m differs by more than 3 %.
"""

import csv
import importlib.util
import pathlib
import sys

import numpy as np

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "Tools"))
spec = importlib.util.spec_from_file_location("components", root / "Tools/corsika-components.py")
components = importlib.util.module_from_spec(spec)
spec.loader.exec_module(components)


def main():
    response = components.Response(root / "tables/detectors/telescope-array.csv")
    with open(sys.argv[1]) as file:
        known = {row["shower"]: row for row in csv.DictReader(file) if row["r1_m"] == "700"}
    print("| shower | photons | electrons | muons | hadrons | total |\n|---|---|---|---|---|---|")
    worst = 0
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        _, p = components.particles(path)
        ring = (p["r"] >= 700) & (p["r"] < 900)
        p = {k: v[ring] for k, v in p.items()}
        area = np.pi * (900**2 - 700**2)
        zenith = np.radians(float(known[name]["theta_deg"]))
        signals = []
        for kind, column in (("photon", "S_photon"), ("electron", "S_e"), ("muon", "S_mu"), ("hadron", "S_had")):
            total = 0.0
            for part in components.KINDS[kind]:
                own = p["name"] == part
                total += (p["weight"][own] * response(part, p["energy"][own], p["cosine"][own])[0]).sum()
            # The ring of the shower plane is an ellipse on the ground.
            signals.append((total * np.cos(zenith) / area, float(known[name][column])))
        signals.append((sum(s for s, _ in signals), float(known[name]["S_total"])))
        worst = max(worst, abs(signals[-1][0] / signals[-1][1] - 1))
        print(f"| {name} | " + " | ".join(f"{a / b:.3f}" for a, b in signals) + " |")
    if worst > 0.03:
        sys.exit(f"the total differs by {worst:.3f}")


main()
