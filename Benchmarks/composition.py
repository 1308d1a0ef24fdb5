#!/usr/bin/env python3
"""What a network tells of Xmax and ln A, beside observables of the fit, into Documentation/results/composition.md.

Usage: Benchmarks/composition.py NETWORK [CORSIKA FILE|FOLDER]... [--work FOLDER] [--events N] [--trees PYTHON RECO.h5]

NETWORK is a file of `airshower train --spec composition`. The events are simulated with seeds that it never saw. Every CORSIKA
shower is thrown 200 times. Needs h5py and numpy. With --trees, boosted trees are another control: PYTHON has scikit-learn, and
RECO.h5 is the file that the network learned from (`boosted-trees.py`).
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import subprocess
import tempfile
import textwrap

import h5py
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("AIRSHOWER_BINARY", str(ROOT / ".build/release/airshower"))
METHOD = "composition"
SAMPLES = [
    ("nominal", "the simulation as it is", []),
    ("mix", "every shower with variations of its own, as in the training", ["--variation", "mix"]),
    ("epos-lhc", "EPOS LHC in place of QGSJetII-04", ["--variation", "epos-lhc"]),
    ("qgsjetII-03", "QGSJetII-03 in its place", ["--variation", "qgsjetII-03"]),
    ("muons-up", "more muons", ["--variation", "muons-up"]),
]


def run(*arguments):
    subprocess.run([PROGRAM, *map(str, arguments), "--overwrite", "--quiet"], check=True, cwd=ROOT, capture_output=True)


def compared(folder, name, events, seed, network, options):
    """The part of summary.json about composition."""
    paths = {k: folder / f"{METHOD}-{name}-{k}" for k in ("raw", "reco", "corrected", "report")}
    if not (paths["report"] / "summary.json").exists():
        run("simulate", "--events", events, "--energy", "1:300", "--seed", seed, "--output", paths["raw"], *options)
        run("reconstruct", paths["raw"], "--output", paths["reco"])
        run("correct", paths["reco"], "--network", network, "--name", METHOD, "--output", paths["corrected"])
        run("compare", paths["corrected"], "--figures", "none", "--output", paths["report"])
        for key in ("raw", "reco"):
            paths[key].unlink()
    return json.loads((paths["report"] / "summary.json").read_text())["results"]


def text(estimate, digits):
    if not estimate:
        return "–"
    half = (estimate["high95"] - estimate["low95"]) / 2
    return f"{estimate['value']:.{digits}f} ± {half:.{digits}f}"


def scores(found, digits):
    return f"{found['events']} | {text(found.get('bias'), digits)} | {text(found.get('resolution'), digits)} | {text(found.get('merit_factor'), 2)}"


QUANTITIES = [("xmax", "Xmax [g/cm2]", 1), ("ln_mass", "ln A", 2)]


def corsika(folder, network, paths):
    """Rows of the showers of CORSIKA."""
    files = []
    for path in map(pathlib.Path, paths):
        files += sorted(p for p in path.iterdir() if ".dat" in p.name) if path.is_dir() else [path]
    for path in files:
        raw, reco, out = (folder / f"corsika-{k}.h5" for k in ("raw", "reco", "out"))
        run("simulate", "--corsika", path.resolve(), "--throws", 200, "--seed", 5, "--output", raw)
        run("reconstruct", raw, "--output", reco)
        run("correct", reco, "--network", network, "--name", METHOD, "--output", out)
        with h5py.File(out) as f:
            c, t = f[f"reconstruction/{METHOD}"], f["truth"]
            cut = f["reconstruction/standard/cut"][:] == 0
            kept = cut & np.isfinite(c["xmax"][:])
            names = {v: k for k, v in h5py.check_enum_dtype(t["primary"].dtype).items()} if h5py.check_enum_dtype(t["primary"].dtype) else {0: "photon", 1: "H", 4: "He", 14: "N", 56: "Fe"}
            primary = names[int(t["primary"][0])]
            energy = 10 ** (t["log_energy"][0] - 18)
            model = next(
                (r.get("highEnergyModel", "?") for s in json.loads(f.attrs["PROVENANCE"]) for r in json.loads(s.get("settings", {}).get("corsika_showers", "[]"))),
                "?",
            )
            if kept.sum() < 20:
                yield f"| {path.name} | {model} | {primary} | {energy:.1f} | {kept.sum()} of {cut.sum()} | – | – | – | – |"
                continue
            x, m = c["xmax"][:][kept], c["ln_mass"][:][kept]
            sx, sm = np.median(c["xmax_sigma"][:][kept]), np.median(c["ln_mass_sigma"][:][kept])
            true = t["xmax"][0]
            a = {"photon": None, "H": 1, "He": 4, "N": 14, "Fe": 56}[primary]
            yield (
                f"| {path.name} | {model} | {primary} | {energy:.1f} | {kept.sum()} of {cut.sum()} | {true:.0f} "
                f"| {x.mean():.0f} ± {x.std():.0f} ({sx:.0f}) | {'–' if a is None else f'{np.log(a):.2f}'} | {m.mean():.2f} ± {m.std():.2f} ({sm:.2f}) |"
            )


def paragraph(*parts):
    print(textwrap.fill(" ".join(parts), 98, break_long_words=False, break_on_hyphens=False) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=pathlib.Path)
    parser.add_argument("corsika", nargs="*", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--events", type=int, default=15_000)
    parser.add_argument("--trees", nargs=2, metavar=("PYTHON", "RECO"))
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.work or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        page(folder.resolve(), options.network.resolve(), options.events, options.trees, options.corsika)


def boosted_trees(folder, trees):
    """Scores of boosted trees on the nominal events; none where they were not asked for."""
    if not trees:
        return {}
    python, training = trees
    script = ROOT / "Benchmarks/boosted-trees.py"
    command = [python, script, training, folder / f"{METHOD}-nominal-corrected", METHOD]
    # Several threads of OpenMP wait for each other on a busy machine.
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=alone).stdout)


def page(folder, network, events, trees, showers):
    results = {
        name: compared(folder, name, events if name == "nominal" else events // 3, 2401 + i, network, extra)
        for i, (name, _, extra) in enumerate(SAMPLES)
    }
    main_ = results["nominal"]["composition"]
    boosted = boosted_trees(folder, trees)
    metadata = json.loads(subprocess.run([PROGRAM, "inspect", network], check=True, capture_output=True, text=True).stdout)
    print("# Composition: Xmax and ln A event by event")
    print()
    paragraph(
        f"Made by `Benchmarks/composition.py` on {datetime.date.today()}. The network learned from {metadata['counts']['training']:,}",
        f"events (`simulate --energy 1:300 --variation mix`, `train --spec composition`, best epoch {metadata['bestEpoch']}",
        f"of {metadata['settings']['epochs']}, {metadata['weightCount']:,} weights). It predicts Xmax and ln A with errors, beside energy",
        "and direction. Bias and resolution: mean and standard deviation of estimate minus truth. Merit factor: the distance of",
        "the means of protons and iron over the root of the sum of their variances. ± is half the width of the 95 % interval",
        "(bootstrap over showers).",
    )
    print("## All energies")
    print()
    paragraph(
        f"{events:,} simulated events, E^-1 from 1 to 300 EeV, H:He:N:Fe 1:1:1:1, standard cuts. `linear` is the control: a linear",
        "function of ten observables of the fit, their squares and products with ln S800 and sec theta, fitted to nine tenths",
        "of the showers for the other tenth.",
    )
    if boosted:
        paragraph(
            "`trees` is another control: gradient-boosted trees of scikit-learn (`Benchmarks/boosted-trees.py`). They see",
            f"{boosted['observables']} observables of the fit and its errors. They learned from {boosted['training']:,} events of the file that",
            f"the network learned from: {boosted['xmax']['trees']} trees for Xmax, {boosted['ln_mass']['trees']} for ln A.",
        )
    print("| output | events | bias | resolution | merit factor p-Fe |")
    print("|---|---|---|---|---|")
    for quantity, title, digits in QUANTITIES:
        for method in (METHOD, "linear"):
            print(f"| {method}: {title} | {scores(main_[method][quantity], digits)} |")
        if boosted:
            print(f"| trees: {title} | {scores(boosted[quantity], digits)} |")
    observables = sorted(main_["standard"].items(), key=lambda kv: -kv[1].get("merit_factor", {}).get("value", 0))
    for name, found in observables:
        print(f"| `{name}` of the fit | {found['events']} | – | – | {text(found.get('merit_factor'), 2)} |")
    print()
    for quantity, title, digits in QUANTITIES:
        print(f"## {title} by true energy and primary")
        print()
        further = " trees: resolution | its merit factor |" if boosted else ""
        print(f"| log10(E/EeV) | events | bias | resolution | merit factor p-Fe | linear: resolution | its merit factor |{further}")
        print("|---|---|---|---|---|---|---|" + "---|---|" * bool(boosted))
        linear = main_["linear"][quantity]
        for label, found in sorted(main_[METHOD][quantity]["energy"].items(), key=lambda kv: float(kv[0].split("_")[0])):
            if found["events"] < 100:
                continue
            own = linear["energy"][label]
            cells = [scores(found, digits), text(own.get("resolution"), digits), text(own.get("merit_factor"), 2)]
            if boosted:
                tree = boosted[quantity]["energy"].get(label, {})
                cells += [text(tree.get("resolution"), digits), text(tree.get("merit_factor"), 2)]
            print(f"| {label.replace('_', ' ')} | {' | '.join(cells)} |")
        print()
        print("| primary | events | bias | resolution | linear: bias | linear: resolution |")
        print("|---|---|---|---|---|---|")
        for symbol, found in main_[METHOD][quantity]["primary"].items():
            own = linear["primary"][symbol]
            print(
                f"| {symbol} | {found['events']} | {text(found.get('bias'), digits)} | {text(found.get('resolution'), digits)} "
                f"| {text(own.get('bias'), digits)} | {text(own.get('resolution'), digits)} |"
            )
        print()
    print("## What the model changes")
    print()
    paragraph(
        f"The same network on {events // 3:,} events of each variation of the simulation, which it cannot know. The last two columns",
        "are the bias of ln A of protons and of iron.",
    )
    print("| events | Xmax bias | Xmax resolution | merit of Xmax | ln A bias | merit of ln A | protons | iron |")
    print("|---|---|---|---|---|---|---|---|")
    for name, meaning, _ in SAMPLES:
        x, m = (results[name]["composition"][METHOD][q] for q in ("xmax", "ln_mass"))
        print(
            f"| `{name}`: {meaning} | {text(x['bias'], 1)} | {text(x['resolution'], 1)} | {text(x.get('merit_factor'), 2)} "
            f"| {text(m['bias'], 2)} | {text(m.get('merit_factor'), 2)} | {text(m['primary']['H'].get('bias'), 2)} | {text(m['primary']['Fe'].get('bias'), 2)} |"
        )
    print()
    if showers:
        print("## Showers of CORSIKA")
        print()
        paragraph(
            "Each thrown 200 times. Of the throws that pass the cuts, those count that the network knows. Mean ± scatter over",
            "the throws; in brackets the median of the stated error, which includes that between showers. One shower is one",
            "fluctuation of nature, so a difference of one or two stated errors is none.",
        )
        print("| file | model | primary | E [EeV] | events | true Xmax | Xmax | true ln A | ln A |")
        print("|---|---|---|---|---|---|---|---|---|")
        for row in corsika(folder, network, showers):
            print(row)
        print()


if __name__ == "__main__":
    main()
