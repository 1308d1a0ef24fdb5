#!/usr/bin/env python3
"""What positions that ignore the Earth's curvature do to directions: a page and a figure.

Usage: array-frame.py > Documentation/results/array.md (writes Documentation/results/array.png beside it)

Plane fronts pass over the true stations of the Telescope Array (tables/arrays/telescope-array.csv). Planes are fitted to the same
times with the positions of Fixtures/arrays/telescope-array-sphere.csv, whose x and y come from a sphere and whose z is the altitude.
Nothing of the program is used but its tables. Needs numpy and gnuplot.
"""

import subprocess
from datetime import date
from pathlib import Path

import numpy as np

SEED, DIRECTIONS, RADIUS, LIGHT = 1, 40, 4000, 0.299792458
root = Path(__file__).resolve().parent.parent


def stations(path, altitude):
    rows = [line.split(",") for line in open(root / path) if line[0] not in "#i"]
    return np.array([[float(r[3]), float(r[4]), float(r[5]) - altitude] for r in rows])


true = stations("tables/arrays/telescope-array.csv", 0)
sphere = stations("Fixtures/arrays/telescope-array-sphere.csv", 1382)
random = np.random.default_rng(SEED)


def fitted(positions, times):
    """The unit vector n of the plane front t = t0 - n.r/c, by least squares (Gauss-Newton)."""
    positions = positions - positions.mean(axis=0)
    design = np.column_stack([np.ones(len(times)), -positions[:, 0] / LIGHT, -positions[:, 1] / LIGHT])
    solution = np.linalg.lstsq(design, times, rcond=None)[0]
    for _ in range(20):
        t0, nx, ny = solution
        nz = np.sqrt(max(1 - nx * nx - ny * ny, 1e-6))
        residual = times - (t0 - (positions @ [nx, ny, nz]) / LIGHT)
        jacobian = np.column_stack([
            np.ones(len(times)), -(positions[:, 0] - positions[:, 2] * nx / nz) / LIGHT,
            -(positions[:, 1] - positions[:, 2] * ny / nz) / LIGHT])
        solution = solution + np.linalg.lstsq(jacobian, residual, rcond=None)[0]
    _, nx, ny = solution
    return np.array([nx, ny, np.sqrt(1 - nx * nx - ny * ny)])


def angle(a, b):
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b))


errors, exact, medians = [], [], []
for centre in true:
    near = np.hypot(*(true - centre)[:, :2].T) < RADIUS
    if near.sum() < 20:
        continue
    here = []
    for _ in range(DIRECTIONS):
        # Isotropic, up to 45 degrees, seen by a flat array.
        sine, phi = np.sqrt(random.uniform(0, 0.5)), random.uniform(0, 2 * np.pi)
        n = np.array([sine * np.cos(phi), sine * np.sin(phi), np.sqrt(1 - sine * sine)])
        times = -(true[near] @ n) / LIGHT
        here.append(angle(fitted(sphere[near], times), n))
        exact.append(angle(fitted(true[near], times), n))
    errors += here
    medians.append((*centre[:2], np.median(here)))

folder = root / "Documentation/results"
points = "\n".join(f"{x / 1000:.3f} {y / 1000:.3f} {e:.4f}" for x, y, e in medians)
shifts = "\n".join(f"{a[0] / 1000:.3f} {a[1] / 1000:.3f} {25 * d[0] / 1000:.3f} {25 * d[1] / 1000:.3f} {d[2]:.2f}"
                   for a, d in zip(true, sphere - true) if np.hypot(*d[:2]) < 100)
subprocess.run(["gnuplot"], check=True, text=True, input=f"""
$medians << EOD
{points}
EOD
$shifts << EOD
{shifts}
EOD
set terminal pngcairo size 1500,760 font 'sans,13'
set output '{folder / "array.png"}'
set multiplot layout 1,2
set size ratio -1
set xlabel 'x, east [km]'
set ylabel 'y, north [km]'
set xrange [-18:18]
set yrange [-21:18]
set palette defined (0 '#440154', 1 '#3b528b', 2 '#21918c', 3 '#5ec962', 4 '#fde725')
set grid lc rgb '#dddddd'
set cbrange [0:0.25]
set title 'Error of the direction from the earlier positions, median [deg]'
plot $medians using 1:2:3 with points pt 7 ps 1.3 palette notitle
set cbrange [0:35]
set title 'Earlier less true positions: arrows 25 times as long; colour: height [m]'
plot $shifts using 1:2:3:4:5 with vectors filled lw 1.4 palette notitle
""")

low, median, high = np.percentile(errors, [10, 50, 90])
distance = np.hypot(*(sphere - true)[:, :2].T)
print(f"""# Positions of the stations

Made by `Benchmarks/array-frame.py` on {date.today()}, seed {SEED}.

Plane fronts up to 45 degrees pass over the true stations, {DIRECTIONS} directions about each of
{len(medians)} stations. The stations within {RADIUS // 1000} km see them. Planes are fitted to their times with two tables of
positions.

| positions | error of the direction, 10 %, 50 %, 90 % [deg] | largest [deg] |
|---|---|---|
| `telescope-array` (tangent plane) | {np.percentile(exact, 10):.1e}, {np.median(exact):.1e}, {np.percentile(exact, 90):.1e} | {max(exact):.1e} |
| the table of earlier versions | {low:.3f}, {median:.3f}, {high:.3f} | {max(errors):.3f} |

- The earlier table differs by {np.median(distance):.0f} m in the median and by {np.sort(distance)[-2]:.0f} m at most in x and y (station 1327:
  {distance.max():.0f} m), and by up to {np.abs((sphere - true)[:, 2]).max():.0f} m in z.
- x was 0.28 % too small and y 0.13 % too large, since they came from a sphere. z was the altitude,
  which ignores the curvature of the Earth.

![Errors of directions over the array, and differences of positions](array.png)""")
