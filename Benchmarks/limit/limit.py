#!/usr/bin/env python3
"""How much a reconstruction could know: the bound of Cramer and Rao beside all methods, into Documentation/results/limit.md.

Usage: Benchmarks/limit/limit.py [--events N] [--fitted N]      (2,000 simulated events, 200 fits; seed 31)

Every particle that makes a signal counts, with its kind and its time: what the waveforms hold at most. Needs h5py and numpy.
"""

import argparse
import datetime
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap

import h5py
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
import fisher  # noqa: E402
from expectation import Expectation  # noqa: E402

PROGRAM = os.environ.get("AIRSHOWER_BINARY", str(ROOT / ".build/release/airshower"))
METHODS = {"published": "published chain", "standard": "standard fit", "tuned": "tuned front", "reference": "network"}
EDGES = [3, 10, 30, 100, 300]
MASSES = {1: 1, 2: 4, 3: 14, 4: 56}


def sample(events, folder):
    """A file of events with all methods."""
    run = lambda *a: subprocess.run([PROGRAM, *a, "--overwrite", "--quiet"], check=True, cwd=ROOT)
    run("simulate", "--events", str(events), "--energy", "3:300", "--seed", "31", "--output", f"{folder}/e.h5")
    run("reconstruct", f"{folder}/e.h5", "--method", "standard", "--method", "published", "--front", "tuned", "--output", f"{folder}/r.h5")
    run("correct", f"{folder}/r.h5", "--name", "reference", "--output", f"{folder}/c.h5")
    return f"{folder}/c.h5"


def truth_of(file):
    t = file["truth"]
    truth = {name: t[name][:] for name in ("zenith", "azimuth", "core_x", "core_y", "log_energy", "xmax", "muon_scale", "primary")}
    truth["ln_energy"] = np.log(10) * (truth["log_energy"] - 18)
    truth["ln_muons"] = np.log(truth["muon_scale"])
    names = h5py.check_enum_dtype(t["primary"].dtype)
    if names:
        masses = {"proton": 1, "helium": 4, "nitrogen": 14, "iron": 56}
        codes = {code: masses[name] for name, code in names.items() if name in masses}
    else:
        codes = {code: MASSES[rank + 1] for rank, code in enumerate(sorted(set(truth["primary"])))}
    truth["mass"] = np.array([codes[p] for p in truth["primary"]])
    return truth


def prior_of(truth):
    """Information about (ln E, Xmax, ln R_mu) before the event: the scatter of Xmax and R_mu, all nuclei together."""
    slope, offset = np.polyfit(truth["ln_energy"], truth["xmax"], 1)
    rest = np.stack([truth["xmax"] - offset - slope * truth["ln_energy"], truth["ln_muons"] - truth["ln_muons"].mean()])
    inverse = np.linalg.inv(np.cov(rest))
    jacobian = np.zeros((2, fisher.COUNT))
    jacobian[0, 5], jacobian[0, 6], jacobian[1, 7] = -slope, 1, 1
    return jacobian.T @ inverse @ jacobian, (jacobian.T @ inverse @ rest).T


def errors_of(file, method, truth):
    """Space angle [deg], distance of the cores [m] and ln E against the truth."""
    g = file[f"reconstruction/{method}"]
    unit = lambda z, a: np.stack([np.sin(z) * np.cos(a), np.sin(z) * np.sin(a), np.cos(z)], -1)
    cosine = (unit(g["zenith"][:], g["azimuth"][:]) * unit(truth["zenith"], truth["azimuth"])).sum(-1)
    core = np.hypot(g["core_x"][:] - truth["core_x"], g["core_y"][:] - truth["core_y"])
    return np.degrees(np.arccos(np.clip(cosine, -1, 1))), core, np.log(10) * (g["log_energy"][:] - 18) - truth["ln_energy"]


def width68(values):
    return np.quantile(np.abs(values), 0.68)


def drawn(covariances, random, copies=100):
    """Errors of events that reach the bound: angle [deg], core [m], ln E."""
    factors = np.linalg.cholesky(covariances)
    z = factors[:, None] @ random.standard_normal((len(factors), copies, fisher.COUNT, 1))
    z = z[..., 0]
    return np.degrees(np.hypot(z[..., 0], z[..., 1])), np.hypot(z[..., 2], z[..., 3]), z[..., 5]


def toy(random):
    """A case with a known bound: one station with an exact clock, log-normal delays, only the time unknown."""
    n, m, w, copies = 400.0, np.log(400.0), 0.5, 40_000
    bound = 1 / np.sqrt(fisher.information(n, m, w)[3, 3])
    estimates = []
    for _ in range(copies // 20):
        t = np.exp(m + w * random.standard_normal((20, int(n))))
        tau = np.zeros(20)
        for _ in range(25):
            late = t - tau[:, None]
            z = (np.log(late) - m) / w
            score = ((z / w + 1) / late).sum(1)
            # The observed information, bounded from below.
            slope = ((1 / w**2 - z / w - 1) / late**2).sum(1)
            step = score / np.maximum(slope, 0.2 / bound**2)
            tau = np.minimum(tau + step, 0.999 * t.min(1) + 0.001 * tau)
        estimates.append(tau)
    return bound, np.concatenate(estimates).std()


def fitted(events, prior, pulls, random, clock):
    """Likelihood fits of hits that were drawn from the expectation; errors in units of the bound."""
    rows = []
    for event, pull in zip(events, pulls):
        found = fisher.fit(event, fisher.draw(event, random, clock), prior, pull, clock)
        covariance = np.linalg.inv(fisher.of_event(event, prior, clock))
        if found is not None:
            rows.append(found / np.sqrt(np.diag(covariance)))
    return np.array(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--fitted", type=int, default=200)
    parser.add_argument("--clock", type=float, default=15.0, help="clock error [ns]")
    options = parser.parse_args()
    random = np.random.default_rng(31)
    expectation = Expectation()
    with tempfile.TemporaryDirectory() as folder:
        with h5py.File(sample(options.events, folder)) as file:
            truth = truth_of(file)
            a = file["array"]
            positions = np.stack([a[k][:] for k in "xyz"], 1)
            dead = file["dead_stations/station_id"][:]
            first, count = file["events/first_dead"][:], file["events/dead_count"][:]
            station_id = a["station_id"][:]
            errors = {m: errors_of(file, m, truth) for m in METHODS}
            selected = np.all([np.isfinite(e).all(0) for e in errors.values()], 0)
            selected &= file["reconstruction/reference/cut"][:] == 0 if "cut" in file["reconstruction/reference"] else True
    prior, pulls = prior_of(truth)
    mean_altitude = positions[:, 2].mean()
    constants = expectation.muons
    events, covariances = {}, {}
    for i in np.flatnonzero(selected):
        alive = ~np.isin(station_id, dead[first[i] : first[i] + count[i]])
        where = positions[alive] - np.array([0, 0, mean_altitude])
        events[i] = fisher.Event(
            expectation, where, truth["zenith"][i], truth["azimuth"][i], np.array([truth["core_x"][i], truth["core_y"][i], 0.0]),
            truth["ln_energy"][i], truth["xmax"][i], truth["ln_muons"][i], constants["productionPerLogMass"] * np.log(truth["mass"][i]),
        )  # fmt: skip
        covariances[i] = np.linalg.inv(fisher.of_event(events[i], prior, options.clock))
    index = np.array(sorted(events))
    print_page(options, truth, errors, index, np.array([covariances[i] for i in index]), events, prior, pulls, random)


def print_page(options, truth, errors, index, covariances, events, prior, pulls, random):
    energy = np.exp(truth["ln_energy"][index])
    bound_toy, found_toy = toy(random)
    few = random.choice(index, min(options.fitted, len(index)), replace=False)
    ratios = fitted([events[i] for i in few], prior, pulls[few], random, options.clock)
    print("# The limit: what an event can tell at most")
    print()
    paragraph(
        f"Made by `make limit` on {datetime.date.today()}: {options.events:,} simulated events of seed 31, E^-1 from 3 to 300 EeV,",
        f"H:He:N:Fe 1:1:1:1. {len(index):,} count, which all methods reconstruct. Clocks have {options.clock:.0f} ns.",
    )
    print()
    paragraph(
        "The bound of Cramer and Rao is the smallest variance that an unbiased estimate can have. It comes from what the simulation",
        "expects at every station: numbers and arrival times of the hits of muons, photons, electrons and hadrons. Direction, core,",
        "time, ln E, Xmax and R_mu are unknown together. Xmax and R_mu have the scatter of all nuclei together as prior.",
    )
    print()
    paragraph(
        "Widths are 68 % containments (direction, core) and standard deviations within ±1 (ln E). Those of the bound are of errors that",
        "are drawn from the bound of each event. **Left** is the part of the way from the published chain to the bound that the network",
        "has not gone. ± is half the width of the 95 % interval (bootstrap over events).",
    )
    print()
    quantities = [("direction, 68 % [deg]", 0, 2, width68), ("core, 68 % [m]", 1, 1, width68), ("ln E, st. dev.", 2, 3, lambda v: np.std(np.clip(v, -1, 1)))]
    for title, position, digits, width in quantities:
        print(f"## {title}")
        print()
        print("| energy [EeV] | events | " + " | ".join(METHODS.values()) + " | bound | left |")
        print("|" + "---|" * (len(METHODS) + 4))
        for low, high in [*zip(EDGES, EDGES[1:]), (10, 300)]:
            there = np.flatnonzero((energy >= low) & (energy < high))
            values = {m: errors[m][position][index[there]] for m in METHODS}
            limit = drawn(covariances[there], random)[position]

            def row(chosen):
                found = [width(values[m][chosen]) for m in METHODS]
                best = width(limit[chosen].ravel())
                return [*found, best, (found[3] - best) / (found[0] - best)]

            now = row(np.arange(len(there)))
            again = np.array([row(random.integers(0, len(there), len(there))) for _ in range(1000 if len(there) < 500 else 300)])
            half = 0.5 * np.diff(np.quantile(again, [0.025, 0.975], axis=0), axis=0)[0]
            cells = [f"{v:.{digits}f} ± {h:.{digits}f}" for v, h in zip(now[:-1], half[:-1])] + [f"{100 * now[-1]:.0f} ± {100 * half[-1]:.0f} %"]
            print(f"| {low}-{high} | {len(there)} | " + " | ".join(cells) + " |")
        print()
    print("## Checks")
    print()
    item(
        "A case that is known: 400 hits in one station with an exact clock, log-normal delays, only the time unknown.",
        f"The bound is {bound_toy:.3f} ns. The most likely time of 40,000 toys scatters by {found_toy:.3f} ns: ratio {found_toy / bound_toy:.3f}.",
    )
    names = ("direction along theta", "direction across", "core along", "core across", "time", "ln E", "Xmax", "ln R_mu")
    near = np.all(np.abs(ratios) < 5, 1)
    error = 1 / np.sqrt(2 * max(near.sum(), 1))
    item(
        f"Likelihood fits of {len(few)} events whose hits were drawn from the expectation. {len(few) - len(ratios)} did not converge, and",
        f"{np.sum(~near)} found another minimum, more than five bounds away. The rms of the others over the bound (each ± {error:.2f}):",
        ", ".join(f"{n} {np.sqrt(np.mean(ratios[near, k] ** 2)):.2f}" for k, n in enumerate(names)) + ".",
    )
    print()
    print("## What the bound leaves out")
    print()
    item(
        "It knows the kind of each hit and its exact time. FADC samples of 20 ns, overlapping pulses and saturation only lose",
        "information. So the true limit lies between bound and network.",
    )
    item("The mean fields are known. What the simulation does not know of nature is not in it.")
    item("The sizes of the deposits are left out: given the kind, they say little more than the distance.")
    item("Muon delays are log-normal, with mean and width of the model. Background and neutrons are left out.")
    item("A network knows its training sample and may trade bias for scatter. At low energies it can lie below the bound.")


def paragraph(*parts):
    print(textwrap.fill(" ".join(parts), 98, break_long_words=False, break_on_hyphens=False))


def item(*parts):
    print(textwrap.fill(" ".join(parts), 98, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False))


if __name__ == "__main__":
    main()
