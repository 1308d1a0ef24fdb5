"""Gives every event the error of another one that the standard fit found alike, so that nothing but a calibration is to be
learnt from the file: the fit's zenith angle and S800 still tell the mean error, and all else tells nothing.

Usage: shuffle-targets.py RECONSTRUCTED.h5 OUTPUT.h5
Events are put in cells of about 60 with neighbouring sec theta and S800; within a cell errors are passed on at random.
"""

import shutil
import sys

import h5py
import numpy as np
from residual_frame import NAMES, residuals, shifted

source, output = sys.argv[1:]
shutil.copy(source, output)
random = np.random.default_rng(1)
with h5py.File(output, "r+") as f:
    fit = f["reconstruction/standard"]
    good = np.flatnonzero(fit["status"][:] == 0)
    standard = {name: fit[name][:][good] for name in NAMES}
    truth = {name: f[f"truth/{name}"][:][good] for name in NAMES}
    signal = fit["signal800"][:][good]
    bands = max(int(np.sqrt(len(good) / 60)), 1)
    donor = np.arange(len(good))
    for band in np.array_split(np.argsort(signal, kind="stable"), bands):
        order = band[np.argsort(standard["zenith"][band], kind="stable")]
        for cell in np.array_split(order, bands):
            donor[cell] = random.permutation(cell)
    moved = shifted(standard, [component[donor] for component in residuals(truth, standard)])
    for name in NAMES:
        column = f[f"truth/{name}"][:]
        column[good] = moved[name]
        f[f"truth/{name}"][:] = column
print(f"{len(good)} events in {bands * bands} cells")
