#!/usr/bin/env python3
"""The standard fit against the published chain on the same events, by energy, as Markdown tables.

    /usr/bin/python3 Benchmarks/standard-against-published.py BOTH.h5...

Files of `airshower reconstruct --method standard --method published`. Events are those with a result of both that pass
the cuts of the standard fit. Intervals are of the paired bootstrap over events.
"""
import sys

import numpy as np

from resolution import Sample, table

RANGES = [("3 - 10", 3, 10), ("10 - 30", 10, 30), ("30 - 300", 30, 300), ("10 - 300", 10, 300)]
REPLICAS = 400


def errors(sample):
    """Space angle [deg], core distance [m] and ln S800 - true, each with the statistic that scores it."""
    s800 = np.log(sample.fit["signal800"] / sample.truth["signal800"])
    return [
        ("angle, 68 % [deg]", sample.angle, containment, 3), ("core, 68 % [m]", sample.core, containment, 1),
        ("ln S800, standard deviation", s800, np.std, 4)]


def containment(x):
    return np.quantile(x, 0.68)


for path in sys.argv[1:]:
    standard, published = Sample(path), Sample(path, "published")
    simulation = standard.step("simulate")
    words = simulation.get("commandLine", [])
    variation = words[words.index("--variation") + 1] if "--variation" in words else "none"
    both = standard.passed & (published.fit["status"] == 0)
    print(f"Seed {simulation.get('seed', '?')}, variation {variation}: {both.sum()} events.\n")
    rows = []
    random = np.random.default_rng(1)
    for (name, mine, statistic, digits), (_, other, _, _) in zip(errors(standard), errors(published)):
        for label, low, high in RANGES:
            m = both & (standard.energy >= low) & (standard.energy < high) & np.isfinite(mine) & np.isfinite(other)
            a, b = mine[m], other[m]
            chosen = random.integers(0, len(a), (REPLICAS, len(a)))
            ratios = np.array([statistic(a[c]) / statistic(b[c]) for c in chosen])
            low, high = np.quantile(ratios, [0.025, 0.975])
            rows.append([
                name, label, len(a), f"{statistic(b):.{digits}f}", f"{statistic(a):.{digits}f}",
                f"{statistic(a) / statistic(b):.3f} ({low:.3f} to {high:.3f})"])
    table(["quantity", "E [EeV]", "events", "published", "standard", "ratio (95 % interval)"], rows)
    print()
