#!/usr/bin/env python3
"""The page of architectures.sh: networks of all architectures, ranked by their explained variance.

Usage: architectures.py FOLDER EVENTS EPOCHS   with what architectures.sh made in FOLDER.
"""

import csv
import datetime
import json
import pathlib
import re
import sys
import zipfile

FOLDER = pathlib.Path(sys.argv[1])
EVENTS, EPOCHS = int(sys.argv[2]), sys.argv[3]
TITLES = {
    "event": "the fit's outputs alone, no station", "scalars": "signals and times of stations, no waveform",
    "features": "14 features of the traces made by hand", "lecture": "waveforms, separable convolutions over the grid",
    "aixnet": "waveforms, densely connected convolutions", "grid": "waveforms, convolutions over the grid",
    "attention": "waveforms, a transformer over the stations", "set": "waveforms, stations see mean and largest of all",
    "graph": "waveforms, messages between neighbours", "graph-pytorch": "the same idea, made in PyTorch",
}  # fmt: skip
SUMMARY = json.loads((FOLDER / "report/summary.json").read_text())["results"]["nuclei"]


def at(path):
    value = SUMMARY
    for key in path.split("/"):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def with_interval(path, digits, factor=1):
    value = at(path)
    if not isinstance(value, dict) or value.get("value") is None:
        return "–"
    half = 0.5 * factor * (value["high95"] - value["low95"])
    return f"{factor * value['value']:.{digits}f} ± {half:.{digits}f}"


def weights(network):
    with zipfile.ZipFile(network) as file:
        name = next(n for n in file.namelist() if n.endswith("spec.json"))
        return json.loads(file.read(name))["weightCount"]


def speed(name):
    """Training events/s: the fastest epoch."""
    if (FOLDER / f"{name}.csv").exists():
        with open(FOLDER / f"{name}.csv") as file:
            return max(float(row["events_per_second"]) for row in csv.DictReader(file))
    log = FOLDER / f"{name}.log"
    found = re.findall(r"(\d+) events/s", log.read_text()) if log.exists() else []
    return max(map(float, found)) if found else None


def explained(name, quantity, interval):
    return f"{interval}/{quantity}/{name}/score/net_explained_variance"


def mean_explained(name):
    """Of both directions above 10 EeV and ln E from 10 to 60 EeV: the order of the table."""
    paths = [explained(name, q, "fitted_energy/above_10") for q in ("direction_zenith", "direction_azimuth")]
    paths.append(explained(name, "ln_energy", "fitted_energy/10_to_60"))
    return sum(at(path)["value"] for path in paths) / 3


def widths(name):
    high, middle = "fitted_energy/above_10", "fitted_energy/10_to_60"
    return [
        with_interval(f"{high}/space_angle/{name}/width68", 3), with_interval(f"{middle}/ln_energy/{name}/standard_deviation", 4),
        with_interval(f"{high}/core_distance/{name}/width68", 1),
    ]  # fmt: skip


def row(name):
    high, middle = "fitted_energy/above_10", "fitted_energy/10_to_60"
    inside = lambda quantity: with_interval(f"whole/pull_{quantity}/{name}/coverage", 1, 100)
    network = FOLDER / f"{name}.pt"
    fast = speed(name)
    return [
        f"`{name}`: {TITLES.get(name, 'another')}",
        f"{mean_explained(name):.3f}",
        with_interval(explained(name, "direction_zenith", high), 3),
        with_interval(explained(name, "direction_azimuth", high), 3),
        with_interval(explained(name, "ln_energy", middle), 3),
        *widths(name),
        inside("zenith"),
        f"{weights(network):,}",
        f"{fast:,.0f}" if fast else "",
    ]


def main():
    names = sorted((p.stem for p in FOLDER.glob("*.pt")), key=mean_explained, reverse=True)
    print("# Architectures with one budget")
    print()
    print(f"Made by `Benchmarks/architectures.sh` on {datetime.date.today()}. All networks learned from the same events:")
    print(f"{EVENTS:,} simulated (seed 1101, `--variation mix`), {EPOCHS} epochs, Gaussian loss. They are tested on")
    print("the same 20,000 simulated events of seed 1102, E^-1 from 1 to 300 EeV, cuts `standard`.")
    print()
    print("EV_net is what a network explains of the error of the standard fit beyond a polynomial. The order is")
    print("that of the mean of the three. ± is half the width of the 95 % interval. Directions, angles and")
    print("cores are those of events above 10 EeV, ln E of 10 to 60 EeV. Coverage is that of the stated")
    print("errors of theta. The speed of training was measured beside other work, and is good to one digit.")
    print()
    head = ["network", "mean EV_net", "EV_net along θ", "across", "ln E", "68 % angle [deg]", "sd ln E", "core 68 % [m]", "coverage θ [%]", "weights", "events/s"]  # fmt: skip
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for name in names:
        print("| " + " | ".join(row(name)) + " |")
    for method, title in (("tuned", "tuned front, no network"), ("standard", "standard fit")):
        print("| " + " | ".join([title, "", "", "", "", *widths(method), "", "", ""]) + " |")
    print()
    print("To enter another network:")
    print()
    print("```console")
    print(f"airshower train architectures/training.h5 --spec mine.json --loss gaussian --epochs {EPOCHS} --output architectures/mine.pt")
    print("Benchmarks/architectures.sh architectures")
    print("```")


if __name__ == "__main__":
    main()
