#!/usr/bin/env python3
"""All methods on every full shower of some folders, into Documentation/results/corsika-library.md.

Usage: Benchmarks/corsika-library.py [--throws N] [--network NAME|FILE] FOLDER|FILE...

Every shower is thrown N times (200) on the Telescope Array, and the throws are reconstructed by the
published chain, the standard fit, the tuned front and the network. Events count that pass the
standard cuts and that all methods reconstruct. Intervals come from drawing whole showers, 2,000
times: throws of one shower are one fluctuation of nature. One file is in work at a time, so any
number of files needs some 200 MB of disk. Needs h5py and numpy.
"""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

PROGRAM = os.environ.get("AIRSHOWER_BINARY", ".build/release/airshower")
OUTPUT = pathlib.Path("Documentation/results/corsika-library.md")
METHODS = ("published", "standard", "tuned", "network")
ENDINGS = (".dat", ".dat.zst", ".dat.gz")
REPLICAS, SEED = 2000, 1


def run(*arguments):
    subprocess.run([PROGRAM, *arguments, "--overwrite", "--quiet"], check=True)


def files(paths):
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.name.endswith(ENDINGS) or p.name.startswith("DAT"))
        else:
            yield path


class Shower:
    """The errors of all methods on the throws of one shower."""

    def __init__(self, path, events):
        truth, results = events["truth"], events["reconstruction"]
        record = corsika_record(events)
        self.file = path.name
        self.primary, self.energy = record["primary"], record["energy"]
        self.zenith, self.xmax = record["zenith"], record.get("xmax", float("nan"))
        self.model = record["highEnergyModel"]
        zenith, azimuth = truth["zenith"][:], truth["azimuth"][:]
        kept = results["standard/cut"][:] == 0
        for method in METHODS:
            kept &= results[f"{method}/status"][:] == 0
        self.thrown, self.events = len(kept), int(kept.sum())
        self.angle, self.core, self.log_energy, self.covered, self.energy_covered = {}, {}, {}, {}, {}
        self.zenith_error = {}
        for method in METHODS:
            found = results[method]
            cosine = np.cos(found["zenith"][:]) * np.cos(zenith) + np.sin(found["zenith"][:]) * np.sin(zenith) * np.cos(
                found["azimuth"][:] - azimuth
            )
            self.angle[method] = np.degrees(np.arccos(np.clip(cosine, -1, 1)))[kept]
            self.core[method] = np.hypot(
                found["core_x"][:] - truth["core_x"][:], found["core_y"][:] - truth["core_y"][:]
            )[kept]
            self.log_energy[method] = (np.log(10) * (found["log_energy"][:] - truth["log_energy"][:]))[kept]
            self.zenith_error[method] = np.degrees(found["zenith"][:] - zenith)[kept]
            pulls = (found["zenith"][:] - zenith) / found["zenith_sigma"][:]
            self.covered[method] = float(np.mean(np.abs(pulls[kept]) < 1))
            pulls = self.log_energy[method] / (np.log(10) * found["log_energy_sigma"][:][kept])
            self.energy_covered[method] = float(np.mean(np.abs(pulls) < 1))
        self.fallbacks = float(np.mean(results["network/fallback"][:][kept] != 0)) if "fallback" in results["network"] else 0.0

    def angle68(self, method):
        return float(np.quantile(self.angle[method], 0.68))

    def core68(self, method):
        return float(np.quantile(self.core[method], 0.68))

    def zenith_bias(self, method):
        return float(np.median(self.zenith_error[method]))

    def zenith_width(self, method):
        low, high = np.quantile(self.zenith_error[method], (0.16, 0.84))
        return float(high - low) / 2

    def bias(self, method):
        return float(np.median(self.log_energy[method]))

    def spread(self, method):
        return float(np.std(self.log_energy[method]))


def corsika_record(events):
    """What the provenance says of the one shower of a file."""
    for step in json.loads(events.attrs["PROVENANCE"]):
        for record in json.loads(step.get("settings", {}).get("corsika_showers", "[]")):
            return record
    raise SystemExit("no CORSIKA shower in the provenance")


def interval(showers, statistic):
    """A mean over showers with its 95 % interval from drawing showers."""
    value = statistic(showers)
    if len(showers) < 3:
        return value, None
    random = np.random.default_rng(SEED)
    drawn = [statistic([showers[i] for i in random.integers(0, len(showers), len(showers))]) for _ in range(REPLICAS)]
    return value, np.nanquantile(drawn, (0.025, 0.975))


def text(estimate, form="{:.2f}"):
    value, range95 = estimate
    if range95 is None:
        return form.format(value)
    return f"{form.format(value)} ({form.format(range95[0])} to {form.format(range95[1])})"


def mean(function):
    return lambda showers: float(np.mean([function(shower) for shower in showers]))


def summary_rows(title, showers):
    for method in METHODS:
        yield (
            f"| {title} | {len(showers)} | {method} "
            f"| {text(interval(showers, mean(lambda s: s.angle68(method))))} "
            f"| {text(interval(showers, mean(lambda s: s.core68(method))), '{:.0f}')} "
            f"| {text(interval(showers, mean(lambda s: s.bias(method))), '{:+.2f}')} "
            f"| {text(interval(showers, mean(lambda s: s.spread(method))), '{:.3f}')} "
            f"| {100 * np.mean([s.covered[method] for s in showers]):.0f} % "
            f"| {100 * np.mean([s.energy_covered[method] for s in showers]):.0f} % |"
        )


def gain_rows(showers):
    high = [shower for shower in showers if shower.energy >= 8]
    for title, group in (("all", showers), ("8 EeV and more", high)):
        for other in METHODS[:-1]:
            if group:
                angle = interval(group, mean(lambda s: 100 * (1 - s.angle68("network") / s.angle68(other))))
                core = interval(group, mean(lambda s: 100 * (1 - s.core68("network") / s.core68(other))))
                spread = interval(group, mean(lambda s: 100 * (1 - s.spread("network") / s.spread(other))))
                yield (
                    f"| {title} | {len(group)} | {other} | {text(angle, '{:.0f} %')} | {text(core, '{:.0f} %')} "
                    f"| {text(spread, '{:.0f} %')} |"
                )


def mass_rows(showers):
    protons = [s for s in showers if s.primary in ("H", "p", "proton")]
    iron = [s for s in showers if s.primary in ("Fe", "iron")]
    if not protons or not iron:
        return ["No pair of proton and iron showers is among the files."]
    lines = ["| method | ln E bias, H minus Fe |", "|---|---|"]
    for method in METHODS:
        difference = np.mean([s.bias(method) for s in protons]) - np.mean([s.bias(method) for s in iron])
        lines.append(f"| {method} | {difference:+.3f} ({len(protons)} protons, {len(iron)} iron nuclei) |")
    return lines


def groups(showers):
    for name in dict.fromkeys(s.primary for s in showers):
        yield name, [s for s in showers if s.primary == name]
    for name in dict.fromkeys(s.model for s in showers):
        yield name, [s for s in showers if s.model == name]
    for low, high in ((1, 8), (8, 30), (30, 1000)):
        group = [s for s in showers if low <= s.energy < high]
        if group:
            yield f"{low}-{high} EeV", group


def page(showers, unused, options):
    head = "| showers | number | method | angle [deg] | core [m] | ln E, bias | ln E, st. dev. | zenith covered | ln E covered |"
    nuclei = [s for s in showers if s.primary != "photon"]
    lines = [
        "# All methods on full showers",
        "",
        f"Made by `make corsika-library` on {datetime.date.today()}: {len(showers)} CORSIKA showers, {options.throws} throws",
        f"each, seed 1, network `{options.network}`.",
        "",
        "No network, front or table learned from these showers as events. The simulation's densities and",
        "times were fitted to densities and times of CORSIKA showers, of which some are among these.",
        "Angle and core are 68 % containments. ln E is reconstructed over true: median and standard",
        "deviation. Covered: part of the events whose error is below the stated one; 68 % is right for",
        "the zenith. One shower is one fluctuation of nature, so its median of ln E is not 0.",
        "",
        "## Gain of the network, mean over nuclei",
        "",
        "| showers | number | over | angle | core | st. dev. of ln E |",
        "|---|---|---|---|---|---|",
        *gain_rows(nuclei),
        "",
        "Intervals are 95 %, from drawing whole showers 2,000 times. Fewer than three showers have none.",
        "",
        "## Means over groups of showers",
        "",
        head,
        "|---|---|---|---|---|---|---|---|---|",
        *summary_rows("all nuclei", nuclei),
        *[row for name, group in groups(showers) for row in summary_rows(name, group)],
        "",
        "## Protons and iron",
        "",
        *mass_rows(showers),
        "",
        "## Shower by shower",
        "",
        "| shower | model | Xmax | events | method | angle [deg] | zenith: bias ± half width [deg] | core [m] | ln E, bias | ln E, st. dev. | zenith covered | fallbacks |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for s in showers:
        depth = f"{s.xmax:.0f}" if np.isfinite(s.xmax) else ""
        for method in METHODS:
            fallbacks = f"{100 * s.fallbacks:.0f} %" if method == "network" else ""
            lines.append(
                f"| {s.primary}, {s.energy:.1f} EeV, {s.zenith:.0f} deg ({s.file.split('.')[0]}) | {s.model} | {depth} | {s.events} "
                f"| {method} | {s.angle68(method):.2f} | {s.zenith_bias(method):+.2f} ± {s.zenith_width(method):.2f} "
                f"| {s.core68(method):.0f} | {s.bias(method):+.2f} | {s.spread(method):.3f} | {100 * s.covered[method]:.0f} % | {fallbacks} |"
            )
    if unused:
        lines += ["", "## Not used", "", *[f"- {name}: {reason}" for name, reason in unused]]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--throws", type=int, default=200)
    parser.add_argument("--network", default="reference")
    parser.add_argument("--fewest", type=int, default=20, help="events below which a shower is left out")
    options = parser.parse_args()
    showers, unused = [], []
    with tempfile.TemporaryDirectory() as folder:
        raw, fitted, corrected = (os.path.join(folder, name) for name in ("raw.h5", "fitted.h5", "corrected.h5"))
        for path in files(options.paths):
            print(path.name, file=sys.stderr)
            try:
                run("simulate", "--corsika", str(path), "--throws", str(options.throws), "--output", raw)
            except subprocess.CalledProcessError as error:
                unused.append((path.name, f"`simulate` ends with {error.returncode}"))
                continue
            run("reconstruct", raw, "--method", "standard", "--method", "published", "--front", "tuned", "--output", fitted)
            run("correct", fitted, "--network", options.network, "--name", "network", "--output", corrected)
            with h5py.File(corrected) as events:
                shower = Shower(path, events)
            if shower.events < options.fewest:
                unused.append((path.name, f"{shower.events} of {shower.thrown} throws pass the cuts"))
            else:
                showers.append(shower)
    if not showers:
        sys.exit("no shower with enough events")
    OUTPUT.write_text(page(showers, unused, options))
    print(OUTPUT.read_text())


if __name__ == "__main__":
    main()
