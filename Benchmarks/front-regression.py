"""The regression behind a tuned front in NumPy, on the stations of an event file and the powers of a table.

    /usr/bin/python3 Benchmarks/front-regression.py reco.h5 front.json

Prints the largest differences of delay (ns) and sigma (relative) over all stations between table and NumPy.
"""
import json
import sys

import h5py
import numpy as np


def split(showers):
    """SplitMix64 of the shower's number; 8 is validation, 9 test."""
    with np.errstate(over="ignore"):
        z = showers.astype(np.uint64) ^ np.uint64(0x61697273686F7765)
        z = z + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return z % np.uint64(10)


def stations(path):
    """r, ln S, sec theta, l and delay of the stations of the training split that pass the cuts."""
    with h5py.File(path) as f:
        truth, fit = f["truth"], f["reconstruction/standard"]
        s = {k: c[:] for k, c in f["stations"].items()}
        event = np.repeat(np.arange(len(fit["status"])), fit["station_rows"][:])
        passed = (fit["status"][:] == 0) & (fit["cut"][:] == 0) & (split(f["events/shower_id"][:]) < 8)
        used = passed[event] & (s["role"] <= 1)
        event = event[used]
        number = {n: i for i, n in enumerate(f["array/station_id"][:])}
        xyz = np.stack([f["array"][k][:] for k in "xyz"], 1)
        position = xyz[[number[n] for n in s["station_id"][used]]]
        theta, phi = truth["zenith"][:][event], truth["azimuth"][:][event]
        n = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], 1)
        core = np.stack([truth["core_x"][:], truth["core_y"][:], 0 * truth["core_x"][:]], 1)[event]
        d = position - core
        upstream = (d * n).sum(1)
        r = np.sqrt((d * d).sum(1) - upstream ** 2 + 100)
        upper, lower = s["signal_upper"][used].astype(float), s["signal_lower"][used].astype(float)
        bad = s["bad_layers"][used]
        signal = np.where(bad == 0, 0.5 * (upper + lower), np.where(bad == 1, lower, upper)) / 3
        delay = s["time"][used] - truth["time"][:][event] + upstream / 0.299792458
        return r, np.log(signal), 1 / np.cos(theta), upstream, delay


def columns(terms, ranges, place):
    r, log_signal, secant, upstream = place
    variables = (
        np.sqrt(np.clip(r, *ranges["distance"]) / 1000), np.clip(log_signal, *ranges["logSignal"]) - 2,
        np.clip(secant, *ranges["secant"]) - 1.2, np.clip(upstream, *ranges["upstream"]) / 1000)
    return np.stack([np.prod([v ** p for v, p in zip(variables, t["powers"])], axis=0) for t in terms], 1)


def regress(a, b, r, delay):
    sigma, residual = 30 + 30 * (r / 1000) ** 2, None
    for iteration in range(6):
        weight = 1 / sigma
        if iteration:
            weight = weight * np.sqrt(np.minimum(1, 3 / np.maximum(abs(residual / sigma), 1e-300)))
        c = np.linalg.lstsq(a * weight[:, None], delay * weight, rcond=1e-13)[0]
        residual = delay - a @ c
        if iteration == 0:
            d = np.linalg.lstsq(b, np.log(residual ** 2 + 33) + np.log(2) + np.euler_gamma, rcond=1e-13)[0]
        for _ in range(2):
            d = d + np.linalg.lstsq(b, np.minimum(residual ** 2 / np.exp(b @ d), 16) - 1, rcond=1e-13)[0]
        sigma = np.exp(0.5 * (b @ d))
    return a @ c, sigma


r, log_signal, secant, upstream, delay = stations(sys.argv[1])
front = json.load(open(sys.argv[2]))
place = (r, log_signal, secant, upstream)
a, b = (columns(front[k], front["ranges"], place) for k in ("delay", "logVariance"))
mean, sigma = regress(a, b, r, delay)
own_mean = a @ [t["coefficient"] for t in front["delay"]]
own_sigma = np.exp(0.5 * (b @ [t["coefficient"] for t in front["logVariance"]]))
assert len(delay) == front["origin"]["stations"], (len(delay), front["origin"]["stations"])
print(abs(own_mean - mean).max(), abs(own_sigma / sigma - 1).max())
