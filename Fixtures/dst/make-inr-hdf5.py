#!/usr/bin/env python3
"""Fixtures/dst/airshower_5.inr.h5 from the text of the same events.

    make-inr-hdf5.py Fixtures/dst/airshower_5.nuf-ML.txt.gz Fixtures/dst/airshower_5.inr.h5

The layout is that of the files of INR: ev_starts, ev_ids, mc_params, dt_params, dt_ids, dt_mask,
dt_wfs, and of the results reco_ivanov, reco_ivanov_error and reco_rubtsov. Windows of which the
text has one layer only are left out.
"""
import gzip
import sys

import h5py
import numpy as np

starts, truths, windows = [0], [], []
published, errors, joint = [], [], []
event = {}


def close():
    for (station, delay), (numbers, layers) in event.items():
        if len(layers) == 2:
            windows.append((station, numbers, np.stack([layers["0"], layers["1"]], axis=1)))
    starts.append(len(windows))
    event.clear()


for line in gzip.open(sys.argv[1], "rt"):
    kind, *fields = line.split()
    if kind == "ML" and len(truths) > 0:
        close()
    if kind == "ML":
        numbers = [float(field) for field in fields]
        published.append(numbers[2:6] + numbers[7:9])
        errors.append(numbers[10:15])
    if kind == "MLG":
        joint.append([float(field) for field in fields[:6]])
    if kind == "MCEV":
        truths.append([float(field) for field in fields[:10]])
    if kind == "DT":
        x, y, z, signal, plane, delay = map(float, fields[3:9])
        numbers = [x, y, z, signal, 1e6 * plane, 1e6 * delay]
        entry = event.setdefault((int(fields[0]), fields[8]), (numbers, {}))
        entry[1][fields[9]] = np.array(fields[11:139], dtype=np.float32)
close()
with h5py.File(sys.argv[2], "w") as file:
    file["ev_starts"] = np.array(starts, dtype=np.int64)
    file["ev_ids"] = np.arange(len(truths))
    file["mc_params"] = np.array(truths)
    file["reco_ivanov"] = np.array(published)
    file["reco_ivanov_error"] = np.array(errors)
    file["reco_rubtsov"] = np.array(joint)
    file["dt_ids"] = np.array([station for station, _, _ in windows])
    file["dt_params"] = np.array([numbers for _, numbers, _ in windows])
    file["dt_mask"] = np.zeros((len(windows), 2), dtype=np.uint8)
    file.create_dataset(
        "dt_wfs", data=np.array([w for _, _, w in windows]), chunks=True, compression="gzip"
    )
print(len(truths), "events,", len(windows), "windows")
