#!/usr/bin/env python3
"""Is our minimum of the standard fit the minimum? An independent chi2, minimised by SciPy and iminuit.

    /usr/bin/python3 Benchmarks/same-minimum.py reco.h5 [EVENTS]

The chi2 is written here anew in numpy from the columns of the file: stations, roles, times, signals, silent
stations. Errors and branches are frozen at our solution, as in the last pass of the fit. Reported are, on the
same chi2: by how much SciPy's minimum from our solution lies below our point; whether one of eight
starts about it, with errors frozen anew as in the fit, finds a lower minimum; and our covariance against Hesse of iminuit.
"""
import datetime
import sys

import h5py
import numpy as np
from iminuit import Minuit
from scipy.optimize import least_squares

C = 0.299792458
SCALE = np.array([100, 100, 1, 1, 1, 100, 1.0])


def eta(cos_zenith):
    return 3.97 - 1.79 * (1 / cos_zenith - 1)


def log_ldf(r, cos_zenith):
    def f(x):
        return (-1.2 * np.log(x / 90) - (eta(cos_zenith) - 1.2) * np.log(1 + x / 90)
                - 0.6 * np.log(1 + (x / 1000) ** 2))
    return f(r) - f(800.0)


def mean_curvature(zenith):
    x = np.degrees(zenith)
    if x < 25:
        return 3.3836 - 0.01848 * x
    if x < 35:
        return 6.511268210e-5 * (x - 0.2614963683) * (x * x - 134.7902422 * x + 4558.524091)
    return np.exp(2 - 0.032 * x)


class Event:
    """The terms of one event, for q = (x, y, n_x, n_y, ln S800, t0, a) in units of SCALE."""

    def __init__(self, position, time, signal, role, silent):
        self.position, self.time, self.signal, self.silent = position, time, signal, silent
        self.timed = (role == 0) | (role == 1)
        self.measured = (role == 0) | ((role == 2) & (signal <= 15))

    def model(self, q, position):
        x, y, nx, ny, log_s, t0, a = q * SCALE
        n = np.array([nx, ny, np.sqrt(1 - nx * nx - ny * ny)])
        d = position - np.array([x, y, 0])
        l = d @ n
        r = np.sqrt(np.maximum((d * d).sum(1) - l * l, 0))
        soft = np.sqrt(r * r + 100)
        log_f = log_ldf(soft, n[2])
        return r, np.exp(log_s + log_f), t0 - l / C + a * (1 + soft / 30) ** 1.5 * np.exp(-0.5 * log_f), n

    def freeze(self, q):
        r, expected, _, n = self.model(q, self.position)
        log_s, a = q[4], q[6]
        mean = 1.3 * mean_curvature(np.arccos(n[2]))
        linsley = np.clip(a * np.exp(0.5 * log_s) / 0.67, 0.3 * mean, 3 * mean)
        rc = np.maximum(r, 150)
        density = np.exp(log_s + log_ldf(rc, n[2]))
        self.sigma_t = np.hypot(30, 0.377 * linsley * (1 + rc / 30) ** 1.5 * density ** -0.3)
        s = self.signal
        self.sigma_s = np.where(s < 0.1, 1 / 3, np.sqrt(2 * np.maximum(s, 0) / 3 + 0.0225 * s * s))
        self.poisson = expected <= 4

    def residuals(self, q):
        _, expected, arrival, _ = self.model(q, self.position)
        t = ((self.time - arrival) / self.sigma_t)[self.timed]
        n, m = 3 * self.signal, 3 * expected
        with np.errstate(divide="ignore", invalid="ignore"):
            deviance = np.where(n > 0, 2 * (n * np.log(n / m) - (n - m)), 2 * m)
        p = np.sign(n - m) * np.sqrt(np.maximum(0.4 * deviance, 0))
        g = (self.signal - expected) / self.sigma_s
        s = np.where(self.poisson, p, g)[self.measured]
        silent = -np.sqrt(1.5 * self.model(q, self.silent)[1]) if len(self.silent) else np.zeros(0)
        return np.concatenate([t, s, silent])

    def minimum(self, q, free):
        start = q.copy()

        def of_free(x):
            p = start.copy()
            p[free] = x
            return self.residuals(p)
        result = least_squares(of_free, q[free], method="lm", xtol=1e-12, ftol=1e-12, gtol=1e-12, max_nfev=5000)
        best = start.copy()
        best[free] = result.x
        return best, 2 * result.cost


file = h5py.File(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
fit = {name: column[:] for name, column in file["reconstruction/standard"].items()}
stations = {name: column[:] for name, column in file["stations"].items()}
ids = file["array/station_id"][:]
positions = np.stack([file["array"][a][:] for a in "xyz"], axis=1)
index_of = {station: i for i, station in enumerate(ids)}
first_dead, dead_count = file["events/first_dead"][:], file["events/dead_count"][:]
dead_ids = file["dead_stations/station_id"][:]
random = np.random.default_rng(1)

excess, lower, sigma_ratio, chi2_difference, used = [], [], [], [], 0
for k in range(len(fit["status"])):
    # Tied cores have two terms more, steep showers another slope: not part of this check.
    if fit["status"][k] != 0 or fit["flags"][k] & 1 or fit["zenith"][k] > np.radians(60):
        continue
    rows = slice(fit["first_station"][k], fit["first_station"][k] + fit["station_rows"][k])
    index = np.array([index_of[i] for i in stations["station_id"][rows]])
    signal = (stations["signal_upper"][rows].astype(float) + stations["signal_lower"][rows]) / 6
    role = stations["role"][rows]
    cluster = (role == 0) | (role == 1)
    # The silent stations stand about the largest one of the whole cluster, cleaned ones included.
    busy = np.zeros(len(ids), bool)
    busy[[index_of[i] for i in dead_ids[first_dead[k]:first_dead[k] + dead_count[k]]]] = True
    busy[index[~((role == 3) & (signal <= 0.1))]] = True
    largest = positions[index[np.argmax(np.where(cluster, signal, -1))]]
    near = np.linalg.norm(positions - largest, axis=1) < 4200
    if (near & ~busy).sum() != fit["silent_count"][k]:
        continue
    event = Event(positions[index], stations["time"][rows], signal, role, positions[near & ~busy])
    s, c = np.sin(fit["zenith"][k]), fit["azimuth"][k]
    ours = np.array([fit["core_x"][k], fit["core_y"][k], s * np.cos(c), s * np.sin(c), np.log(fit["signal800"][k]),
                     fit["time"][k], fit["curvature"][k]]) / SCALE
    free = np.arange(6 if fit["flags"][k] & 2 else 7)
    event.freeze(ours)
    at_ours = (event.residuals(ours) ** 2).sum()
    chi2_difference.append(at_ours - sum(fit[f"chi2_{part}"][k] for part in ("time", "signal", "silent")))
    best, chi2 = event.minimum(ours, free)
    excess.append(at_ours - chi2)

    minuit = Minuit(lambda q: (event.residuals(np.where(np.isin(np.arange(7), free), q, ours)) ** 2).sum(), best)
    minuit.errordef = 1
    for i in set(range(7)) - set(free):
        minuit.fixed[int(i)] = True
    minuit.hesse()
    mine = np.array([fit["core_x_sigma"][k], fit["core_y_sigma"][k], fit["signal800_sigma"][k] / fit["signal800"][k],
                     fit["time_sigma"][k]])
    theirs = np.array(minuit.errors)[[0, 1, 4, 5]] * SCALE[[0, 1, 4, 5]]
    sigma_ratio.append(mine / theirs)

    for _ in range(8):
        q = best.copy()
        q[free] += (np.array([3, 3, 0.05, 0.05, 0.3, 3, 0.1]) * random.normal(size=7))[free]
        q[2:4] /= max(1, np.hypot(*q[2:4]) / 0.9)
        try:
            for _ in range(4):
                event.freeze(q)
                q, chi2 = event.minimum(q, free)
        except (ValueError, FloatingPointError):
            continue
        core = q[:2] * 100
        if np.isfinite(chi2) and chi2 < at_ours - 0.1 and np.linalg.norm(event.position[:, :2] - core, axis=1).min() < 1200:
            lower.append((int(file["events/event_id"][k]), at_ours - chi2))
            break
    used += 1
    if used == count:
        break

excess, sigma_ratio = np.array(excess), np.array(sigma_ratio)
print("# The minimum of the standard fit, by others\n")
print(f"Made by `make validate` on {datetime.date.today()}: {used} simulated events, chi2 written anew in numpy,")
print("SciPy `least_squares` (MINPACK) and iminuit's Hesse.\n")
print("| quantity | value |\n|---|---|")
print(f"| our chi2 minus the one in numpy at our parameters, median and largest size | {np.median(np.abs(chi2_difference)):.1e}, {np.max(np.abs(chi2_difference)):.1e} |")
print(f"| our point above SciPy's minimum, median, 99 %, largest | {np.median(excess):.1e}, {np.quantile(excess, .99):.1e}, {excess.max():.1e} |")
print(f"| events above by more than 1e-3 | {(excess > 1e-3).sum()} |")
print(f"| events in which one of 8 other starts ends more than 0.1 lower | {len(lower)} |")
for name, ratio in zip(["core x", "core y", "ln S800", "time"], sigma_ratio.T):
    print(f"| our sigma / Hesse of {name}: median, 16 %, 84 % | {np.median(ratio):.3f}, {np.quantile(ratio, .16):.3f}, {np.quantile(ratio, .84):.3f} |")
if lower:
    print("\nEvents with a lower minimum (event, by how much): " + ", ".join(f"{i} ({d:.1f})" for i, d in lower[:20]))
unsettled = (fit["flags"] & 32 != 0)[fit["status"] == 0].mean()
print(f"\nErrors are frozen at our solution here and one pass earlier in the fit. {100 * unsettled:.1f} % of the events carry the flag")
print("`branchesUnsettled`: a signal near 4 VEM/m2 changes its term from pass to pass, and the fit stops after six. They make the")
print("large differences above.")
