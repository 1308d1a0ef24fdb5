#!/usr/bin/env python3
"""Is our minimum of the standard fit the minimum? An independent chi2, minimised by SciPy and iminuit.

    /usr/bin/python3 Benchmarks/same-minimum.py reco.h5 [EVENTS [FIRST]]

chi2 is written anew in numpy (joint_fit.py) with the errors and branches of the fit's last pass, which the file
holds. SciPy `least_squares` (MINPACK) and iminuit's migrad minimise it, from our point and from starts of their own.
Where another minimum lies lower, passes with errors frozen anew go on from there, as the fit's own would. They lead
back to our point, or to another place with errors of its own. Of two places the fit keeps the likelier.
"""
import datetime
import json
import sys
import warnings
from collections import Counter

import numpy as np
from iminuit import Minuit
from scipy.optimize import least_squares

from joint_fit import NAMES, SCALE, STEEPEST, ReconstructedFile

SCATTERED = 4  # starts about our point, 3 of its sigma away in each direction
LIMIT = 1e-3
KINDS = [
    "our point is no minimum", "another minimum, from which further passes lead back to our point, or astray",
    "another minimum, whose passes end elsewhere, less likely than ours",
    "another minimum, whose passes end elsewhere, likelier than ours"]
NEAREST = 1200.0  # a core farther than this from every station has run away [m]
warnings.filterwarnings("ignore", category=RuntimeWarning)


def reported_sigma(q, covariance):
    """Errors of the reported parameters, from the covariance of q [native units]."""
    nx, ny = q[2:4]
    sine, nz = np.hypot(nx, ny), np.sqrt(1 - nx * nx - ny * ny)
    t = np.eye(7)
    t[2, 2:4] = nx / sine / nz, ny / sine / nz
    t[3, 2:4] = -ny / sine ** 2, nx / sine ** 2
    return np.sqrt(np.diag(t @ covariance @ t.T))


class Candidates:
    """Minima of one event's chi2 as others find them."""

    def __init__(self, event, ours, free):
        self.event, self.ours, self.free = event, ours, free
        self.found = []  # chi2, who, q
        self.astray = 0

    def whole(self, x):
        q = self.ours.copy()
        q[self.free] = x
        return q

    def add(self, who, q):
        chi2 = self.event.chi2(q)
        distance = np.linalg.norm(self.event.position[:self.event.signals.stop, :2] - q[:2] * 100, axis=1).min()
        if np.isfinite(chi2) and distance < NEAREST and abs(q[4]) < 20 and np.hypot(*q[2:4]) <= STEEPEST:
            self.found.append((chi2, who, q))
        else:
            self.astray += 1

    def scipy(self, who, start):
        try:
            result = least_squares(
                lambda x: self.event.residuals(self.whole(x)), start[self.free],
                lambda x: self.event.jacobian(self.whole(x), self.free), method="lm", xtol=1e-13, ftol=1e-13,
                gtol=1e-13, max_nfev=1000)
        except ValueError:  # not finite on the way
            self.astray += 1
            return None
        self.add(who, self.whole(result.x))
        return self.whole(result.x)

    def migrad(self, sigma):
        minuit = Minuit(lambda x: self.event.chi2(self.whole(x)), self.ours[self.free])
        minuit.errors = sigma[self.free]
        minuit.errordef = 1
        minuit.tol = 1e-3
        minuit.migrad()
        self.add("migrad", self.whole(np.array(minuit.values)))
        return minuit


def after_passes(file, k, start, free):
    """Place and -2 ln L at the end of six passes, each on the errors and branches of its start; None where astray."""
    q, chi2 = start, np.inf
    for _ in range(6):
        if not np.hypot(*q[2:4]) < STEEPEST:
            return None
        event, _ = file.event(k, at=q)
        others = Candidates(event, q, free)
        q = others.scipy("pass", q)
        if q is None or not others.found:
            return None
        chi2 = others.found[0][0]
    return q, chi2 + 2 * np.log(1 / event.time_weight).sum()


def covariance_of_hesse(minuit, free):
    """None where Hesse finds no positive curvature."""
    minuit.hesse()
    if minuit.covariance is None or not minuit.accurate:
        return None
    whole = np.zeros((7, 7))
    whole[np.ix_(free, free)] = np.array(minuit.covariance)
    return whole * np.outer(SCALE, SCALE)


file = ReconstructedFile(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
fit = file.fit
random = np.random.default_rng(1)
chi2_difference, jacobian_difference, above, lower, ratios = [], [], [], [], []
tied = inclined = no_hesse = 0
kinds = Counter()

for k in np.flatnonzero(fit["status"] == 0)[first:first + count]:
    event, members = file.event(k)
    ours, free = file.parameters(k), file.free(k)
    f, j = event.residuals(ours), event.jacobian(ours)
    stored = sum(fit[f"chi2_{part}"][k] for part in ("time", "signal", "silent"))
    chi2 = f @ f
    chi2_difference.append(chi2 - (0 if event.tie is None else f[-2:] @ f[-2:]) - stored)
    steps = 1e-6 * np.eye(7)
    numeric = np.stack([(event.residuals(ours + h) - event.residuals(ours - h)) / 2e-6 for h in steps], axis=1)
    jacobian_difference.append(np.abs(j - numeric).max() / np.abs(j).max())
    tied += event.tie is not None
    inclined += fit["zenith"][k] > np.radians(62.7)

    native = np.linalg.inv(j[:, free].T @ j[:, free])
    sigma = np.zeros(7)
    sigma[free] = np.sqrt(np.diag(native))
    others = Candidates(event, ours, free)
    others.scipy("SciPy from our point", ours)
    own = event.start(members)
    own[6] = own[6] if 6 in free else ours[6]
    others.scipy("SciPy from its own start", own)
    for distance in (300, 600):
        outward = own.copy()
        outward[:2] = file.beyond(members, distance) / 100
        others.scipy("SciPy from beyond the largest signal", outward)
    for _ in range(SCATTERED):
        start = ours + 3 * sigma * random.choice([-1, 1], 7)
        start[2:4] *= min(1, 0.98 / np.hypot(*start[2:4]))
        others.scipy("SciPy from 3 sigma away", start)
    minuit = others.migrad(sigma)
    lowest, who, best = min(others.found, key=lambda found: found[0])
    above.append(chi2 - lowest)
    if chi2 - lowest > LIMIT:
        near = min((c for c, w, _ in others.found if w in ("SciPy from our point", "migrad")), default=np.inf)
        end = after_passes(file, k, best, free)
        if chi2 - near > LIMIT:
            kind = KINDS[0]
        elif end is None or np.abs((end[0] - ours) / np.where(sigma > 0, sigma, 1)).max() < 0.3:
            kind = KINDS[1]
        else:
            kind = KINDS[2 if end[1] >= chi2 + 2 * np.log(1 / event.time_weight).sum() else 3]
        kinds[kind] += 1
        shift = (best - ours) / np.where(sigma > 0, sigma, 1)
        lower.append((chi2 - lowest, file.event_id[k], who, kind, shift, int(fit["flags"][k]), event, ours, best, k))

    # Hesse at our point: from another minimum it would be another error.
    near = Minuit(lambda x: event.chi2(others.whole(x)), ours[free])
    near.errors, near.errordef = sigma[free], 1
    whole = covariance_of_hesse(near, free)
    if whole is None:
        no_hesse += 1
        continue
    mine = np.array([np.sqrt(np.diag(fit["covariance"][k]))]).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios.append(np.where(mine > 0, mine / reported_sigma(ours * SCALE, whole), np.nan))

above, ratios = np.array(above), np.array(ratios)
used = len(above)
steps = json.loads(file.file.attrs["PROVENANCE"])
seed = next((step["seed"] for step in steps if step["activity"] == "simulate"), "?")
fraction = (above > LIMIT).mean()
print("# The minimum of the standard fit, by others\n")
print(f"Made by `make validate` on {datetime.date.today()} (`Benchmarks/same-minimum.py`, simulation seed {seed}):")
print(f"{used} events, {tied} of them with the core tied to the barycentre and {inclined} beyond 62.7 degrees.")
print("chi2 is written anew in numpy, with the errors and branches that the file holds. SciPy")
print("`least_squares` (MINPACK) and iminuit minimise it. Both start from our point. SciPy also starts")
print("from a barycentre and plane front of its own, from cores 300 and 600 m beyond the largest signal,")
print(f"and from {SCATTERED} points 3 sigma away. Cores farther than 1200 m from every station do not count, as")
print("in the fit.\n")
print("| quantity | value | asked |\n|---|---|---|")
print(f"| our chi2 minus the one in numpy at our parameters, largest size | {np.max(np.abs(chi2_difference)):.1e} | 1e-4 |")
print(f"| numpy's analytic derivatives against differences, largest | {np.max(jacobian_difference):.1e} | 1e-6 |")
print(f"| our chi2 above the lowest of the others: median, 99 %, largest | {np.median(above):.1e}, {np.quantile(above, .99):.1e}, {above.max():.1e} | |")
print(f"| events above it by more than {LIMIT:g} | {(above > LIMIT).sum()} ({100 * fraction:.2f} %) | 0.2 % |")
for kind in KINDS:
    print(f"| ... {kind} | {kinds[kind]} | |")
for name, ratio in zip(NAMES, ratios.T):
    ratio = ratio[np.isfinite(ratio)]
    print(f"| our sigma / Hesse of {name}: median, 16 %, 84 % | {np.median(ratio):.3f}, {np.quantile(ratio, .16):.3f}, {np.quantile(ratio, .84):.3f} | 0.95 - 1.05 |")
print(f"\nHesse found no positive curvature in {no_hesse} events. (J^T J)^-1 leaves out the second derivatives of")
print("the model, Hesse does not.")
if lower:
    print(f"\nEvents above the lowest minimum by more than {LIMIT:g}. The moves go from our point to the lower one, in")
    print("units of our sigma:\n")
    print("| event | by | found by | kind | core x | core y | n_x | n_y | ln S800 | t0 | a | flags |\n|" + "---|" * 12)
    for amount, event_id, who, kind, shift, flags, *_ in sorted(lower, key=lambda row: -row[0]):
        print(f"| {event_id} | {amount:.4f} | {who} | {kind} | " + " | ".join(f"{x:+.1f}" for x in shift) + f" | {flags} |")
