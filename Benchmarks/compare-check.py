"""Every number of a comparison made again with numpy from the event file, and compared to summary.json.

Usage: compare-check.py CORRECTED.h5 SUMMARY.json [--cuts standard|none] [--spectrum INDEX --thrown INDEX]
Nothing of the program is used but its two files. Exit code 1 where a number is off by more than 1e-9 of its size.
"""

import argparse
import json
import sys

import h5py
import numpy as np
from residual_frame import NAMES as names
from residual_frame import residuals, shifted, vector, wrapped

DEGREE = np.pi / 180
# Residuals across the axis: zero in the mean, so that the polynomial leaves them alone.
ACROSS = (1, 4)

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("summary")
parser.add_argument("--cuts", default="standard")
parser.add_argument("--spectrum", type=float)
parser.add_argument("--thrown", type=float, default=-1)
parser.add_argument("--test-only", action="store_true")
options = parser.parse_args()

summary = json.load(open(options.summary))
methods = [method["name"] for method in summary["methods"]]
results = summary["results"]


with h5py.File(options.file) as f:
    truth = {name: f[f"truth/{name}"][:] for name in names + ["primary"]}
    shower = f["events/shower_id"][:]
    stored = [name for name in methods if name != "polynomial"]
    method = {
        name: {key: f[f"reconstruction/{name}/{key}"][:] for key in names + [key + "_sigma" for key in names] + ["status"]}
        for name in stored
    }
    standard = f["reconstruction/standard"]
    extra = {key: standard[key][:] for key in
             ["signal800", "signal800_sigma", "direction_sigma", "reduced_chi2", "station_count", "edge_distance"]}


def split(ids):
    """SplitMix64 of the shower's id: 0-7 training, 8 validation, 9 test."""
    with np.errstate(over="ignore"):
        z = ids.astype(np.uint64) ^ np.uint64(0x61697273686F7765)
        z += np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return z % np.uint64(10)


fit = method["standard"]
passed = fit["status"] == 0
if options.cuts == "standard":
    passed &= (extra["station_count"] >= 5) & (extra["reduced_chi2"] < 5)
    passed &= extra["signal800_sigma"] / extra["signal800"] < 0.25
    passed &= (extra["direction_sigma"] < 5 * DEGREE) & (fit["zenith"] < 45 * DEGREE)
training = passed & (split(shower) < 8)
keep = passed.copy()
if options.test_only:
    keep &= split(shower) == 9
for name in stored:
    keep &= method[name]["status"] == 0


def terms(rows):
    x, s = 1 / np.cos(fit["zenith"][rows]), np.log10(extra["signal800"][rows])
    return np.stack([np.ones_like(x), x, s, x * x, x * s, s * s, x**3, x * x * s, x * s * s, s**3], -1)


def tenths(ids):
    """0 to 9 for each shower: by the first word of Philox4x32-10 with key 1, stream 9, and the shower's number as counter."""
    _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    number = np.argsort(np.argsort(first))[inverse].astype(np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    c = [np.zeros_like(number), number & mask, (number >> np.uint64(32)) | np.uint64(9 << 8), np.zeros_like(number)]
    k = [1, 0]
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(k[0]), b & mask, (a >> np.uint64(32)) ^ c[3] ^ np.uint64(k[1]), a & mask]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return (c[0] * np.uint64(10) >> np.uint64(32)).astype(int)


rows = np.flatnonzero(keep)
estimates = {name: {key: value[rows] for key, value in method[name].items()} for name in stored}
true = {key: value[rows] for key, value in truth.items()}
photon = truth["primary"] == 0

# Rows to learn from, and which of the compared events are corrected by what was learned.
source = summary["control"]["source"]
if source == "training":
    parts = [(np.flatnonzero(training), np.full(len(rows), True))]
elif source == "cross_fit":
    tenth = tenths(shower[rows])
    parts = [(rows[tenth != number], tenth == number) for number in range(10)]
else:
    sys.exit(f"a polynomial of source {source} is not made again here")
y = residuals(truth, fit)
polynomial = {key: fit[key][rows].copy() for key in names}
for learned, used in parts:
    for is_photon in (False, True):
        learn, use = learned[photon[learned] == is_photon], used & (photon[rows] == is_photon)
        if len(learn) == 0:
            continue
        a, b = terms(learn), terms(rows[use])
        values = [
            np.zeros(len(b)) if index in ACROSS else b @ np.linalg.lstsq(a, component[learn], rcond=None)[0]
            for index, component in enumerate(y)]
        start = {key: fit[key][rows[use]] for key in names}
        for key, column in shifted(start, values).items():
            polynomial[key][use] = column
estimates["polynomial"] = polynomial
weights = np.ones(len(rows))
if options.spectrum is not None:
    weights = 10 ** ((true["log_energy"] - 18) * (options.spectrum - options.thrown))


def errors(name):
    estimate = estimates[name]
    n, m = vector(estimate["zenith"], estimate["azimuth"]), vector(true["zenith"], true["azimuth"])
    angle = np.arctan2(np.linalg.norm(np.cross(n, m), axis=-1), (n * m).sum(-1))
    offset = np.stack([estimate["core_x"] - true["core_x"], estimate["core_y"] - true["core_y"], 0 * angle], -1)
    distance = np.linalg.norm(np.cross(offset, m), axis=-1)
    ln_energy = (estimate["log_energy"] - true["log_energy"]) * np.log(10)
    selected = {key: value[rows] for key, value in fit.items()}
    own, target = residuals(estimate, selected), residuals(true, selected)
    found = {
        "space_angle": angle / DEGREE, "cos_zenith": np.cos(estimate["zenith"]) - np.cos(true["zenith"]),
        "zenith": (estimate["zenith"] - true["zenith"]) / DEGREE,
        "azimuth": np.sin(true["zenith"]) * wrapped(estimate["azimuth"] - true["azimuth"]) / DEGREE,
        "ln_energy": ln_energy, "relative_energy": np.expm1(ln_energy), "core_distance": distance,
        "direction_zenith": (own[0] - target[0]) / DEGREE, "direction_azimuth": (own[1] - target[1]) / DEGREE,
        "core_along": own[3] - target[3], "core_across": own[4] - target[4],
    }
    if "zenith_sigma" in estimate:
        for key in names:
            difference = estimate[key] - true[key]
            if key == "azimuth":
                difference = wrapped(difference)
            found[f"pull_{key}"] = difference / estimate[f"{key}_sigma"]
    return found


all_errors = {name: errors(name) for name in methods}
distances = {"space_angle", "core_distance"}


def quantile(x, w, p):
    if options.spectrum is None:
        return np.quantile(x, p)
    order = np.argsort(x, kind="stable")
    sums = np.cumsum(w[order])
    return x[order][np.searchsorted(sums, p * sums[-1])]


def variance(x, w):
    return np.average((x - np.average(x, weights=w)) ** 2, weights=w)


checked, worst = 0, (0.0, "")


def check(key, found, expected, scale=None):
    global checked, worst
    off = abs(found - expected) / max(abs(expected), scale or 0, 1e-12)
    checked += 1
    if off > worst[0]:
        worst = (off, key)


def check_subset(key, stored, mask):
    if "space_angle" not in stored:
        return
    assert stored["events"] == mask.sum(), key
    w = weights[mask]
    for quantity in all_errors["standard"]:
        before = all_errors["standard"][quantity][mask]
        centre = quantile(before, w, 0.5)
        inner = abs(before - centre) <= quantile(abs(before - centre), w, 0.99)
        for name in methods:
            if quantity not in all_errors[name] or name not in stored[quantity]:
                continue
            x, block, place = all_errors[name][quantity][mask], stored[quantity][name], f"{key}/{quantity}/{name}"
            sd, rms = np.sqrt(variance(x, w)), np.sqrt(np.average(x * x, weights=w))
            # Numbers about zero are judged by the width of their distribution.
            scale = sd
            check(f"{place}/mean", block["mean"]["value"], np.average(x, weights=w), scale)
            check(f"{place}/median", block["median"]["value"], quantile(x, w, 0.5), scale)
            check(f"{place}/standard_deviation", block["standard_deviation"]["value"], sd)
            if quantity in distances:
                widths = [quantile(x, w, 0.68), quantile(x, w, 0.95)]
            else:
                widths = [(quantile(x, w, 0.84) - quantile(x, w, 0.16)) / 2,
                          (quantile(x, w, 0.975) - quantile(x, w, 0.025)) / 2]
            check(f"{place}/width68", block["width68"]["value"], widths[0])
            if quantity.startswith("pull"):
                check(f"{place}/coverage", block["coverage"]["value"], np.average(abs(x) <= 1, weights=w))
                continue
            check(f"{place}/width95", block["width95"]["value"], widths[1])
            check(f"{place}/root_mean_square", block["root_mean_square"]["value"], rms)
            if name == "standard":
                continue
            if quantity in distances:
                width = quantile(before, w, 0.68)
            else:
                width = (quantile(before, w, 0.84) - quantile(before, w, 0.16)) / 2
            check(f"{place}/gain", block["gain"]["width68"]["value"], 1 - widths[0] / width, 1)
            check(f"{place}/worsened", block["worsened_fraction"],
                  np.average(abs(x) - abs(before) > 1e-9 * width, weights=w), 1)
            check(f"{place}/much", block["much_worsened_fraction"],
                  np.average(abs(x) - abs(before) > 2 * width, weights=w), 1)
            if quantity in distances:
                continue
            score = block["score"]
            check(f"{place}/ev", score["explained_variance"]["value"], 1 - variance(x, w) / variance(before, w), 1)
            check(f"{place}/trimmed", score["trimmed_explained_variance"]["value"],
                  1 - variance(x[inner], w[inner]) / variance(before[inner], w[inner]), 1)
            check(f"{place}/r2", score["determination"]["value"],
                  1 - np.average(x * x, weights=w) / variance(before, w), 1)
            if name != "polynomial":
                control = all_errors["polynomial"][quantity][mask]
                check(f"{place}/net", score["net_explained_variance"]["value"],
                      1 - variance(x, w) / variance(control, w), 1)


for group, member in (("nuclei", true["primary"] != 0), ("photons", true["primary"] == 0)):
    if group not in results:
        continue
    axes = {
        "fitted_energy": 10 ** (estimates["standard"]["log_energy"] - 18), "energy": true["log_energy"] - 18,
        "zenith": true["zenith"] / DEGREE, "stations": extra["station_count"][rows],
        "border": extra["edge_distance"][rows].astype(np.float32),
    }
    check_subset(f"{group}/whole", results[group]["whole"], member)
    for axis, values in axes.items():
        for label, stored_subset in results[group][axis].items():
            low, high = stored_subset.get("low", -np.inf), stored_subset.get("high", np.inf)
            check_subset(f"{group}/{axis}/{label}", stored_subset, member & (values >= low) & (values < high))
    for symbol, number in (("photon", 0), ("H", 1), ("He", 4), ("N", 14), ("Fe", 56)):
        if symbol in results[group].get("primary", {}):
            check_subset(f"{group}/primary/{symbol}", results[group]["primary"][symbol], true["primary"] == number)

print(f"{len(rows)} events, {len(methods)} methods, {checked} numbers, worst relative difference {worst[0]:.1e} ({worst[1]})")
sys.exit(1 if worst[0] > 1e-9 else 0)
