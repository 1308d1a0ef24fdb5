#!/usr/bin/env python3
"""What `train --weights spectrum=-2.7` gains on events of that spectrum, into Documentation/results/weights.md.

Usage: Benchmarks/weights.py [--work FOLDER] [--training RECO.h5] [--events N] [--epochs N]

Trains the network `set` with and without weights, twice each, on events thrown with E^-1, and compares both on fresh events with
E^-2.7. Needs h5py and numpy.
"""

import argparse
import contextlib
import datetime
import os
import pathlib
import subprocess
import tempfile
import textwrap

import h5py
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("AIRSHOWER_BINARY", str(ROOT / ".build/release/airshower"))
SEEDS = (1, 2)
KINDS = {"none": [], "weighted": ["--weights", "spectrum=-2.7"]}
REPLICAS = 1000


def run(*arguments):
    subprocess.run([PROGRAM, *map(str, arguments), "--overwrite", "--quiet"], check=True, cwd=ROOT, capture_output=True)


def vector(group):
    z, a = group["zenith"][:], group["azimuth"][:]
    return np.stack([np.sin(z) * np.cos(a), np.sin(z) * np.sin(a), np.cos(z)], -1)


def errors(path):
    """Space angle [deg] and error of ln E by method, of events that all networks know."""
    with h5py.File(path) as file:
        results, truth = file["reconstruction"], file["truth"]
        kept = results["standard/cut"][:] == 0
        names = [name for name in results if name != "standard"]
        for name in names:
            kept &= (results[name]["status"][:] == 0) & (results[name]["fallback"][:] == 0)
        found, energy = {}, 10 ** (truth["log_energy"][:][kept] - 18)
        for name in ["standard", *names]:
            cosine = (vector(results[name]) * vector(truth)).sum(-1)[kept]
            angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
            ratio = np.log(10) * (results[name]["log_energy"][:] - truth["log_energy"][:])[kept]
            found[name] = (angle, ratio)
    return found, energy


def numbers(angle, ratio):
    return np.array([np.quantile(angle, 0.68), ratio.mean(), ratio.std()])


def paragraph(*parts):
    print(textwrap.fill(" ".join(parts), 98, break_long_words=False, break_on_hyphens=False) + "\n")


def made(folder, options):
    training, test = options.training or folder / "training.h5", folder / "test.h5"
    for path, simulation in [
        (training, ["--events", options.events, "--energy", "1:300", "--seed", 2301]),
        (test, ["--events", options.events // 2, "--energy", "3:300", "--spectral-index", -2.7, "--seed", 2601]),
    ]:
        if not path.exists():
            run("simulate", *simulation, "--variation", "mix", "--output", folder / "raw.h5")
            run("reconstruct", folder / "raw.h5", "--output", path)
    networks = []
    for kind, weights in KINDS.items():
        for seed in SEEDS:
            network = folder / f"{kind}-{seed}.pt"
            networks += ["--network", network, "--name", f"{kind}_{seed}"]
            if not network.exists():
                run(
                    "train", training, "--spec", "set", "--epochs", options.epochs, "--seed", seed,
                    "--max-events", options.events, *weights, "--output", network,
                )
    run("correct", test, *networks, "--output", folder / "corrected.h5")
    return errors(folder / "corrected.h5"), effective(training, options.events)


def effective(training, events):
    """Events that pass the cuts, and the number of events of equal weight that have the same statistical power."""
    with h5py.File(training) as file:
        kept = file["reconstruction/standard/cut"][:events] == 0
        weight = 10 ** (-1.7 * (file["truth/log_energy"][:events][kept] - 18))
    return len(weight), weight.sum() ** 2 / (weight**2).sum()


def page(found, energy, counts, options):
    paragraph(
        f"Made by `Benchmarks/weights.py` on {datetime.date.today()}. The network `set` learned from {options.events:,} simulated events",
        f"thrown with E^-1 from 1 to 300 EeV (`--variation mix`, {options.epochs} epochs): with all events counted once, and with",
        "`--weights spectrum=-2.7`. Each was trained with two seeds. Numbers are means of both. The events of the comparison were",
        f"thrown with E^-2.7 from 3 to 300 EeV: {len(energy):,} pass the standard cuts and are known to all four networks. ± is half",
        "the width of the 95 % interval (bootstrap of the events, the same for all networks).",
    )
    print("| E [EeV] | events | quantity | standard | all count once | weighted | difference | between seeds |")
    print("|---|---|---|---|---|---|---|---|")
    random = np.random.default_rng(1)
    for low, high in [(3, 1000), (3, 10), (10, 30), (30, 1000)]:
        rows = np.flatnonzero((energy >= low) & (energy < high))
        if len(rows) < 100:
            continue

        def mean(kind, chosen):
            return np.mean([numbers(*(x[chosen] for x in found[f"{kind}_{seed}"])) for seed in SEEDS], 0)

        plain, weighted = mean("none", rows), mean("weighted", rows)
        replicas = []
        for _ in range(REPLICAS):
            chosen = random.choice(rows, len(rows))
            replicas.append(mean("weighted", chosen) - mean("none", chosen))
        half = np.diff(np.quantile(replicas, [0.025, 0.975], axis=0), axis=0)[0] / 2
        first = [np.array([numbers(*(x[rows] for x in found[f"{kind}_{seed}"])) for seed in SEEDS]) for kind in KINDS]
        scatter = np.abs(np.array([np.diff(x, axis=0)[0] for x in first])).mean(0)
        standard = numbers(*(x[rows] for x in found["standard"]))
        label = f"{low}-{high}" if high < 1000 else f"above {low}"
        for place, title in enumerate(["68 % of space angles [deg]", "bias of ln E", "standard deviation of ln E"]):
            print(
                f"| {label} | {len(rows)} | {title} | {standard[place]:.3f} | {plain[place]:.3f} | {weighted[place]:.3f} "
                f"| {weighted[place] - plain[place]:+.4f} ± {half[place]:.4f} | {scatter[place]:.4f} |"
            )
    print()
    paragraph(
        "\"Between seeds\" is the mean difference of two networks that differ in nothing but the seed. With the weights,",
        f"{counts[0]:,} events that pass the cuts have the statistical power of {counts[1]:,.0f} events: few events, of the lowest",
        "energies, have most of the weight.",
    )
    if verdict_of(found) > 0:
        paragraph(
            "So weights to a steep spectrum cost more than they gain where events were thrown with E^-1. Of a network that knows",
            "energies well, the optimum hardly depends on the spectrum, but the number of events does. Throw events with the spectrum",
            "of interest in place of weights, or use weights for small corrections.",
        )


def verdict_of(found):
    """By how much the 68 % of space angles grows with weights [deg]."""
    mean = lambda kind: np.mean([np.quantile(found[f"{kind}_{seed}"][0], 0.68) for seed in SEEDS])
    return mean("weighted") - mean("none")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--training", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=4)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.work or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (found, energy), counts = made(folder.resolve(), options)
    print("# What weights of training events gain")
    print()
    page(found, energy, counts, options)


if __name__ == "__main__":
    main()
