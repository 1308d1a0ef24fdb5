#!/usr/bin/env python3
"""Documentation/results/import.md from what Benchmarks/import.sh made.

    import-page.py FOLDER RESULTS.csv
"""
import csv
import json
import math
import sys

import numpy as np

FOLDER, RESULTS = sys.argv[1:]
rows = {row["event_id"]: row for row in csv.DictReader(open(f"{FOLDER}/table.csv"))}
theirs = {row["event"]: row for row in csv.DictReader(open(RESULTS))}
summary = json.load(open(f"{FOLDER}/report/summary.json"))["results"]["nuclei"]["whole"]
speed = dict(line.split(maxsplit=1) for line in open(f"{FOLDER}/speed.txt"))


def number(row, name):
    return float(row[name]) if row.get(name) else math.nan


OTHERS = ["imported_published", "imported_combined", "imported_nuf", "reference"]
compared = [
    row
    for row in rows.values()
    if row["standard_cut"] == "passed" and all(row[f"{name}_status"] == "good" for name in OTHERS)
]


def core(method):
    """68 % of the distances of the cores on the ground [m]."""
    distances = [
        math.hypot(
            number(r, f"{method}_core_x_m") - number(r, "truth_core_x_m"),
            number(r, f"{method}_core_y_m") - number(r, "truth_core_y_m"),
        )
        for r in compared
    ]
    return f"{np.quantile(distances, 0.68):.0f}"


def signal(column):
    """Half width of 68 % and standard deviation of ln(S800 / true S800)."""
    ratios = []
    for row in compared:
        other = theirs[row["event_id"]]
        value = number(row, "standard_s800") if column == "" else number(other, column)
        ratios.append(math.log(value / number(other, "true_s800")))
    low, high = np.quantile(ratios, [0.16, 0.84])
    return f"{(high - low) / 2:.3f}, {np.std(ratios):.3f}"


def angle(method):
    estimate = summary["space_angle"][method]["width68"]
    half = (estimate["high68"] - estimate["low68"]) / 2
    return f"{estimate['value']:.2f} ± {half:.2f}"


METHODS = [
    ("the experiment: free curvature, core of rufldf", "imported_published", "ldf_s800", "1.01"),
    ("the experiment: rufldf combined", "imported_combined", "combined_s800", "1.33"),
    ("INR joint fit (nuf)", "imported_nuf", "nuf_s800", "1.36"),
    ("airshower standard", "standard", "", "1.21"),
    ("airshower polynomial control", "polynomial", None, "1.08"),
    ("airshower network `reference`", "reference", None, "0.59"),
]
print(f"""# Events of the experiment's files

Made by `Benchmarks/import.sh DATA`, where `DATA` is a folder with 2,500 events that airshower
simulated (build of 2026-11-25), as DST, and with what the experiment's own programs made of them.

## The same events through all programs

`airshower import events.dst.gz --results ...`, `reconstruct`, `correct` and `compare` in one file.
Above 10 EeV, events that pass the cuts of both chains: {len(compared):,}. The positions of the stations
are those of the simulation. ± is half the width of the 68 % interval (bootstrap). The last column
is the direction error that was found before, with 1,611 events.

| method | direction 68 % [deg] | θ bias [deg] | core 68 % [m] | ln S800: half width, sd | before |
|---|---|---|---|---|---|""")
for label, method, column, before in METHODS:
    print(
        f"| {label} | {angle(method)} | {summary['zenith'][method]['mean']['value']:+.2f} | "
        f"{'–' if method == 'polynomial' else core(method)} | "
        f"{'–' if column is None else signal(column)} | {before} |"
    )
print(f"""
- The programs of the experiment have the errors that they had before. The standard fit has another
  front and other errors since then.
- DST files have no list of stations that did not work. The standard fit takes such stations for
  silent ones.
- The network is another one than before. It was trained on the simulation of today, whose signals
  are a third larger than those of these events. So it corrects events unlike those that it knows.

## Speed and memory

One thread, files in the cache of the system; processor time of the whole command, event file
written.

| input | unpacked [MB] | processor time [s] | MB/s unpacked | memory [MB] |
|---|---|---|---|---|""")
for name, label in (
    ("plain", "plain DST"), ("gzip", "the same, gzip"), ("bzip2", "the same, bzip2"),
    ("four", "four times the plain file"),
):
    bytes_, user, system, memory = map(float, speed[name].split())
    seconds = user + system
    print(
        f"| {label} | {bytes_ / 1e6:.0f} | {seconds:.2f} | {bytes_ / 1e6 / seconds:.0f} | "
        f"{memory / 1024:.0f} |"
    )
print("""
Memory does not grow with the input. Unpacking bzip2 takes as long as the program `bzip2` does.

## Checked by tests

- The five events that the experiment's C library wrote have the values that its INR fit prints of
  them: angles, cores, energies, errors, truth, calibration.
- 3,000 random changes of that file: each ends in an error with block and byte, or does no harm. A
  third of them have right check sums of blocks.
- 1,000 simulated events as DST and back: waveforms, stations and bad layers equal, windows to 1 ns,
  pedestals to 1/16 count. A second round trip changes nothing, and fits agree to 1e-9.
- Both HDF5 forms of dstparser, made of the banks of that file, against the DST file: counts equal,
  calibration to 0.01 %, windows to one sample, results of the experiment to 0.01 m. Fitted zenith
  angles differ by at most 0.22 degrees. Energies of tiles are 4 to 9 % lower than from DST, since
  they lack later windows.
- Sky coordinates of 200 directions are within 9 arcsec of astropy. Zenith angles of ten published
  events follow from their coordinates and times to 0.007 deg, if the coordinates still have the
  aberration by the Earth's orbit. Without it they follow to 0.011 deg (astropy with UT1: 0.014).

## Lists of stations

`Benchmarks/station-lists.py`: 1,000 lists of 25 stations in one call, with the start of the
program, on two processors. Joint fit: 2,130 fits a second, geometry: 6,100. `reconstruct` fits
50,000 lists in HDF5 (1.25 million rows) in 6 s of processor time and 530 MB: all lists are in
memory.""")
