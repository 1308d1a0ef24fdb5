#!/usr/bin/env python3
"""Xmax and ln A by boosted trees on observables of the standard fit: a control for networks, into JSON.

Usage: Benchmarks/boosted-trees.py TRAINING.h5 CORRECTED.h5 METHOD

TRAINING.h5 is a file of `airshower reconstruct`, from whose events that pass the cuts the trees learn. CORRECTED.h5 has other
showers, with results of the network METHOD: the events that it knows are scored. Gradient boosting of scikit-learn (histograms,
squared error, early stopping), which reads NaN as missing. Needs h5py and scikit-learn:

    python3 -m venv trees && trees/bin/pip install scikit-learn h5py
    trees/bin/python Benchmarks/boosted-trees.py reco.h5 corrected.h5 composition
"""

import json
import sys

import h5py
import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

SEED, REPLICAS = 1, 1000


def logarithm(values):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(values)


def observables(file):
    """What the standard fit and its stations tell of each event, by name."""
    s = {name: data[:] for name, data in file["reconstruction/standard"].items() if data.ndim == 1}
    stations = np.maximum(s["station_count"], 1)
    degrees = np.maximum(s["ndf"], 1)
    columns = {
        "secant": 1 / np.cos(s["zenith"]),
        "signal800": logarithm(s["signal800"]),
        "curvature": logarithm(np.maximum(s["curvature"], 0.01)),
        "curvature_error": logarithm(s["curvature_sigma"]),
        "linsley_curvature": s["linsley_curvature"],
        "moment3": logarithm(s["signal_moment_3"] / s["signal800"]),
        "moment4": logarithm(s["signal_moment_4"] / s["signal800"]),
        "area_over_peak": logarithm(s["area_over_peak_1200"]),
        "area_over_peak_slope": s["area_over_peak_slope"],
        "peaks": (1 + s["peak_count"]) / stations,
        "peaks_largest": s["peak_count_largest"],
        "peaks_one_layer": s["peak_count_one_layer"] / stations,
        "layer_asymmetry": logarithm(0.01 + s["layer_asymmetry"]),
        "stations": stations,
        "silent": s["silent_count"],
        "saturated": s["saturated_count"],
        "chi2": logarithm(0.1 + s["reduced_chi2"]),
        "chi2_time": s["chi2_time"] / degrees,
        "chi2_signal": s["chi2_signal"] / degrees,
        "chi2_silent": s["chi2_silent"] / degrees,
        "largest": logarithm(s["signal_largest"] / s["signal_sum"]),
        "sum": logarithm(s["signal_sum"] / s["signal800"]),
        "signal800_error": logarithm(s["signal800_sigma"] / s["signal800"]),
        "direction_error": logarithm(s["direction_sigma"]),
        "core_error": logarithm(np.hypot(s["core_x_sigma"], s["core_y_sigma"])),
        "edge": s["edge_distance"],
        "clock_error": file["events/clock_error"][:],
        "calibration_error": file["events/calibration_error"][:],
    }
    rows = np.stack([np.where(np.isfinite(c), c, np.nan) for c in columns.values()], -1)
    return rows, s["cut"] == 0


def truth(file):
    primary = file["truth/primary"][:].astype(float)
    return {"xmax": file["truth/xmax"][:], "ln_mass": logarithm(primary)}, primary


def scores(estimate, true, primary):
    """Bias, resolution and merit factor of protons and iron, each with half of its 95 % interval."""

    def numbers(rows):
        error = estimate[rows] - true[rows]
        proton, iron = (estimate[rows][primary[rows] == mass] for mass in (1, 56))
        merit = abs(proton.mean() - iron.mean()) / np.sqrt(proton.var() + iron.var())
        return error.mean(), error.std(), merit

    random = np.random.default_rng(SEED)
    count = len(estimate)
    replicas = np.array([numbers(random.integers(count, size=count)) for _ in range(REPLICAS)])
    low, high = np.quantile(replicas, [0.025, 0.975], axis=0)
    found = numbers(np.arange(count))
    return {
        name: {"value": float(value), "low95": float(a), "high95": float(b)}
        for name, value, a, b in zip(("bias", "resolution", "merit_factor"), found, low, high)
    } | {"events": count}


def main():
    training, corrected, method = sys.argv[1:]
    with h5py.File(training) as file:
        seen, kept = observables(file)
        known, primary = truth(file)
        kept &= primary >= 1
        seen, known = seen[kept], {name: values[kept] for name, values in known.items()}
    with h5py.File(corrected) as file:
        fresh, kept = observables(file)
        true, primary = truth(file)
        log_energy = file["truth/log_energy"][:] - 18
        kept &= np.isfinite(file[f"reconstruction/{method}/xmax"][:]) & (primary >= 1)
    results = {"training": len(seen), "observables": fresh.shape[1]}
    for name, values in known.items():
        trees = HistGradientBoostingRegressor(
            max_iter=1500, learning_rate=0.05, max_leaf_nodes=31, min_samples_leaf=50, l2_regularization=1.0,
            early_stopping=True, validation_fraction=0.1, n_iter_no_change=30, random_state=SEED,
        )
        trees.fit(seen, values)
        estimate = trees.predict(fresh[kept])
        results[name] = scores(estimate, true[name][kept], primary[kept]) | {"trees": int(trees.n_iter_)}
        results[name]["energy"] = {}
        for low in np.arange(0, 2.5, 0.25):
            chosen = (log_energy[kept] >= low) & (log_energy[kept] < low + 0.25)
            if chosen.sum() >= 100:
                results[name]["energy"][f"{low:g}_to_{low + 0.25:g}"] = scores(
                    estimate[chosen], true[name][kept][chosen], primary[kept][chosen]
                )
    print(json.dumps(results))


if __name__ == "__main__":
    main()
