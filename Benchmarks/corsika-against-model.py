#!/usr/bin/env python3
"""One CORSIKA shower thrown many times beside parametric showers of its energy, mass and angle: errors of the standard fit, and
signals, risetimes and delays of stations.

Usage: Benchmarks/corsika-against-model.py STATIONS.csv NAME=RECO.h5...

Prints Markdown tables; the first file is the one that the others are compared with. STATIONS.csv gets the points of the figure.
"""

import sys

import h5py
import numpy as np

BANDS = ((600, 700), (700, 850), (850, 1000), (1000, 1200), (1200, 1500))
C = 0.299792458


def interval(values, statistic, random):
    draws = [statistic(random.choice(values, len(values))) for _ in range(400)]
    return statistic(values), np.std(draws)


def errors(path, random):
    """Errors of the standard fit, as text by quantity."""
    with h5py.File(path) as f:
        truth = {k: f["truth"][k][:] for k in f["truth"]}
        fit = {k: f["reconstruction/standard"][k][:] for k in ("status", "zenith", "azimuth", "core_x", "core_y", "signal800", "log_energy", "curvature", "station_count")}
        thrown = {"thrown": int(__import__("json").loads(f.attrs["PROVENANCE"])[0]["settings"]["thrown"]), "events": len(truth["zenith"])}
    good = fit["status"] == 0

    def direction(z, a):
        return np.array([np.sin(z) * np.cos(a), np.sin(z) * np.sin(a), np.cos(z)])

    cosine = (direction(fit["zenith"], fit["azimuth"]) * direction(truth["zenith"], truth["azimuth"])).sum(0)
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))[good]
    core = np.hypot(fit["core_x"] - truth["core_x"], fit["core_y"] - truth["core_y"])[good]
    signal = np.log(fit["signal800"] / truth["signal800"])[good]
    energy = np.log(10) * (fit["log_energy"] - truth["log_energy"])[good]
    p68 = lambda v: np.percentile(v, 68)
    rows = [
        ("triggered / thrown", f"{thrown['events']} / {thrown['thrown']}"),
        ("reconstructed", f"{good.sum()} of {len(good)}"),
        ("true S800 [VEM/m2]", f"{truth['signal800'].mean():.2f}"),
        ("true Xmax [g/cm2], R_mu", f"{np.nanmean(truth['xmax']):.0f}, {truth['muon_scale'].mean():.2f}"),
    ]
    for label, values, statistic, unit in (
        ("direction, 68 % [deg]", angle, p68, 2), ("core, 68 % [m]", core, p68, 0), ("ln S800, bias", signal, np.mean, 3),
        ("ln S800, standard deviation", signal, np.std, 3), ("ln E, bias", energy, np.mean, 3), ("ln E, standard deviation", energy, np.std, 3),
        ("curvature a [ns], median", fit["curvature"][good], np.median, 3), ("stations", fit["station_count"][good].astype(float), np.mean, 2),
    ):
        value, error = interval(values, statistic, random)
        rows.append((label, f"{value:.{unit}f} +- {error:.{unit}f}"))
    return rows


def stations(path):
    """Of every live station within 600 to 1500 m of the true axis: distance, signal [VEM/m2], risetime and first delay [ns]."""
    out = []
    with h5py.File(path) as f:
        ids = f["array/station_id"][:]
        index = {int(s): i for i, s in enumerate(ids)}
        xyz = np.stack([f["array"][k][:] for k in "xyz"], 1)
        truth = {k: f["truth"][k][:] for k in ("zenith", "azimuth", "core_x", "core_y", "time")}
        first, count = f["events/first_hit"][:], f["events/hit_count"][:]
        dead_first, dead_count, dead = f["events/first_dead"][:], f["events/dead_count"][:], f["dead_stations/station_id"][:]
        hit_station, start = f["hits/station_id"][:], f["hits/window_start"][:]
        bad = f["hits/bad_layers"][:]
        pedestal = np.stack([f["hits/pedestal_upper"][:], f["hits/pedestal_lower"][:]], 1)
        scale = np.stack([f["hits/counts_per_vem_upper"][:], f["hits/counts_per_vem_lower"][:]], 1)
        for event in range(len(first)):
            z, a = truth["zenith"][event], truth["azimuth"][event]
            n = np.array([np.sin(z) * np.cos(a), np.sin(z) * np.sin(a), np.cos(z)])
            d = xyz - np.array([truth["core_x"][event], truth["core_y"][event], 0])
            along = d @ n
            r = np.sqrt((d**2).sum(1) - along**2)
            live = np.ones(len(ids), bool)
            for s in dead[dead_first[event] : dead_first[event] + dead_count[event]]:
                live[index[int(s)]] = False
            rows = slice(first[event], first[event] + count[event])
            names, times = hit_station[rows], start[rows]
            waveforms = f["hits/waveform"][rows] if len(names) else np.zeros((0, 2, 128))
            for station in np.flatnonzero(live & (r > BANDS[0][0]) & (r < BANDS[-1][1])):
                own = np.flatnonzero(names == ids[station])
                front = truth["time"][event] - along[station] / C
                # Windows that belong to the shower, not accidental ones.
                own = [i for i in own if -1000 < times[i] + 600 - front < 8000]
                if any(bad[rows][i] for i in own):
                    continue
                signal, risetime, delay = 0.0, np.nan, np.nan
                if own:
                    traces = [((waveforms[i] - pedestal[rows][i][:, None]) / scale[rows][i][:, None]).mean(0) for i in own]
                    signal = sum(t.sum() for t in traces) / 3
                    trace = traces[0]
                    if trace.sum() > 3:
                        sums = np.cumsum(trace) / trace.sum()
                        grid = times[own[0]] + 20 * (np.arange(len(trace)) + 1)
                        t10, t50 = (grid[np.argmax(sums > q)] for q in (0.1, 0.5))
                        risetime, delay = t50 - t10, t10 - front
                out.append((r[station], signal, risetime, delay))
    return np.array(out)


def main():
    random = np.random.default_rng(1)
    names, paths = zip(*(a.split("=", 1) for a in sys.argv[2:]))
    columns = [errors(p, random) for p in paths]
    print("| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for lines in zip(*columns):
        print(f"| {lines[0][0]} | " + " | ".join(line[1] for line in lines) + " |")
    samples = [stations(p) for p in paths]
    print("\nStations by distance from the true axis. The signal is the mean of all live stations, with 0 for")
    print("silent ones. Risetime (10-50 %) and front delay are means of stations above 3 VEM. The front delay")
    print("is the time of 10 % of the charge behind the plane front. In brackets: relative difference from the")
    print("first column.\n")
    print("| r [m] | quantity | " + " | ".join(names) + " |\n|---|---|" + "---|" * len(names))
    with open(sys.argv[1], "w") as file:
        file.write("r_m," + ",".join(f"{q}_{i},{q}_{i}_error" for i in range(len(names)) for q in ("signal", "risetime", "delay")) + "\n")
        for low, high in BANDS:
            points = [[], [], []]
            for sample in samples:
                inside = sample[(sample[:, 0] >= low) & (sample[:, 0] < high)]
                # To the middle of the band, as signals fall with r^-3.6.
                inside = inside.copy()
                inside[:, 1] *= (inside[:, 0] / (0.5 * (low + high))) ** 3.6
                for q in range(3):
                    values = inside[:, q + 1][~np.isnan(inside[:, q + 1])]
                    points[q].append((values.mean(), values.std() / np.sqrt(len(values)), len(values)))
            file.write(f"{0.5 * (low + high)}," + ",".join(f"{points[q][i][0]},{points[q][i][1]}" for i in range(len(names)) for q in range(3)) + "\n")
            for q, (label, digits) in enumerate((("signal [VEM/m2]", 2), ("risetime [ns]", 0), ("front delay [ns]", 0))):
                base = points[q][0][0]
                cells = [
                    f"{m:.{digits}f} +- {e:.{digits}f}" + ("" if i == 0 else f" ({100 * (m / base - 1):+.0f} %)") for i, (m, e, _) in enumerate(points[q])
                ]
                print(f"| {low}-{high} | {label} | " + " | ".join(cells) + " |")


main()
