#!/usr/bin/env python3
"""Pulls, bias and resolution of the standard fit against truth, as a Markdown page.

    /usr/bin/python3 Benchmarks/fit-pulls.py reco.h5 [rescaled.h5]
    /usr/bin/python3 Benchmarks/fit-pulls.py --scatter-scale reco.h5

The second file is the same events reconstructed with `--time-scatter-scale K`; the second form prints the K that
gives the time pulls of the stations the width 1.
"""
import datetime
import sys

import numpy as np
from scipy.optimize import brentq, least_squares

from resolution import Sample, containment, estimate, half_width, median, table, text

EDGES = [0, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5]
PRIMARIES = {1: "H", 4: "He", 14: "N", 56: "Fe", 0: "photon"}
PUBLISHED = [("1 - 3.2", 1, 10 ** 0.5, 2.4, 36), ("3.2 - 10", 10 ** 0.5, 10, 2.1, 29), ("> 10", 10, np.inf, 1.4, 19)]
MINIMUM = 50


def energy_bins(sample):
    lg = np.log10(sample.energy)
    for a, b in zip(EDGES, EDGES[1:]):
        m = sample.passed & (lg >= a) & (lg < b)
        if m.sum() >= MINIMUM:
            yield f"{a:.2f} - {b:.2f}", m


def mean_of_curvature(sample):
    """a [ns] expected from a smooth mean of a sqrt(S800) over the events that pass, in (ln S800, sec theta)."""
    fit, truth = sample.fit, sample.truth
    s800 = truth.get("signal800", fit["signal800"])
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = np.log(s800 / 20), 1 / np.cos(truth["zenith"]) - 1.2
        form = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, x ** 3, y ** 3, x * x * y, x * y * y], axis=1)
        good = sample.passed & (fit["curvature_sigma"] > 0)
        target = fit["curvature"] * np.sqrt(s800)
        width = half_width(target[good], np.ones(good.sum()))
    # Robust: a few curvatures are far off.
    result = least_squares(
        lambda c: (form[good] @ c - target[good]) / width, np.linalg.lstsq(form[good], target[good], rcond=None)[0],
        loss="soft_l1")
    return form @ result.x / np.sqrt(s800)


def parameter_pulls(sample):
    """Deviations from truth over sigma, NaN where a parameter was fixed."""
    fit, truth = sample.fit, sample.truth
    c, s = np.cos(fit["zenith"]), np.sin(fit["zenith"])
    cp, sp = np.cos(fit["azimuth"]), np.sin(fit["azimuth"])
    along = np.stack([c * cp, c * sp, -s], axis=1)
    across = np.stack([-sp, cp, np.zeros_like(c)], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        pulls = {
            "core x": (fit["core_x"] - truth["core_x"]) / fit["core_x_sigma"],
            "core y": (fit["core_y"] - truth["core_y"]) / fit["core_y_sigma"],
            "zenith": -(sample.true_axis * along).sum(1) / fit["zenith_sigma"],
            "azimuth": -(sample.true_axis * across).sum(1) / (s * fit["azimuth_sigma"]),
        }
        if "signal800" in truth:
            relative = fit["signal800_sigma"] / fit["signal800"]
            pulls["ln S800"] = np.log(fit["signal800"] / truth["signal800"]) / relative
        pulls["time"] = (fit["time"] - truth["time"]) / fit["time_sigma"]
        pulls["curvature"] = (fit["curvature"] - mean_of_curvature(sample)) / np.where(
            fit["curvature_sigma"] > 0, fit["curvature_sigma"], np.nan)
    return pulls


class Stations:
    """Station pulls of the timing and signal terms of the events that pass."""

    def __init__(self, sample):
        event = sample.event_of_station()
        time_pull, signal_pull = sample.stations("time_pull"), sample.stations("signal_pull")
        sigma, residual = sample.stations("time_sigma"), sample.stations("time_residual")
        timed = sample.passed[event] & np.isfinite(time_pull) & (time_pull != 0)
        self.event, self.pull = event[timed], time_pull[timed].astype(float)
        self.sigma, self.residual = sigma[timed].astype(float), residual[timed].astype(float)
        # pull = r / sqrt(1 - h): a station brings 1 - h degrees of freedom.
        self.freedom = np.minimum((self.residual / self.sigma / self.pull) ** 2, 1)
        measured = sample.passed[event] & np.isfinite(signal_pull) & (signal_pull != 0)
        self.signal_event, self.signal_pull = event[measured], signal_pull[measured].astype(float)
        self.chi2 = sample.fit["chi2_time"]

    def scatter_scale(self, resolution=30.0):
        """Factor on the front's part of sigma_t that gives the time pulls a half width of 1."""
        scatter2 = np.maximum(self.sigma ** 2 - resolution ** 2, 0)

        def excess(k):
            pull = self.pull * self.sigma / np.sqrt(resolution ** 2 + k * k * scatter2)
            return half_width(pull, np.ones(len(pull))) - 1
        return brentq(excess, 0.05, 10)

    def row(self, events):
        """Of some events: chi2_time per degree of freedom, widths of time and signal pulls."""
        m, s = events[self.event], events[self.signal_event]
        per_freedom = self.chi2[events].sum() / self.freedom[m].sum()
        return per_freedom, estimate(half_width, self.pull[m]), estimate(half_width, self.signal_pull[s])


def print_resolution(sample):
    print("\n## Resolution\n")
    print("68 % containment of the space angle and half of the central 68 % of ln E, in bins of true energy.")
    print("Showers are thrown with E^-1. In the last two columns they have the weights of E^-3. The published")
    print("figures are those of the Telescope Array's own fit with its spectrum cuts, from memory. The rows")
    print("marked *edge* have its cut on the core, 1200 m inside the edge.\n")
    rows = []
    for name, low, high, angle, energy in PUBLISHED:
        for cut, inside in (("", sample.passed), (", edge", sample.passed & (sample.fit["edge_distance"] >= 1200))):
            m = inside & (sample.energy >= low) & (sample.energy < high)
            w = sample.energy[m] ** -2
            rows.append([
                name + cut, m.sum(), f"{angle}", text(estimate(containment, sample.angle[m])), f"{energy}",
                text([100 * v for v in estimate(half_width, sample.log_energy_error[m])], 1),
                text(estimate(containment, sample.angle[m], w)),
                text([100 * v for v in estimate(half_width, sample.log_energy_error[m], w)], 1)])
    table(["E (EeV)", "events", "published (deg)", "angular 68 % (deg)", "published (%)", "ln E half width (%)",
           "as E^-3 (deg)", "as E^-3 (%)"], rows)
    print("\nFiner:\n")
    rows = []
    for name, m in energy_bins(sample):
        rows.append([
            name, m.sum(), text(estimate(containment, sample.angle[m])),
            text(estimate(half_width, sample.log_energy_error[m]), 3), text(estimate(containment, sample.core[m]), 0),
            text(estimate(median, sample.fit["reduced_chi2"][m])), f"{sample.fit['station_count'][m].mean():.1f}"])
    table(["lg(E/EeV)", "events", "angular 68 % (deg)", "ln E half width", "core 68 % (m)", "chi2/ndf median",
           "stations"], rows)


def print_bias(sample):
    present = [p for p in PRIMARIES if (sample.truth["primary"][sample.passed] == p).sum() >= MINIMUM]
    for title, error, digits in (
            ("theta - true (deg)", sample.zenith_error, 2), ("ln E - true", sample.log_energy_error, 3)):
        print(f"\nMedian of {title}, by primary:\n")
        rows = []
        for name, m in energy_bins(sample):
            rows.append([name, text(estimate(median, error[m]), digits, True)] + [
                text(estimate(median, error[m & (sample.truth["primary"] == p)]), digits, True) for p in present])
        table(["lg(E/EeV)", "all"] + [PRIMARIES[p] for p in present], rows)


def print_pulls(sample, stations):
    pulls = parameter_pulls(sample)
    odd, rows, medians, widths = [], [], [], []
    for name, m in energy_bins(sample):
        per_freedom, time_width, signal_width = stations.row(m)
        cells = {}
        for parameter, pull in pulls.items():
            x = pull[m & np.isfinite(pull)]
            cells[parameter] = estimate(median, x), estimate(half_width, x)
            width = cells[parameter][1][0]
            if not 0.9 <= width <= 1.1:
                odd.append((name, parameter, width, per_freedom, time_width[0], signal_width[0]))
        medians.append([name] + [text(v[0], 2, True) for v in cells.values()])
        widths.append([name] + [text(v[1]) for v in cells.values()])
        rows.append([name, f"{per_freedom:.2f}", text(time_width), text(signal_width)])
    print("\nMedian of (fit - true) / sigma:\n")
    table(["lg(E/EeV)", *pulls], medians)
    print("\nHalf of the central 68 % of (fit - true) / sigma, 1 if the errors are right:\n")
    table(["lg(E/EeV)", *pulls], widths)
    print("\nThe terms of the fit: chi2_time over its degrees of freedom, and half of the central 68 % of the")
    print("studentised residuals of times and signals. The degrees of freedom are the sum of 1 - h over the")
    print("stations with a time.\n")
    table(["lg(E/EeV)", "chi2_time / freedom", "time pulls", "signal pulls"], rows)
    if "signal800" not in pulls and "signal800" not in sample.truth:
        print("\nThe file has no /truth/signal800: no pull of ln S800.")
    return odd


def print_odd(odd):
    print("\nWidths outside 0.9 - 1.1, beside the terms of the same events. If the terms are as narrow or as")
    print("wide, the cause is the error model: it is wider or narrower than the scatter of the simulation. If")
    print("not, there are two possible causes. Whole showers fluctuate, which no station's error contains. Or")
    print("the form of front and lateral distribution differs.\n")
    rows = []
    for name in dict.fromkeys(row[0] for row in odd):
        of_bin = [row for row in odd if row[0] == name]
        _, _, _, per_freedom, time_width, signal_width = of_bin[0]
        rows.append([name, ", ".join(f"{parameter} {width:.2f}" for _, parameter, width, *_ in of_bin),
                     f"{per_freedom:.2f}", f"{time_width:.2f}", f"{signal_width:.2f}"])
    table(["lg(E/EeV)", "widths", "chi2_time / freedom", "time pulls", "signal pulls"], rows)


def print_losses(sample):
    fit = sample.fit
    meanings = sample.file["reconstruction/standard/status"].attrs["MEANINGS"].decode()
    names = dict(part.split("=") for part in meanings.split(", "))
    event, level = sample.event_of_station(), sample.stations("level")
    in_cluster = np.bincount(event[level >= 3], minlength=len(sample.passed))
    cleaned = np.bincount(event[level >= 4], minlength=len(sample.passed))
    print("\n## Nothing is lost\n")
    print("Triggered events by the outcome of the fit. The second column has events with five or more stations")
    print("in the cluster in space and time (level 3 and above). The third has events with five or more")
    print("stations after the cleaning (level 4 and above).\n")
    groups = [np.ones(len(sample.passed), bool), in_cluster >= 5, cleaned >= 5]
    rows = []
    for status in sorted(set(fit["status"])):
        rows.append([names[str(status)]] + [
            f"{(m & (fit['status'] == status)).sum()} ({100 * (fit['status'][m] == status).mean():.3f} %)" for m in groups])
    rows.append(["**without a result**"] + [
        f"{(m & ~np.isfinite(fit['zenith'])).sum()} ({100 * (~np.isfinite(fit['zenith'][m])).mean():.3f} %)" for m in groups])
    rows.append(["passed the cuts"] + [f"{(m & sample.passed).sum()} ({100 * sample.passed[m].mean():.1f} %)" for m in groups])
    rows.append(["all"] + [m.sum() for m in groups])
    table(["outcome", "triggered", ">= 5 in the cluster", ">= 5 cleaned"], rows)
    flags = [("core tied to the barycentre", 1), ("curvature fixed", 2), ("curvature extreme", 4), ("at the edge", 8),
             ("branches unsettled", 32)]
    good = fit["status"] == 0
    print("\nOf the good events:\n")
    for name, bit in flags:
        print(f"- {name}: {100 * ((fit['flags'][good] & bit) > 0).mean():.2f} %")


def main():
    arguments = sys.argv[1:]
    if arguments[0] == "--scatter-scale":
        print(f"{Stations(Sample(arguments[1])).scatter_scale():.3f}")
        return
    sample = Sample(arguments[0])
    stations = Stations(sample)
    fit = sample.fit
    print("# The standard fit on simulated events\n")
    print(f"Made by `make validate` on {datetime.date.today()} (`Benchmarks/fit-pulls.py`):\n")
    print(f"{sample.commands}\n")
    print(f"{len(sample.passed)} triggered events, {(fit['status'] == 0).sum()} reconstructed, {sample.passed.sum()} after the cuts of the file.")
    print("± is the bootstrap standard deviation.")
    print_losses(sample)
    print_resolution(sample)
    print("\n## Bias")
    print_bias(sample)
    print("\n## Pulls\n")
    print("Zenith and azimuth are taken in the plane across the fitted axis, so that small zenith angles count")
    print("alike. The true S800 is the simulation's mean signal 800 m from the axis.\n")
    print("The simulated front does not have the fitted form, so there is no true a. The pull of a is its")
    print("deviation from a smooth mean of the sample: a sqrt(S800) as a polynomial of third degree in the true")
    print("(ln S800, sec theta). It contains the fluctuations from shower to shower, and its median has no")
    print("meaning.")
    odd = print_pulls(sample, stations)
    print_odd(odd)
    scale = stations.scatter_scale()
    print(f"\nThe time pulls of all stations have the width 1 with `--time-scatter-scale {scale:.2f}`.")
    print("This is a factor on the front's part of sigma_t.")
    if len(arguments) > 1:
        rescaled = Sample(arguments[1])
        print(f"\n## With errors rescaled\n\n{rescaled.commands}\n\n{rescaled.passed.sum()} events after the cuts.")
        odd = print_pulls(rescaled, Stations(rescaled))
        print_odd(odd)
        print_resolution(rescaled)


main()
