#!/usr/bin/env python3
"""How many events `airshower distance` needs to see each variation of the simulation, into Documentation/results/distance.md.

Usage: Benchmarks/distance.py [--work FOLDER] [--imported DST]

FOLDER keeps the simulated files for another run. DST is a file of other events, such as those of the experiment's simulation.
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

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("AIRSHOWER_BINARY", str(ROOT / ".build/release/airshower"))
SIZES = [200, 500, 1000, 2000, 5000]
LEVEL = 0.01


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True, cwd=ROOT, capture_output=True, text=True).stdout


def made(folder, name, events, seed, *options):
    """A reconstructed file of simulated events, made once."""
    path = folder / f"{name}.h5"
    if not path.exists():
        raw = folder / f"{name}.raw"
        if "--energy" not in options:
            options = (*options, "--energy", "1:300")
        run("simulate", "--events", events, "--seed", seed, "--output", raw, "--overwrite", "--quiet", *options)
        run("reconstruct", raw, "--output", path, "--overwrite", "--quiet")
        raw.unlink()
    return path


def distance(data, reference, *options):
    page = json.loads(run("distance", data, "--reference", reference, "--format", "json", "--quiet", *options))
    return page["comparison"]["distance"]


def different(result):
    return [f for f in result["features"] if f["adjustedProbability"] < LEVEL]


def features(result, count=4):
    """The features that differ most, with the shift of their mean."""
    names = [f"{f['name']} {f['shift']:+.2f}" for f in different(result)[:count]]
    return ", ".join(names) or "–"


def area(result):
    low, high = result["classifier"]["interval"]
    return f"{result['classifier']['area']:.3f} ({low:.3f} to {high:.3f})"


def fewest(results, is_seen):
    """The smallest size from which on all are seen; None where the largest is not."""
    best = None
    for size, result in sorted(results, key=lambda r: -r[0]):
        if not is_seen(result):
            break
        best = size
    return best


def paragraph(*parts):
    print(textwrap.fill(" ".join(parts), 98, break_long_words=False, break_on_hyphens=False) + "\n")


def item(*parts):
    print(textwrap.fill(" ".join(parts), 98, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--imported", type=pathlib.Path)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.work or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        page(folder.resolve(), options.imported)


def page(folder, imported):
    names = sorted(p.stem for p in (ROOT / "tables/variations").glob("*.json"))
    reference = made(folder, "reference", 10_000, 61)
    same = made(folder, "same", 5000, 62)
    steep = made(folder, "steep", 8000, 63, "--energy", "3:300", "--spectral-index=-2.7")
    print("# How far data lie from the simulation")
    print()
    paragraph(
        f"Made by `make distance` on {datetime.date.today()}. `airshower distance DATA --reference SIMULATION` compares events",
        "without truth with those of a simulation. The reference has 10,000 simulated events (E^-1 from 1 to 300 EeV, seed 61);",
        "some 8,400 pass the standard cuts.",
    )
    print("## How it is made")
    print()
    item(
        "Each event gets a partner in the reference with the same ln S800 (within 0.1) and sec theta (within 0.02). No event of",
        "the reference is used twice. So another spectrum is no difference. Events without a partner are left out and counted.",
    )
    item(
        "26 features: those by which a network knows its domain, the spread of the time residuals, and means over the stations",
        "of the fit of what a waveform tells. S800 and zenith angle are matched, so a scale of all signals is seen in other features alone.",
    )
    item(
        "By feature: the distance of Kolmogorov and Smirnov, and the shift of the mean in units of half of the range from 16 %",
        "to 84 %. Together: a linear classifier of the features and their squares, with five folds. Its area under the ROC curve",
        "within pairs is 0.5 where nothing differs.",
    )
    item(
        "1,000 replicas exchange the members of random pairs. They give the interval of each number without a difference. The",
        "probability of a feature is adjusted for the 26 features by the largest distance of each replica (Westfall and Young).",
    )
    print()
    print("## Nothing is seen where nothing differs")
    print()
    print("| events | pairs | classifier (95 % without a difference) | p | smallest adjusted p of a feature |")
    print("|---|---|---|---|---|")
    halves = [("5,000 of another seed", same, ()), ("first half of them", same, ("--max-events", "2500"))]
    halves += [("second half", same, ("--where", "event >= 2500")), ("8,000 of another spectrum, E^-2.7 above 3 EeV", steep, ())]
    for title, path, chosen in halves:
        result = distance(path, reference, *chosen)
        smallest = min(f["adjustedProbability"] for f in result["features"])
        print(f"| {title} | {result['pairs']} | {area(result)} | {result['classifier']['probability']:.3f} | {smallest:.3f} |")
    print()
    paragraph(
        "A classifier that did not see the pairs can only be worse than 0.5 by chance, so p counts replicas with as large an area.",
    )
    print("## Each variation of the simulation")
    print()
    paragraph(
        f"Seen: p < {LEVEL} with this many simulated events and with all larger numbers of {', '.join(map(str, SIZES))}. About 84 %",
        "of the events pass the cuts. Features: those that differ with 5,000 events, with the shift of their mean.",
    )
    print("| variation | seen by the classifier | by a feature | classifier with 5,000 | features |")
    print("|---|---|---|---|---|")
    for seed, name in enumerate(names, 64):
        data = made(folder, name, 5000, seed, "--variation", name)
        results = [(size, distance(data, reference, "--max-events", size)) for size in SIZES]
        whole = results[-1][1]
        by_all = fewest(results, lambda r: r["classifier"]["probability"] < LEVEL)
        by_one = fewest(results, different)
        print(f"| `{name}` | {by_all or 'no'} | {by_one or 'no'} | {whole['classifier']['area']:.3f} | {features(whole)} |", flush=True)
    print()
    paragraph(
        "`qgsjetII-04` is the model of the nominal simulation, so nothing can differ. \"No\" for others means that 5,000 events do not",
        "suffice. In none of them does the mean of a feature move by more than 0.06 widths, where chance moves it by 0.04.",
    )
    if imported:
        of_others(folder, imported, reference)
    print("## What to do with it")
    print()
    item("Ask before a network corrects data: `airshower distance data.h5 --reference simulation.h5 --network reference`.")
    item(
        "Nothing differs: a difference that so many events would show is excluded. The table above says how many events each",
        "variation needs. It does not say that nothing else differs.",
    )
    item(
        "Something differs: compare the features with the table above, and train on events with such a variation, or with",
        "`--variation mix`. A network that saw a range of a quantity need not know its value. Its errors then include it.",
    )
    item(
        "Features of the front (curvature, time residuals, chi2) point to clocks and delays. Those of waveforms point to muons",
        "and layers, ratios of signals to the lateral distribution. The number of stations points to the trigger and to dead",
        "stations.",
    )
    item("Do not train until a classifier sees nothing: then the network learns the data's faults as well.")
    item(
        "Events are matched in the measured S800. With a steep spectrum, more events of it come from lower energies. This is a",
        "small difference of its own, which 3,168 pairs did not show. Take a reference with the spectrum of the data where it can be.",
    )


def of_others(folder, imported, reference):
    """Events of another simulation, from DST."""
    path = folder / "imported.h5"
    if not path.exists():
        run("import", imported.resolve(), "--array", "Fixtures/arrays/telescope-array-sphere.csv", "--output", folder / "imported.raw", "--overwrite", "--quiet")
        run("reconstruct", folder / "imported.raw", "--output", path, "--overwrite", "--quiet")
    result = distance(path, reference)
    print("## Imported events")
    print()
    paragraph(
        "The 2,500 events of [the import](import.md), DST files of an earlier simulation, whose signals are a third smaller than",
        f"those of today. {result['pairs']} of {result['dataEvents']} events have a partner. The classifier tells them in",
        f"{area(result)} of the pairs.",
    )
    print("| feature | shift [widths] | distance (limit) | adjusted p |")
    print("|---|---|---|---|")
    for f in different(result):
        print(
            f"| `{f['name']}` | {f['shift']:+.2f} ± {f['shiftInterval']:.2f} | {f['distance']:.3f} ({f['distanceLimit']:.3f}) "
            f"| {f['adjustedProbability']:.3f} |"
        )
    print()


if __name__ == "__main__":
    main()
