#!/usr/bin/env python3
"""Our energy table beside the published energy of the Telescope Array, over S800 and zenith: a page and a figure.

Usage: energy-tables.py > Documentation/results/energy-tables.md (writes Documentation/results/energy-tables.png beside it)

Both tables are read and evaluated here; nothing of the program is used. Needs numpy and gnuplot.
"""

import subprocess
from datetime import date
from pathlib import Path

import numpy as np

root = Path(__file__).resolve().parent.parent


def rows(name):
    lines = [line for line in open(root / f"tables/energy/{name}.csv") if line[0] not in "#s"]
    return np.array([[float(value) for value in line.split(",")] for line in lines])


grid = rows("telescope-array-simulated")
secants, signals = np.unique(grid[:, 0]), np.unique(grid[:, 1])
nodes = grid[:, 2].reshape(len(secants), len(signals))
steps = rows("telescope-array-published")


def ours(secant, log_signal):
    """log10(E/EeV), bilinear; NaN where a corner is absent."""
    u, v = (secant - secants[0]) / (secants[1] - secants[0]), (log_signal - signals[0]) / (signals[1] - signals[0])
    if not (0 <= u <= len(secants) - 1 and 0 <= v <= len(signals) - 1):
        return np.nan
    i, j = min(int(u), len(secants) - 2), min(int(v), len(signals) - 2)
    u, v = u - i, v - j
    return (1 - u) * ((1 - v) * nodes[i, j] + v * nodes[i, j + 1]) + u * ((1 - v) * nodes[i + 1, j] + v * nodes[i + 1, j + 1])


def published(secant, log_signal):
    p = steps[min(max(int((secant - 1) / 0.02 + 1e-9), 0), len(steps) - 1), 1:]
    d = log_signal - 1.5
    return (np.polyval(p[::-1], d) if d < 0 else p[0] + p[1] * d) - 18


angles, sizes = [0, 15, 25, 35, 45], [3, 5, 10, 20, 50, 100, 200, 500]
curves = np.linspace(np.log10(2), np.log10(700), 120)
data = "\n\n\n".join(
    "\n".join(f"{10 ** s:.4g} {10 ** (ours(1 / np.cos(np.radians(a)), s) - published(1 / np.cos(np.radians(a)), s)):.4f}"
              for s in curves if np.isfinite(ours(1 / np.cos(np.radians(a)), s))) for a in angles)
plots = ", ".join(f"$d index {i} using 1:2 with lines lw 1.8 title '{a} deg'" for i, a in enumerate(angles))
subprocess.run(["gnuplot"], check=True, text=True, input=f"""
$d << EOD
{data}
EOD
set terminal pngcairo size 900,560 font 'sans,13'
set output '{root / "Documentation/results/energy-tables.png"}'
set logscale x
set xlabel 'S800 [VEM/m2]'
set ylabel 'energy of telescope-array-simulated / published'
set yrange [0.8:1.4]
set grid lc rgb '#dddddd'
set arrow from graph 0, first 1 to graph 1, first 1 nohead dt 2 lc rgb '#666666'
plot {plots}
""")

event = 1 / np.cos(np.radians(38.6))
own, theirs = 10 ** ours(event, np.log10(530)), 10 ** published(event, np.log10(530))
print(f"""# Two energy tables

Made by `Benchmarks/energy-tables.py` on {date.today()}.

Energy of `telescope-array-simulated` over that of `telescope-array-published`, at the same S800 and
zenith angle. From 30 VEM/m2 on they agree within 8 %. Below, the published function bends: its
S800 is that of the experiment's own fit, which reads high at low energies.

| S800 [VEM/m2] | {" | ".join(f"{a} deg" for a in angles)} |
|---|{"---|" * len(angles)}""")
for size in sizes:
    cells = []
    for a in angles:
        secant = 1 / np.cos(np.radians(a))
        ratio = 10 ** (ours(secant, np.log10(size)) - published(secant, np.log10(size)))
        cells.append(f"{ratio:.2f}" if np.isfinite(ratio) else "")
    print(f"| {size} | " + " | ".join(cells) + " |")
print(f"""
The event of 2021-05-27 (S800 530 VEM/m2 at 38.6 degrees) has {own:.0f} EeV by ours and {theirs:.0f} EeV by the
published function. On the scale of the fluorescence detector (/ 1.27) that is {own / 1.27:.0f} and {theirs / 1.27:.0f} EeV. The
published value is 244 ± 29 EeV.

Ours takes S800 from our own fit. [The scale](../simulation.md#the-scale-of-the-signals).

![Ratio of both tables](energy-tables.png)""")
