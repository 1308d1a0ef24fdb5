#!/usr/bin/env python3
"""All reconstructions on thrown CORSIKA showers, into Documentation/results/corsika-ladder.md.

Usage: Benchmarks/corsika-ladder.py FILE.dat.zst...      (about two minutes for five showers; 4 GB of disk)

Every shower is thrown 200 times on the Telescope Array. Events count that pass the standard cuts and that both the standard fit and
the published chain reconstruct. Needs h5py and numpy.
"""

import datetime
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

PROGRAM = ".build/release/airshower"
OUTPUT = pathlib.Path("Documentation/results/corsika-ladder.md")
METHODS = ("published", "standard", "tuned", "reference")
PRIMARIES = {0: "photon", 1: "H", 4: "He", 14: "N", 56: "Fe"}


def run(*arguments):
    subprocess.run([PROGRAM, *arguments, "--overwrite", "--quiet"], check=True)


def ladder(events):
    """Rows of the table for one shower."""
    truth, results = events["truth"], events["reconstruction"]
    zenith, azimuth = truth["zenith"][:], truth["azimuth"][:]
    standard = results["standard"]
    kept = (standard["status"][:] == 0) & (standard["cut"][:] == 0) & (results["published/status"][:] == 0)
    for method in METHODS:
        found = results[method]
        cosine = np.cos(found["zenith"][:]) * np.cos(zenith) + np.sin(found["zenith"][:]) * np.sin(zenith) * np.cos(
            found["azimuth"][:] - azimuth
        )
        angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        core = np.hypot(found["core_x"][:] - truth["core_x"][:], found["core_y"][:] - truth["core_y"][:])
        ratio = np.log(10) * (found["log_energy"][:] - truth["log_energy"][:])
        good = kept & np.isfinite(angle) & np.isfinite(ratio)
        yield (
            f"| {PRIMARIES[int(truth['primary'][0])]}, {10 ** (truth['log_energy'][0] - 18):.1f} EeV, "
            f"{np.degrees(zenith[0]):.0f} deg | {method} | {good.sum()} | {np.quantile(angle[good], 0.68):.2f} "
            f"| {np.quantile(core[good], 0.68):.0f} | {np.median(ratio[good]):+.2f} | {np.std(ratio[good]):.3f} |"
        )


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    raw, fitted, corrected = (str(folder / name) for name in ("raw.h5", "fitted.h5", "corrected.h5"))
    rows = []
    for file in sys.argv[1:]:
        run("simulate", "--corsika", file, "--throws", "200", "--output", raw)
        run("reconstruct", raw, "--method", "standard", "--method", "published", "--front", "tuned", "--output", fitted)
        run("correct", fitted, "--network", "reference", "--output", corrected)
        with h5py.File(corrected) as events:
            rows += ladder(events)
    lines = [
        "# All reconstructions on thrown CORSIKA showers",
        "",
        f"Made by `Benchmarks/corsika-ladder.py` on {datetime.date.today()}: {len(sys.argv) - 1} showers, 200 throws each, seed 1.",
        "",
        "Angle and core are 68 % containments. ln E is reconstructed over true: median and standard",
        "deviation. One shower is one fluctuation: the median of ln E holds that of its muons and of its",
        "depth. The network learned from nuclei alone.",
        "",
        "| shower | method | events | angle [deg] | core [m] | ln E, median | ln E, st. dev. |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]
    OUTPUT.write_text("\n".join(lines) + "\n")
    print(OUTPUT.read_text())


if __name__ == "__main__":
    main()
