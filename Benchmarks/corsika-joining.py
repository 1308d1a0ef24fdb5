#!/usr/bin/env python3
"""Where the thrown particles of a CORSIKA shower join the parametric model: mean signals against the distance.

Usage: corsika-joining.py NAME RECO.h5 [NAME RECO.h5 ...] > page.md (writes corsika-joining.png into the folder Documentation/results)

Each file holds the throws of one shower (airshower simulate --corsika --config with saturation and nonLinearity false, reconstruct
--saturation-counts 65536). Signals are the means of both layers; distances are those from the true axis. Needs numpy, h5py and gnuplot.
"""

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np

root = Path(__file__).resolve().parent.parent
STEP, BINS, REPLICAS = 0.08, 6, 200


def stations(path):
    """Distance / joining radius and signal of every station, with the number of its throw; radius; errors of the fit."""
    with h5py.File(path) as f:
        truth, fit, table, array = f["truth"], f["reconstruction/standard"], f["stations"], f["array"]
        number = {value: index for index, value in enumerate(array["station_id"][:])}
        place = np.stack([array[key][:] for key in "xyz"], -1)[[number[v] for v in table["station_id"][:]]]
        event = np.repeat(np.arange(len(fit["status"])), fit["station_rows"][:])
        theta, phi = truth["zenith"][:], truth["azimuth"][:]
        n = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)[event]
        offset = place - np.stack([truth["core_x"][:], truth["core_y"][:], 0 * theta], -1)[event]
        along = (offset * n).sum(-1, keepdims=True)
        signal = (table["signal_upper"][:] + table["signal_lower"][:]) / 6
        good = signal > 0
        radius = float(truth["parametric_radius"][0])
        distance = np.linalg.norm(offset - along * n, axis=-1)
        fitted = fit["status"][:] == 0
        dx, dy = (fit[k][:] - truth[k][:] for k in ("core_x", "core_y"))
        errors = (np.median((dx * np.cos(phi) + dy * np.sin(phi))[fitted]),
                  np.degrees(np.median((fit["zenith"][:] - theta)[fitted])))
    return distance[good] / radius, signal[good], event[good], radius, errors


def means(x, signal):
    """Mean signal in bins of ln(r / R), taken to the middle of the bin with the slope -4."""
    place = np.floor(np.log(x) / STEP).astype(int)
    middle = np.exp((place + 0.5) * STEP)
    found = []
    for number in range(-BINS, BINS):
        use = place == number
        found.append(np.mean(signal[use] * (x[use] / middle[use]) ** 4) if use.sum() > 2 else np.nan)
    return (np.arange(-BINS, BINS) + 0.5) * STEP, np.array(found)


def step(x, signal):
    """Outside over inside at R: one parabola of the logarithms for both sides, and a jump between."""
    centre, value = means(x, signal)
    design = np.column_stack([np.ones_like(centre), centre, centre**2, centre > 0])
    known = np.isfinite(value)
    return float(np.exp(np.linalg.lstsq(design[known], np.log(value[known]), rcond=None)[0][3]))


curves, rows = [], []
random = np.random.default_rng(1)
for name, path in zip(sys.argv[1::2], sys.argv[2::2]):
    x, signal, event, radius, errors = stations(path)
    found = step(x, signal)
    order = np.argsort(event, kind="stable")
    starts = np.searchsorted(event[order], np.arange(event.max() + 2))
    replicas = []
    for _ in range(REPLICAS):
        draw = random.integers(0, event.max() + 1, event.max() + 1)
        use = np.concatenate([order[starts[e]:starts[e + 1]] for e in draw])
        replicas.append(step(x[use], signal[use]))
    centre, value = means(x, signal)
    curves.append((name, "\n".join(f"{np.exp(c):.4f} {v:.5g}" for c, v in zip(centre, value))))
    rows.append(f"| {name} | {radius:.0f} | {found:.3f} ± {np.std(replicas):.3f} | {errors[0]:+.0f} | {errors[1]:+.2f} |")

blocks = "\n".join(f"$d{i} << EOD\n{text}\nEOD" for i, (_, text) in enumerate(curves))
plots = ", ".join(f"$d{i} using 1:2 with linespoints pt 7 ps 1.1 lw 1.5 title '{name}'" for i, (name, _) in enumerate(curves))
subprocess.run(["gnuplot"], check=True, text=True, input=f"""
{blocks}
set terminal pngcairo size 900,620 font 'sans,13'
set output '{root / "Documentation/results/corsika-joining.png"}'
set logscale xy
set xrange [0.6:1.65]
set xtics (0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6)
set xlabel 'distance from the axis / joining radius'
set ylabel 'mean signal [VEM/m2]'
set grid lc rgb '#dddddd'
set arrow from 1, graph 0 to 1, graph 1 nohead dt 2 lc rgb '#666666'
set label 'model' at 0.97, graph 0.06 right
set label 'particles' at 1.03, graph 0.06
plot {plots}
""")

print("| shower | joining radius [m] | signal outside over inside | core along the axis [m] | zenith, fit less true [deg] |")
print("|---|---|---|---|---|")
print("\n".join(rows))
