#!/usr/bin/env python3
"""The tuned front against the published one, as a Markdown page, and the values of its picture.

    /usr/bin/python3 Benchmarks/tuned-front.py front.json values.csv nominal.h5 [variation.h5 ...]

Files hold both reconstructions (`airshower reconstruct --front tuned`). Cuts and energies are those of the standard fit.
"""
import json
import sys

import numpy as np

from resolution import Sample, axis, containment, estimate, half_width, median, table, text

RANGES = [("1 - 3", 1, 3), ("3 - 10", 3, 10), ("10 - 30", 10, 30), ("30 - 100", 30, 100), ("> 100", 100, np.inf),
          ("> 10", 10, np.inf)]
LIGHT = 0.299792458  # m/ns


class Pair:
    """Standard and tuned fit of one file, on the events that pass the cuts of the standard fit and have both."""

    def __init__(self, path):
        self.standard, self.tuned = Sample(path), Sample(path, "tuned")
        self.lost = int((self.standard.passed & (self.tuned.fit["status"] != 0)).sum())
        self.passed = self.standard.passed & (self.tuned.fit["status"] == 0)
        self.energy = 10 ** (self.standard.fit["log_energy"] - 18)

    @property
    def methods(self):
        return [("standard", self.standard), ("tuned", self.tuned)]

    @property
    def variation(self):
        line = self.standard.step("simulate")["commandLine"]
        return line[line.index("--variation") + 1] if "--variation" in line else "nominal"

    def range(self, low, high):
        return self.passed & (self.energy >= low) & (self.energy < high)

    def gain(self, events, replicas=400):
        """1 - tuned/standard of the 68 % angle in %, with the 95 % interval of a paired bootstrap over showers."""
        showers = np.unique(self.standard.file["events/shower_id"][:][events], return_inverse=True)[1]
        a, b = self.standard.angle[events], self.tuned.angle[events]
        orders = [np.argsort(x) for x in (a, b)]
        random = np.random.default_rng(1)

        def value(weights):
            sides = []
            for x, order in zip((a, b), orders):
                sums = np.cumsum(weights[order])
                sides.append(x[order][np.searchsorted(sums, 0.68 * sums[-1])])
            return 100 * (1 - sides[1] / sides[0])
        drawn = [value(random.poisson(1, showers.max() + 1)[showers].astype(float)) for _ in range(replicas)]
        low, high = np.quantile(drawn, [0.025, 0.975])
        return f"{value(np.ones(len(a))):.1f} % ({low:.1f} to {high:.1f})"


def pulls(sample):
    """Deviations from the truth over sigma."""
    fit, truth = sample.fit, sample.truth
    c, s = np.cos(fit["zenith"]), np.sin(fit["zenith"])
    cp, sp = np.cos(fit["azimuth"]), np.sin(fit["azimuth"])
    along, across = np.stack([c * cp, c * sp, -s], 1), np.stack([-sp, cp, 0 * c], 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "zenith": -(sample.true_axis * along).sum(1) / fit["zenith_sigma"],
            "azimuth": -(sample.true_axis * across).sum(1) / (s * fit["azimuth_sigma"]),
            "core x": (fit["core_x"] - truth["core_x"]) / fit["core_x_sigma"],
            "core y": (fit["core_y"] - truth["core_y"]) / fit["core_y_sigma"]}


class Times:
    """Timing terms of the stations: chi2 over freedom, the sum of 1 - h, and studentised residuals."""

    def __init__(self, sample):
        self.event, self.pull = sample.event_of_station(), sample.stations("time_pull").astype(float)
        raw = sample.stations("time_residual") / sample.stations("time_sigma")
        used = np.isfinite(self.pull) & (self.pull != 0)
        self.event, self.pull, raw = self.event[used], self.pull[used], raw[used].astype(float)
        self.freedom = np.minimum((raw / self.pull) ** 2, 1)
        self.square = raw ** 2

    def cells(self, events):
        m = events[self.event]
        low, high = np.quantile(self.pull[m], [0.16, 0.84])
        return [f"{self.square[m].sum() / self.freedom[m].sum():.2f}", f"{(high - low) / 2:.2f}"]


def print_errors(pair):
    print("## Errors\n")
    print("Space angle and core: 68 % containment. Zenith: median of fitted - true. ln E: mean and standard")
    print("deviation of fitted - true. The gain of the angle has the 95 % interval of a paired bootstrap over")
    print("showers. Energies are those of the standard fit.\n")
    rows = []
    for name, low, high in RANGES:
        m = pair.range(low, high)
        for method, sample in pair.methods:
            e = sample.log_energy_error[m]
            rows.append([
                name, m.sum(), method, text(estimate(containment, sample.angle[m]), 3),
                pair.gain(m) if method == "tuned" else "", text(estimate(median, sample.zenith_error[m]), 3, True),
                text(estimate(containment, sample.core[m]), 1), f"{np.nanmean(e):+.3f}", f"{np.nanstd(e):.3f}"])
    table(["E (EeV)", "events", "front", "angle (deg)", "gain", "zenith (deg)", "core (m)", "ln E mean", "ln E sd"], rows)


def print_pulls(pair):
    print("\n## Pulls\n")
    print("Half of the central 68 % of (fitted - true) / sigma, 1 if the errors are right. The last columns are")
    print("chi2 of the times over their degrees of freedom, and half of the central 68 % of the studentised")
    print("residuals of the times.\n")
    rows = []
    values = [(method, pulls(sample), Times(sample)) for method, sample in pair.methods]
    for name, low, high in RANGES:
        m = pair.range(low, high)
        for method, pull, times in values:
            rows.append([name, method] + [text(estimate(half_width, p[m])) for p in pull.values()] + times.cells(m))
    table(["E (EeV)", "front", "zenith", "azimuth", "core x", "core y", "chi2_time / freedom", "time pulls"], rows)


def print_variations(pairs):
    print("\n## Systematic variations\n")
    print("Above 10 EeV, one systematic variation of the simulation at a time. The tuned front is that of the")
    print("nominal simulation.\n")
    rows = []
    for pair in pairs:
        m = pair.range(10, np.inf)
        for method, sample in pair.methods:
            pull = pulls(sample)
            rows.append([
                pair.variation, m.sum(), method, text(estimate(containment, sample.angle[m]), 3),
                pair.gain(m) if method == "tuned" else "", text(estimate(median, sample.zenith_error[m]), 3, True),
                f"{np.nanmean(sample.log_energy_error[m]):+.3f}"]
                + [text(estimate(half_width, pull[k][m])) for k in ("zenith", "azimuth", "core x")]
                + Times(sample).cells(m)[:1])
    table(["variation", "events", "front", "angle (deg)", "gain", "zenith (deg)", "ln E mean", "zenith pull", "azimuth pull",
           "core x pull", "chi2_time / freedom"], rows)


class Front:
    """The functions of a table, evaluated here by their formula."""

    def __init__(self, path):
        self.table = json.load(open(path))

    def value(self, key, r, signal, secant):
        ranges = self.table["ranges"]
        s = np.sqrt(np.clip(r, *ranges["distance"]) / 1000)
        y = np.clip(np.log(signal), *ranges["logSignal"]) - 2
        z = np.clip(secant, *ranges["secant"]) - 1.2
        # Mean of both sides of the axis: terms with w vanish.
        return sum(t["coefficient"] * s ** t["powers"][0] * y ** t["powers"][1] * z ** t["powers"][2]
                   for t in self.table[key] if t["powers"][3] == 0)

    def delay(self, *place):
        return np.clip(self.value("delay", *place), *self.table["ranges"]["delay"])

    def sigma(self, *place):
        return np.clip(np.exp(0.5 * self.value("logVariance", *place)), *self.table["ranges"]["sigma"])


def mean_curvature(zenith):
    """a_I of the published front."""
    if zenith < 25:
        return 3.3836 - 0.01848 * zenith
    if zenith < 35:
        return 6.511268210e-5 * (zenith - 0.2614963683) * (zenith ** 2 - 134.7902422 * zenith + 4558.524091)
    return np.exp(2 - 0.032 * zenith)


def write_values(path, front, sample):
    """Curves of both fronts and means of simulated stations against the distance, at some signals and zenith angles."""
    truth, event = sample.truth, sample.event_of_station()
    array = sample.file["array"]
    index = {number: i for i, number in enumerate(array["station_id"][:])}
    chosen = (sample.stations("role") <= 1) & sample.passed[event]
    event = event[chosen]
    station = np.array([index[number] for number in sample.stations("station_id")[chosen]])
    position = np.stack([array[k][:] for k in "xyz"], 1)[station]
    bad, upper, lower = (sample.stations(k)[chosen].astype(float) for k in ("bad_layers", "signal_upper", "signal_lower"))
    signal = np.where(bad == 0, (upper + lower) / 2, np.where(bad == 1, lower, upper)) / 3
    d = position - np.stack([truth["core_x"], truth["core_y"], 0 * truth["core_x"]], 1)[event]
    upstream = (d * sample.true_axis[event]).sum(1)
    r = np.sqrt(np.maximum((d * d).sum(1) - upstream ** 2, 0))
    delay = sample.stations("time")[chosen] - truth["time"][event] + upstream / LIGHT
    zenith = np.degrees(truth["zenith"][event])
    with open(path, "w") as out:
        print("kind,zenith,signal,r,delay,sigma", file=out)
        for angle in (10, 28, 42):
            for s in (0.7, 3, 15):
                near = (abs(zenith - angle) < 3) & (abs(np.log(signal / s)) < 0.2)
                edges = np.geomspace(300, 5500, 22)
                lowest, highest = np.quantile(r[near], [0.005, 0.995])
                for a, b in zip(edges, edges[1:]):
                    m = near & (r >= a) & (r < b)
                    if m.sum() < 60:
                        continue
                    middle, width = np.median(delay[m]), half_width(delay[m], np.ones(m.sum()))
                    kept = delay[m][abs(delay[m] - middle) < 5 * width]
                    print(f"simulated,{angle},{s},{r[m].mean():.1f},{kept.mean():.2f},{kept.std():.2f}", file=out)
                for x in np.geomspace(lowest, highest, 60):
                    place = (x, s, 1 / np.cos(np.radians(angle)))
                    print(f"tuned,{angle},{s},{x:.1f},{front.delay(*place):.2f},{front.sigma(*place):.2f}", file=out)
                    form = 1.3 * mean_curvature(angle) * (1 + x / 30) ** 1.5
                    print(f"published,{angle},{s},{x:.1f},{0.67 * form * s ** -0.5:.2f},"
                          f"{np.hypot(30, 0.377 * form * s ** -0.3):.2f}", file=out)


def main():
    front, values, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    pairs = [Pair(path) for path in paths]
    nominal = pairs[0]
    print(f"{nominal.standard.commands}\n")
    print(f"{nominal.passed.sum()} events pass the cuts of the standard fit. {nominal.lost} more have no result with the tuned front.\n")
    print_errors(nominal)
    print_pulls(nominal)
    print_variations(pairs)
    write_values(values, Front(front), nominal.standard)


main()
