#!/usr/bin/env python3
"""The published chain against the results of the experiment's own programs, event by event.

    Benchmarks/published-chain.py EVENTS.h5 RESULTS.csv [--json FILE]

EVENTS.h5 holds the same events after `airshower reconstruct --method standard --method published --cuts published`,
and RESULTS.csv a row for each (Documentation/results/published-chain.md says where both come from). To make
EVENTS.h5 from a DST file, use `airshower import`, or this script, with a file of `airshower simulate` as a pattern:

    Benchmarks/published-chain.py --from-dst EVENTS.dst.gz --pattern ANY.h5 --results RESULTS.csv EVENTS.h5

Exit code 1 if a requirement is not met.
"""
import argparse
import csv
import gzip
import json
import math
import shutil
import struct
import sys

import h5py
import numpy as np

# Rows of the 2,500 events where MINUIT did not converge (chi2 1e6): their results are none.
UNCONVERGED = 1e5


def banks(path):
    """Identifiers and contents of the banks of a DST file."""
    parts = []
    with gzip.open(path) as stream:
        while len(block := stream.read(32000)) == 32000:
            place = 6
            while True:
                mark = block[place:place + 2]
                place += 2
                if mark in (b"\x60\x62", b"\x60\x63"):
                    break
                if mark in (b"\x60\x07", b"\x60\x08"):
                    length, = struct.unpack_from("<i", block, place)
                    place += 4
                    parts.append(block[place:place + length])
                    place += length
                elif mark == b"\x60\x0e":
                    place += 4
                    content = b"".join(parts)
                    parts = []
                    yield struct.unpack_from("<i", content)[0], content[8:]
                elif mark == b"\x60\x0f":
                    place += 4
                else:
                    raise ValueError(f"{path}: unknown mark {mark!r} in a block")


RUSDRAW = 13101
WINDOW = np.dtype([
    ("fadcti", "<i4", 2), ("fadcav", "<i4", 2), ("fadc", "<i4", (2, 128)), ("pchmip", "<i4", 2),
    ("pchped", "<i4", 2), ("lhpchmip", "<i4", 2), ("lhpchped", "<i4", 2), ("rhpchmip", "<i4", 2),
    ("rhpchped", "<i4", 2), ("mftndof", "<i4", 2), ("mip", "<f8", 2), ("mftchi2", "<f8", 2),
    ("fits", "<f8", (2, 8))])


def from_dst(source, pattern, results, output):
    """Writes an event file with the waveforms of a DST file and the truth of the results."""
    columns = {name: [] for name in (
        "waveform", "station_id", "window_start", "bad_layers", "pedestal_upper", "pedestal_lower",
        "pedestal_deviation_upper", "pedestal_deviation_lower", "counts_per_vem_upper",
        "counts_per_vem_lower")}
    numbers, counts = [], []
    for bank, content in banks(source):
        if bank != RUSDRAW:
            continue
        head = struct.unpack_from("<16i", content)
        count = head[15]
        table = np.frombuffer(content, "<i4", 6 * count, 64).reshape(6, count)
        windows = np.frombuffer(content, WINDOW, count, 64 + 24 * count)
        width = (windows["rhpchped"] - windows["lhpchped"]) / 8 / 2.33
        width = np.where(width ** 2 < 1e-7, 1e-3, width)
        vem = windows["mip"] * math.cos(math.radians(35))
        bad = (windows["mftndof"] <= 0) | (vem < 1)
        bad |= windows["mftchi2"] > 4 * np.maximum(windows["mftndof"], 1)
        # Index 0 is the lower layer; event files have the upper one first.
        columns["waveform"].append(windows["fadc"][:, ::-1].astype("u2"))
        for name, values in (("pedestal", windows["pchped"] / 8), ("pedestal_deviation", width),
                             ("counts_per_vem", np.maximum(vem, 1.0))):
            columns[name + "_lower"].append(values[:, 0])
            columns[name + "_upper"].append(values[:, 1])
        columns["bad_layers"].append(bad[:, 1] * 1 + bad[:, 0] * 2)
        columns["station_id"].append(table[3])
        columns["window_start"].append(1e9 * table[4] / table[5] - 1000.0 * head[12])
        numbers.append(head[0])
        counts.append(count)
    columns = {name: np.concatenate(values) for name, values in columns.items()}
    rows = read_results(results)[:len(numbers)]
    shutil.copy(pattern, output)
    with h5py.File(output, "r+") as file:
        def put(name, values):
            old = file[name]
            kind, attributes = old.dtype, dict(old.attrs)
            del file[name]
            new = file.create_dataset(name, data=np.asarray(values).astype(kind))
            for key in ("UNIT", "DESCRIPTION", "MEANINGS"):
                if key in attributes:
                    new.attrs[key] = attributes[key]

        for name in list(file["hits"]):
            put("hits/" + name, columns.get(name, np.zeros(len(columns["station_id"]))))
        put("dead_stations/station_id", [])
        for name in ("dead_count", "first_dead", "time"):
            put("events/" + name, np.zeros(len(numbers)))
        for name in ("event_id", "shower_id"):
            put("events/" + name, numbers)
        put("events/hit_count", counts)
        put("events/first_hit", np.cumsum([0] + counts[:-1]))
        degrees = math.pi / 180
        masses = {1: 0, 14: 1, 402: 4, 1407: 14, 5626: 56}
        truth = {
            "zenith": column(rows, "true_zenith_deg") * degrees,
            "azimuth": column(rows, "true_azimuth_deg") * degrees,
            "core_x": column(rows, "true_core_x_m"), "core_y": column(rows, "true_core_y_m"),
            "log_energy": column(rows, "true_log_energy"),
            "signal800": column(rows, "true_s800"), "xmax": column(rows, "true_xmax"),
            "primary": [masses.get(int(row["primary"]), int(row["primary"])) for row in rows],
            "parametric_radius": np.full(len(rows), np.inf)}
        for name in list(file["truth"]):
            put("truth/" + name, truth.get(name, np.ones(len(rows))))
    print(f"{output}: {len(numbers)} events, {sum(counts)} windows")


def read_results(path):
    with open(path) as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def column(rows, name):
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


class Table:
    """Quantiles of differences, and requirements on them."""

    def __init__(self):
        self.lines, self.failures = [], []

    def row(self, name, differences, limit=None, share=None):
        size = np.abs(differences)
        size = size[np.isfinite(size)]
        values = [*np.quantile(size, [.5, .95, .99]), size.max()]
        self.lines.append((name, len(size), *values))
        print(f"{name:44s} {len(size):5d} " + " ".join(f"{value:9.2g}" for value in values))
        if limit is not None:
            self.require(f"{name}: within {limit:g}", np.mean(size <= limit), share)

    def require(self, name, found, least):
        good = found >= least
        print(f"    {'ok  ' if good else 'FAIL'} {name}: {found:.4f} (at least {least:g})")
        if not good:
            self.failures.append(name)


def compare(path, results, summary):
    rows = read_results(results)
    with h5py.File(path) as file:
        group = file["reconstruction/published"]
        ours = {name: group[name][:] for name in group if group[name].ndim == 1}
        rows = rows[:len(ours["status"])]
        passed = int((ours["cut"] == 0).sum())
    get = lambda name: column(rows, name)
    stations = get("stations_in_geometry")
    time_ndf, signal_ndf = get("geometry_free_ndf"), get("ldf_ndf")
    own_time_ndf = ours["station_count"] - 6
    own_signal_ndf = ours["ndf"] - own_time_ndf
    determined = time_ndf >= 0
    converged = get("ldf_chi2") < UNCONVERGED
    degrees = np.degrees
    table = Table()
    print(f"{len(rows)} events, {determined.sum()} with ndf >= 0, {(~converged).sum()} unconverged there\n")
    print(f"{'difference':44s} {'n':>5s} {'50 %':>9s} {'95 %':>9s} {'99 %':>9s} {'largest':>9s}")
    table.require("same number of stations", np.mean(stations == ours["station_count"]), .995)
    table.require("both ndf equal", np.mean(
        (time_ndf == own_time_ndf) & (signal_ndf == own_signal_ndf)), .995)
    zenith = degrees(ours["zenith"]) - 0.5 - get("geometry_free_zenith_deg")
    table.row("zenith, free curvature, ndf >= 0 [deg]", zenith[determined], .01, .95)
    table.require("    within 0.03 deg", np.mean(np.abs(zenith[determined]) <= .03), .99)
    table.row("zenith, all [deg]", zenith)
    turn = (degrees(ours["azimuth"]) - get("geometry_free_azimuth_deg") + 180) % 360 - 180
    table.row("sin(zenith) azimuth, ndf >= 0 [deg]", (turn * np.sin(ours["zenith"]))[determined])
    table.row("ln S800", np.log(ours["signal800"] / get("ldf_s800"))[converged], 1e-3, .98)
    for name in "xy":
        table.row(f"core {name} [m]", (ours["core_" + name] - get(f"ldf_core_{name}_m"))[converged])
    table.row("chi2 of the timing fit", (ours["chi2_time"] - get("geometry_free_chi2"))[determined])
    table.row("chi2 of the lateral distribution", (ours["chi2_signal"] - get("ldf_chi2"))[converged])
    border = ours["edge_distance"] - 1200 * get("border_distance_1200m")
    table.row("border distance, ndf >= 0 [m]", border[determined], 1.0, .99)
    ratio = lambda own, theirs: own / get(theirs) - 1
    table.row("stated error of zenith, relative", ratio(
        degrees(ours["zenith_sigma"]), "geometry_free_zenith_error_deg")[determined])
    table.row("stated error of azimuth, relative", ratio(
        degrees(ours["azimuth_sigma"]), "geometry_free_azimuth_error_deg")[determined])
    table.row("stated error of ln S800, relative", ratio(
        ours["signal800_sigma"] / ours["signal800"], "ldf_scale_error")[converged])
    energy = (ours["log_energy"] - 18) * np.log(10) - np.log(get("ldf_energy_eev"))
    table.row("ln E", energy[determined & converged])
    print(f"\n{passed} events pass the selection stored with the results")
    print("events with the largest differences of zenith:", ", ".join(
        f"{i} ({zenith[i]:+.3f} deg, ndf {int(time_ndf[i])})"
        for i in np.argsort(-np.abs(np.where(determined, zenith, 0)))[:5]))
    if summary:
        with open(summary, "w") as stream:
            json.dump({"events": len(rows), "passed": passed, "differences": table.lines,
                       "failures": table.failures}, stream, indent=1)
    return 1 if table.failures else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events")
    parser.add_argument("results_file", nargs="?")
    parser.add_argument("--from-dst")
    parser.add_argument("--pattern")
    parser.add_argument("--results")
    parser.add_argument("--json")
    given = parser.parse_args()
    if given.from_dst:
        from_dst(given.from_dst, given.pattern, given.results, given.events)
    else:
        sys.exit(compare(given.events, given.results_file, given.json))
