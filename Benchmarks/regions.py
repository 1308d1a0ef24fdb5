#!/usr/bin/env python3
"""Coverage of the regions of the direction, and of energy and Xmax, into Documentation/results/regions.md.

Usage: Benchmarks/regions.py [--work FOLDER] [--network NAME] [--densities NAME] [CORSIKA FILE|FOLDER]...

Simulated events with seeds that the networks never saw, and CORSIKA showers thrown 200 times. Regions of highest density are
those of the second network, ellipses those of the first. Needs h5py and numpy.
"""

import argparse
import contextlib
import datetime
import os
import pathlib
import resource
import subprocess
import tempfile
import textwrap

import h5py
import numpy as np

from regions_of_density import DensitySample, unit

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("AIRSHOWER_BINARY", str(ROOT / ".build/release/airshower"))
EVENTS = 20_000


def processor_time():
    """Of all programs that were run [s]."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(*arguments):
    """Processor time that it took [s]."""
    started = processor_time()
    subprocess.run([PROGRAM, *map(str, arguments), "--overwrite", "--quiet"], check=True, cwd=ROOT, capture_output=True)
    return processor_time() - started


class Sample:
    """Places of true directions within the regions of their events."""

    def __init__(self, path):
        with h5py.File(path) as f:
            r, s, t = f["reconstruction/reference"], f["reconstruction/standard"], f["truth"]
            kept = (s["cut"][:] == 0) & np.isfinite(r["region68_major"][:])
            self.kept, self.passed = int(kept.sum()), int((s["cut"][:] == 0).sum())
            r, t = ({n: g[n][:][kept] for n in g} for g in (r, t))
            standard_sigma = s["direction_sigma"][:][kept]
        self.energy, self.zenith = 10 ** (r["log_energy"] - 18), np.degrees(r["zenith"])
        axis, true = unit(r["zenith"], r["azimuth"]), unit(t["zenith"], t["azimuth"])
        theta = np.stack([np.cos(r["zenith"]) * np.cos(r["azimuth"]), np.cos(r["zenith"]) * np.sin(r["azimuth"]), -np.sin(r["zenith"])], -1)
        phi = np.stack([-np.sin(r["azimuth"]), np.cos(r["azimuth"]), 0 * r["azimuth"]], -1)
        dot = (axis * true).sum(-1)
        u, v = (true * theta).sum(-1) / dot, (true * phi).sum(-1) / dot
        c, d = np.cos(r["region_angle"]), np.sin(r["region_angle"])
        self.radius = np.hypot((c * u + d * v) / r["region68_major"], (c * v - d * u) / r["region68_minor"])
        self.scale95 = r["region95_scale"]
        self.area = np.degrees(1) ** 2 * np.pi * r["region68_major"] * r["region68_minor"]
        self.angle = np.degrees(np.arccos(np.clip(dot, -1, 1)))
        self.kappa = r["region_kappa"]
        self.standard_sigma = np.degrees(standard_sigma)
        self.within = {68: self.radius < 1, 95: self.radius < self.scale95}
        # Without the two errors apart: the circle of von Mises and Fisher.
        self.circle = np.radians(self.angle) ** 2 < -2 * np.log(0.32) / self.kappa


def percent(values):
    p = values.mean()
    return f"{100 * p:.1f} ± {100 * np.sqrt(p * (1 - p) / len(values)):.1f}"


def tables(sample, header, cells):
    """Rows of `cells` by estimated energy and zenith angle; `cells` is a function of the events."""
    for label, edges, values in [
        ("E [EeV]", [0, 3, 10, 30, 100, np.inf], sample.energy),
        ("zenith [deg]", [0, 15, 25, 35, np.inf], sample.zenith),
    ]:
        print(f"| {label} | events | {' | '.join(header)} |")
        print("|---" * (2 + len(header)) + "|")
        for low, high in [*zip(edges, edges[1:]), (0, np.inf)]:
            chosen = (values >= low) & (values < high)
            if chosen.sum() < 50:
                continue
            text = f"{low}-{high}" if high < np.inf else f"above {low}" if low > 0 else "all"
            print(f"| {text} | {chosen.sum()} | {' | '.join(cells(chosen))} |")
        print()


def paragraph(*parts):
    print(textwrap.fill(" ".join(parts), 98, break_long_words=False, break_on_hyphens=False) + "\n")


def sharpness(sample):
    """Ellipses beside circles of one radius at each energy, by quarters of the stated area."""
    order = np.log(sample.energy)
    edges = np.quantile(order, np.linspace(0, 1, 11))
    constant, rank = np.empty_like(order), np.empty_like(order)
    for low, high in zip(edges, edges[1:]):
        chosen = np.flatnonzero((order >= low) & (order <= high))
        constant[chosen] = np.quantile(sample.angle[chosen], 0.68)
        rank[chosen] = np.argsort(np.argsort(sample.area[chosen])) / len(chosen)
    paragraph(
        "Beside circles of one radius at each energy, which hold 68 % of all directions too. The events are divided by the area",
        "that the network states, within each tenth of the energies:",
    )
    print("| stated area | 68 % region | circle of one radius | region: median area [deg2] | circle: area [deg2] |")
    print("|---|---|---|---|---|")
    for number, title in enumerate(["smallest quarter", "second", "third", "largest"]):
        chosen = (rank >= number / 4) & (rank < (number + 1) / 4)
        print(
            f"| {title} | {percent(sample.within[68][chosen])} | {percent((sample.angle < constant)[chosen])} "
            f"| {np.median(sample.area[chosen]):.2f} | {np.pi * np.median(constant[chosen]) ** 2:.2f} |"
        )
    print()
    paragraph(
        "The network knows which events are well measured: a circle of one radius holds too many of them, and too few of the",
        "others. The ellipses are the Gaussian errors of the network with another scale. So they are not sharper than those",
        "errors at equal coverage.",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("showers", nargs="*", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--network", default="reference")
    parser.add_argument("--densities", default="composition")
    options = parser.parse_args()
    files = [q for p in options.showers for q in (sorted(q for q in p.iterdir() if ".dat" in q.name) if p.is_dir() else [p])]
    with contextlib.ExitStack() as stack:
        folder = (options.work or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))).resolve()
        print("# Regions of the direction, and of energy and Xmax")
        print()
        densities(folder, options.densities, files)
        ellipses(folder, options.network, files)
        print("## What is missing")
        print()
        paragraph(
            "Densities allow for all variations of the simulation at once. So they cover more than they state in a simulation without",
            "any, and would cover less in one with others. Showers of CORSIKA that are deeper than most are covered less, and those of",
            "photons far less: the networks learned from nuclei. The density of the direction is hardly better than its two errors,",
            "which have almost no tails. One of energy, Xmax and the number of muons together would tell more of the primary.",
        )


SAMPLES = [
    ("mix", "Simulation with systematic variations, as in the training", 2501, ["--variation", "mix"]),
    ("nominal", "The simulation as it is", 2502, []),
]


def made(folder, name, *simulation):
    reco = folder / f"regions-{name}-reco.h5"
    if not reco.exists():
        run("simulate", *simulation, "--output", folder / "raw.h5")
        run("reconstruct", folder / "raw.h5", "--output", reco)
    return reco


def thrown(folder, path):
    return made(folder, path.name, "--corsika", path.resolve(), "--throws", 200, "--seed", 5)


def corrected(folder, reco, network, name, *options):
    """Processor time of `correct` [s]."""
    return run("correct", reco, "--network", network, "--name", name, *options, "--threads", 1, "--output", folder / "c.h5")


def samples(folder, network, method, kind):
    """Of each simulation, below its heading: name, events, and processor time of `correct` without regions and with them."""
    for name, title, seed, simulation in SAMPLES:
        reco = made(folder, name, "--events", EVENTS, "--energy", "1:300", "--seed", seed, *simulation)
        times = [corrected(folder, reco, network, method, *options) for options in ([], ["--regions"])]
        print(f"### {title}")
        print()
        yield name, kind(folder / "c.h5"), *times


def densities(folder, network, showers):
    """Regions of highest density of mixtures."""
    paragraph(
        f"Made by `Benchmarks/regions.py` on {datetime.date.today()}. There are two kinds of regions. The network `composition`",
        "predicts the direction, and energy with Xmax, each as a mixture of four normal distributions. `correct --regions` writes",
        "the mixture and the levels of its [regions of highest density](../how-to/regions.md). Of all other networks it writes",
        "ellipses of the direction, whose axes are the predicted errors (second half of this page).",
    )
    print("## Regions of highest density: the network `composition`")
    print()
    for name, sample, plain, again in samples(folder, network, "composition", DensitySample):
        paragraph(
            f"{sample.kept:,} of {sample.passed:,} events that pass the standard cuts (E^-1 from 1 to 300 EeV); the network does not know",
            "the others. Coverage in percent with its statistical error. Area: median of the 68 % region. Events are binned by the",
            "estimated energy and zenith angle, which are what a user has.",
        )
        pair = (sample.direction, sample.energy_xmax)
        tables(
            sample,
            ["direction 68 %", "95 %", "area [deg2]", "E and Xmax 68 %", "95 %", "area [g/cm2]"],
            lambda chosen: [
                cell
                for density in pair
                for cell in (
                    percent(density.within[68][chosen]), percent(density.within[95][chosen]),
                    f"{np.median(density.area[68][chosen]):.2f}",
                )
            ],
        )
        against_errors(sample)
        if name == "mix":
            paragraph(
                f"`correct` of {EVENTS:,} events took {plain:.1f} s of processor time without regions and {again:.1f} s with them:",
                f"{1e6 * (again - plain) / EVENTS:.0f} microseconds an event.",
            )
        else:
            paragraph(
                "The network cannot know that these events have no variation. Its densities allow for all variations, so they hold",
                "more than they state where variations are what limits: in energy and Xmax.",
            )
    if showers:
        print("### Showers of CORSIKA")
        print()
        print("| file | events | direction 68 % | 95 % | E and Xmax 68 % | 95 % |")
        print("|---|---|---|---|---|---|")
        for path in showers:
            corrected(folder, thrown(folder, path), network, "composition", "--regions")
            sample = DensitySample(folder / "c.h5")
            cells = ["–"] * 4
            if sample.kept >= 20:
                cells = [percent(d.within[level]) for d in (sample.direction, sample.energy_xmax) for level in (68, 95)]
            print(f"| {path.name} | {sample.kept} of {sample.passed} | {' | '.join(cells)} |")
        print()
        paragraph(
            "Throws of one shower share its fluctuation, so a row says whether this one shower lies in its region. Several showers",
            "would be needed for a coverage.",
        )


def against_errors(sample):
    """Beside the product of two normal distributions with the errors of the network."""
    paragraph(
        "Beside the two Gaussian errors that the same network predicts, as a product. Their ellipse is scaled to the coverage of the",
        "region. Score: mean of ln of the density at the true values. The Gaussian errors are scaled by the factor that gives them",
        "the highest score on these events. ± is half the width of the 95 % interval (bootstrap).",
    )
    print("| density | part | median area | of the Gaussian errors | median ratio | score | of the Gaussian errors | difference |")
    print("|---|---|---|---|---|---|---|---|")
    for density in (sample.direction, sample.energy_xmax):
        score, scaled = density.scores()
        random = np.random.default_rng(1)
        count = len(score)
        means = [(score - scaled)[random.integers(count, size=count)].mean() for _ in range(1000)]
        half = np.diff(np.quantile(means, [0.025, 0.975]))[0] / 2
        digits = 3 if density.unit == "deg2" else 1
        for level in (68, 95):
            own, other = density.area[level], density.gaussian_area(level)
            cells = f"{score.mean():.3f} | {scaled.mean():.3f} | {(score - scaled).mean():+.3f} ± {half:.3f}" if level == 68 else " |  | "
            print(
                f"| {density.title} [{density.unit}] | {level} % | {np.median(own):.{digits}f} | {np.median(other):.{digits}f} "
                f"| {np.median(own / other):.3f} | {cells} |"
            )
    print()
    paragraph(f"At equal coverage: {'; '.join(map(verdict, (sample.direction, sample.energy_xmax)))}.")


def verdict(density):
    """Areas of the regions against those of the Gaussian errors, in words."""
    ratios = [np.median(density.area[level] / density.gaussian_area(level)) for level in (68, 95)]
    if max(abs(ratio - 1) for ratio in ratios) < 0.02:
        return f"regions of {density.title} are as large as those of the errors"
    return f"regions of {density.title} have {' and '.join(f'{ratio:.2f}' for ratio in ratios)} of the area (68 %, 95 %)"


def ellipses(folder, network, showers):
    print("## Ellipses of the direction: the network `reference`")
    print()
    paragraph(
        "An ellipse about each direction holds the true one with 68 %; a factor leads to 95 %, and kappa is the concentration of the",
        "von Mises-Fisher distribution with the same area. The axes are the errors that the network predicts along the zenith and",
        "across. They are scaled by the 68 % and 95 % quantiles of the validation events in the network's file, two numbers for all",
        "events.",
    )
    for name, sample, plain, again in samples(folder, network, "reference", Sample):
        paragraph(
            f"{sample.kept:,} of {sample.passed:,} events that pass the standard cuts (E^-1 from 1 to 300 EeV) have a region; the network",
            "does not know the others. Coverage in percent with its statistical error. Circle: of kappa. Area: median of the 68 %",
            "region.",
        )
        tables(
            sample,
            ["68 % region", "95 % region", "68 % circle", "area [deg2]", "kappa"],
            lambda chosen: [
                *(percent(inside[chosen]) for inside in (sample.within[68], sample.within[95], sample.circle)),
                f"{np.median(sample.area[chosen]):.2f}", f"{np.median(sample.kappa[chosen]):.0f}",
            ],
        )
        sharpness(sample)
        if name == "mix":
            paragraph(f"`correct` took {plain:.1f} s of processor time without regions and {again:.1f} s with them for {EVENTS:,} events.")
    if showers:
        print("### Showers of CORSIKA")
        print()
        print("| file | events | 68 % region | 95 % region |")
        print("|---|---|---|---|")
        every = {68: [], 95: []}
        for path in showers:
            corrected(folder, thrown(folder, path), network, "reference", "--regions")
            sample = Sample(folder / "c.h5")
            if sample.kept < 20:
                print(f"| {path.name} | {sample.kept} of {sample.passed} | – | – |")
                continue
            for level in every if "gamma" not in path.name and "photon" not in path.name else []:
                every[level].append(sample.within[level].mean())
            print(f"| {path.name} | {sample.kept} of {sample.passed} | {percent(sample.within[68])} | {percent(sample.within[95])} |")
        print()
        paragraph(
            f"Mean of the nuclei: {100 * np.mean(every[68]):.0f} % and {100 * np.mean(every[95]):.0f} %. Throws of one shower share its",
            "fluctuation, so each row scatters by more than its statistical error.",
        )


if __name__ == "__main__":
    main()
