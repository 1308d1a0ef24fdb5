"""chi2 of the standard fit, written anew in numpy from the columns of a reconstructed file.

Nothing here comes from the program but what it stored: stations, times, signals, and the errors and branches of
the fit's last pass; errors and branches at other parameters are made by the published formulas. Parameters are q = (x, y [100 m], n_x, n_y, ln S800, t0 [100 ns], a [ns]).
"""
import itertools

import h5py
import numpy as np

C = 0.299792458  # m/ns
SCALE = np.array([100, 100, 1, 1, 1, 100, 1.0])
SOFTENING = 10.0  # m, of the axis distance
TIE_WIDTH = 180.0  # m, of a core tied to the barycentre
ATTENUATION = 0.107 / 500  # 1/m, of ln S along the axis: density of the air over 500 g/cm2
AXIAL, AXIAL_EXPONENT = 12000.0, 1.05  # m, growth of delays and their scatter upstream
BEND = 1.35  # exponent of the front
START_UNIT = (1 + 1000 / 30) ** (1.5 - BEND)  # of the mean curvature, for the same delay at 1 km
SILENT_DISTANCE = 4200.0  # m, from the station of the largest signal
STEEPEST = np.sin(np.radians(85))
STEEP = np.cos(np.radians(62.7))  # beyond it INR's slope
FLAGS = {"coreConstrained": 1, "curvatureFixed": 2, "curvatureExtreme": 4, "atEdge": 8, "zenithLimited": 16,
         "branchesUnsettled": 32}
NAMES = ["core x", "core y", "zenith", "azimuth", "ln S800", "time", "curvature"]
INR_SLOPE = [-1.71299934e-10, 4.23849411e-08, -3.76192e-06, 1.35747298e-04, -2.18241567e-03, 1.18960682e-02,
             3.70692527]


def slope(cos_zenith):
    """eta of the lateral distribution and its derivative by cos theta."""
    if cos_zenith >= STEEP:
        return 3.97 - 1.79 * (1 / cos_zenith - 1), 1.79 / cos_zenith ** 2
    zenith = np.degrees(np.arccos(cos_zenith))
    per_degree = np.polyval(np.polyder(INR_SLOPE), zenith)
    return np.polyval(INR_SLOPE, zenith), -np.degrees(per_degree) / np.sqrt(1 - cos_zenith ** 2)


def mean_curvature(zenith):
    """a_I in Linsley's normalisation."""
    x = np.degrees(zenith)
    if x < 25:
        return 3.3836 - 0.01848 * x
    if x < 35:
        return 6.511268210e-5 * (x - 0.2614963683) * (x * x - 134.7902422 * x + 4558.524091)
    return np.exp(2 - 0.032 * x)


def frozen(position, q):
    """sigma_t [ns], sigma_S [VEM/m2] and whether the Poisson term is used, of stations at some parameters."""
    x, y, nx, ny, log_s, _, _ = q * SCALE
    n = np.array([nx, ny, np.sqrt(1 - nx * nx - ny * ny)])
    eta, _ = slope(n[2])
    d = position - np.array([x, y, 0])
    l = d @ n
    r = np.sqrt(np.maximum((d * d).sum(1) - l ** 2, 0))

    def log_ldf(r):
        return (-1.2 * np.log(r / 800) - (eta - 1.2) * np.log((1 + r / 90) / (1 + 800 / 90))
                - 0.6 * np.log((1 + (r / 1000) ** 2) / (1 + 0.8 ** 2)))
    far = np.maximum(r, 150)
    growth = np.maximum(1 + l / AXIAL, 1e-3) ** AXIAL_EXPONENT
    scatter = 0.78 * growth * (1 + far / 30) ** 1.5 * np.exp(-0.3 * (log_s + log_ldf(far)))
    expected = np.exp(log_s + log_ldf(np.hypot(r, SOFTENING)) + ATTENUATION * l)
    sigma = np.where(expected < 0.1, 1 / 3, np.sqrt(2 * expected / 3 + 0.0225 * expected ** 2))
    return np.hypot(30, scatter), sigma, expected <= 4


class JointEvent:
    """The terms of one event: times, signals, silent stations and, where there is one, the core's tie."""

    def __init__(self, timed, time, time_sigma, measured, signal, signal_sigma, is_poisson, silent, tie):
        """Positions [n, 3] of stations with a time, with a signal and of silent ones; tie is a place or None."""
        self.position = np.concatenate([timed, measured, silent])
        self.times = slice(0, len(timed))
        self.signals = slice(len(timed), len(timed) + len(measured))
        self.silent = slice(len(timed) + len(measured), len(self.position))
        self.time, self.time_weight = time, 1 / time_sigma
        self.signal, self.signal_weight = signal, 1 / signal_sigma
        self.gaussian, self.poisson = np.flatnonzero(~is_poisson), np.flatnonzero(is_poisson)
        self.n = 3 * signal[self.poisson]
        self.any_empty = bool((self.n <= 0).any())
        self.safe_n = np.where(self.n > 0, self.n, 1)
        self.tie = tie
        self.rows = len(self.position) + (0 if tie is None else 2)

    def model(self, q):
        """Geometry, ln S_fit of every row and fitted times."""
        x, y, nx, ny, log_s, t0, a = q * SCALE
        length = np.hypot(nx, ny)
        if length > STEEPEST:
            nx, ny = nx * STEEPEST / length, ny * STEEPEST / length
        n = np.array([nx, ny, np.sqrt(1 - nx * nx - ny * ny)])
        d = self.position - np.array([x, y, 0])
        l = d @ n
        r = np.sqrt(np.maximum(np.einsum("ij,ij->i", d, d) - l * l, 0) + SOFTENING ** 2)
        eta, _ = slope(n[2])
        log_far = np.log((1 + r / 90) / (1 + 800 / 90))
        log_ldf = (-1.2 * np.log(r / 800) - (eta - 1.2) * log_far
                   - 0.6 * np.log((1 + (r / 1000) ** 2) / (1 + 0.8 ** 2)))
        rt = r[self.times]
        growth = np.maximum(1 + l[self.times] / AXIAL, 1e-3) ** AXIAL_EXPONENT
        front = growth * (1 + rt / 30) ** BEND * np.exp(-0.5 * log_ldf[self.times])
        time = t0 - l[self.times] / C + a * front
        return n, d, l, r, eta, log_far, np.clip(log_s, -30, 30) + log_ldf + ATTENUATION * l, front, time

    def residuals(self, q, model=None):
        log_signal, time = (model or self.model(q))[6::2]
        f = np.empty(self.rows)
        f[self.times] = (self.time - time) * self.time_weight
        expected = np.exp(log_signal[self.signals])
        s = f[self.signals]
        g, p = self.gaussian, self.poisson
        s[g] = (self.signal[g] - expected[g]) * self.signal_weight[g]
        if len(p):
            s[p] = self.poisson_root(3 * expected[p])
        f[self.silent] = -np.sqrt(1.5 * np.exp(log_signal[self.silent]))
        if self.tie is not None:
            f[-2:] = (self.tie - q[:2] * SCALE[:2]) / TIE_WIDTH
        return f

    def poisson_root(self, m):
        """sign(n - m) sqrt(0.4 D), D = 2 [n ln(n/m) - (n - m)]."""
        n = self.safe_n
        e = (m - n) / n
        deviance = 2 * n * (e - np.log1p(e))
        near = np.abs(e) < 1e-4
        if near.any():
            deviance[near] = (n * e * e * (1 - 2 * e / 3))[near]
        if self.any_empty:
            deviance = np.where(self.n > 0, deviance, 2 * m)
        return np.sign(self.n - m) * np.sqrt(0.4 * np.maximum(deviance, 0))

    def jacobian(self, q, free=range(7)):
        """d residual / d q, the columns in `free`."""
        model = n, d, l, r, eta, log_far, log_signal, front, _ = self.model(q)
        rows, a = len(self.position), q[6]
        tilt = np.array([-n[0] / n[2], -n[1] / n[2]])  # d n_z by n_x, n_y
        dl = np.empty((rows, 4))
        dl[:, 0], dl[:, 1] = -n[0], -n[1]
        dl[:, 2:] = d[:, :2] + d[:, 2:] * tilt
        dr = -l[:, None] * dl
        dr[:, :2] -= d[:, :2]
        dr /= r[:, None]
        per_r = -1.2 / r - (eta - 1.2) / (90 + r) - 1.2 * r / (1e6 + r * r)
        d_log = per_r[:, None] * dr
        d_log[:, 2:] -= log_far[:, None] * slope(n[2])[1] * tilt
        j = np.zeros((self.rows, 7))
        t, s, z = self.times, self.signals, self.silent
        delay = a * front
        w = self.time_weight
        bend = BEND / (30 + r[t])[:, None] * dr[t] - 0.5 * d_log[t] + AXIAL_EXPONENT / (AXIAL + l[t])[:, None] * dl[t]
        j[t, :4] = w[:, None] * (dl[t] / C - delay[:, None] * bend)
        d_log += ATTENUATION * dl
        j[t, 5], j[t, 6] = -w, -w * front
        expected = np.exp(log_signal[s])
        factor = -expected * self.signal_weight
        if len(self.poisson):
            m = 3 * expected[self.poisson]
            root = self.poisson_root(m)
            near = np.abs(m - self.n) < 1e-7 * m
            factor[self.poisson] = np.where(near, -np.sqrt(0.4 * m), 0.4 * (m - self.n) / np.where(near, 1, root))
        j[s, :4], j[s, 4] = factor[:, None] * d_log[s], factor
        factor = -0.5 * np.sqrt(1.5 * np.exp(log_signal[z]))
        j[z, :4], j[z, 4] = factor[:, None] * d_log[z], factor
        if self.tie is not None:
            j[-2, 0] = j[-1, 1] = -1 / TIE_WIDTH
        j *= SCALE
        return j if len(free) == 7 else j[:, free]

    def chi2(self, q):
        f = self.residuals(q)
        return f @ f

    def start(self, members):
        """A start of one's own: barycentre, plane front, S800 from the sum of signals, mean curvature."""
        position, time, signal = members
        core = np.append(signal @ position[:, :2] / signal.sum(), 0)
        axis, nz = np.zeros(2), 1.0
        for _ in range(4):
            a = np.column_stack([-(position - core)[:, :2] / C, np.ones(len(time))])
            axis = np.linalg.lstsq(a, time - time[0] + position[:, 2] * nz / C, rcond=None)[0][:2]
            axis *= min(1, 0.98 / np.hypot(*axis))
            nz = np.sqrt(1 - axis @ axis)
        q = np.array([core[0] / 100, core[1] / 100, *axis, 0, 0, 1.0])
        _, _, l, r, _, _, log_ldf, _, _ = self.model(q)
        ring = (r[self.signals] > 300) & (r[self.signals] < 1800)
        use = ring if ring.any() else np.ones_like(ring)
        s800 = max(self.signal[use].sum(), 0.3) / np.exp(log_ldf[self.signals][use]).sum() if use.any() else 1.0
        largest = np.argmax(signal)
        delay = (position[largest] - core) @ np.append(axis, nz) / C
        q[4:] = np.log(s800), (time[largest] + delay) / 100, START_UNIT * 0.67 * 1.3 * mean_curvature(np.arccos(nz)) / np.sqrt(s800)
        return q


class ReconstructedFile:
    """A reconstructed event file, event by event as the last pass of the fit saw it."""

    def __init__(self, path):
        self.file = h5py.File(path)
        self.fit = {name: column[:] for name, column in self.file["reconstruction/standard"].items()}
        self.stations = {name: column[:] for name, column in self.file["stations"].items()}
        self.positions = np.stack([self.file["array"][a][:] for a in "xyz"], axis=1)
        ids = self.file["array/station_id"][:]
        self.index_of = {station: i for i, station in enumerate(ids)}
        events = self.file["events"]
        self.event_id = events["event_id"][:]
        self.dead = events["first_dead"][:], events["dead_count"][:], self.file["dead_stations/station_id"][:]
        self.hits = events["first_hit"][:], events["hit_count"][:], self.file["hits/station_id"][:]

    def indices(self, rows, k):
        first, count, ids = rows
        return [self.index_of[i] for i in ids[first[k]:first[k] + count[k]]]

    def parameters(self, k):
        """Our solution, as q."""
        fit, s = self.fit, np.sin(self.fit["zenith"][k])
        return np.array([
            fit["core_x"][k], fit["core_y"][k], s * np.cos(fit["azimuth"][k]), s * np.sin(fit["azimuth"][k]),
            np.log(fit["signal800"][k]), fit["time"][k], fit["curvature"][k]]) / SCALE

    def has_flag(self, k, name):
        return bool(self.fit["flags"][k] & FLAGS[name])

    def free(self, k):
        """Indices of the fitted parameters."""
        return np.arange(6 if self.has_flag(k, "curvatureFixed") else 7)

    def event(self, k, at=None):
        """The terms of event k, and position, time, signal of the stations of its cluster that are timed.

        Errors and branches are those of the file, or frozen at the parameters `at`.
        """
        fit = self.fit
        rows = slice(fit["first_station"][k], fit["first_station"][k] + fit["station_rows"][k])
        s = {name: column[rows] for name, column in self.stations.items()}
        index = np.array([self.index_of[i] for i in s["station_id"]])
        position = self.positions[index]
        signal = np.nanmean([s["signal_upper"].astype(float), s["signal_lower"]], axis=0) / 3
        cluster = s["level"] >= 3
        timed, measured = np.isfinite(s["time_sigma"]), s["signal_term"] > 0
        if at is None:
            time_sigma, is_poisson = s["time_sigma"].astype(float), s["signal_term"] == 2
            signal_sigma = s["signal_sigma"].astype(float)
        else:
            time_sigma, signal_sigma, is_poisson = frozen(position, at)
        # Silent: not dead, and either without a hit or with next to nothing in it.
        away = np.zeros(len(self.positions), bool)
        away[self.indices(self.dead, k) + self.indices(self.hits, k)] = True
        away[index[(s["role"] == 3) & (signal <= 0.1)]] = False
        away[self.indices(self.dead, k)] = True
        largest = position[cluster][np.argmax(signal[cluster])]
        near = np.linalg.norm(self.positions - largest, axis=1) < SILENT_DISTANCE
        tie = None
        if self.has_flag(k, "coreConstrained"):
            tie = signal[cluster] @ position[cluster][:, :2] / signal[cluster].sum()
        event = JointEvent(
            position[timed], s["time"][timed], time_sigma[timed], position[measured], signal[measured],
            signal_sigma[measured], is_poisson[measured], self.silent(self.positions[near & ~away], k), tie)
        return event, (position[timed], s["time"][timed], signal[timed])

    def silent(self, positions, k):
        """Silent stations of the fit, which leaves out those beside the core.

        The file has their number. Which ones they are, chi2_silent says.
        """
        extra = len(positions) - self.fit["silent_count"][k]
        if extra <= 0:
            return positions
        none = np.empty((0, 3))
        event = JointEvent(none, *[np.empty(0)] * 2, none, *[np.empty(0)] * 2, np.empty(0, bool), positions, None)
        terms = event.residuals(self.parameters(k)) ** 2
        # Those of large expected signals are left out.
        largest = np.argsort(-terms)[:max(16, extra)]
        left_out = min(
            itertools.combinations(largest, extra) if extra <= 8 else [largest[:extra]],
            key=lambda choice: abs(terms.sum() - terms[list(choice)].sum() - self.fit["chi2_silent"][k]))
        return np.delete(positions, list(left_out), axis=0)

    def beyond(self, members, distance):
        """A place [m] so far beyond the station of the largest signal, seen from the stations about it."""
        position, _, signal = members
        largest = position[np.argmax(signal), :2]
        about = self.positions[np.linalg.norm(self.positions[:, :2] - largest, axis=1) < 3000, :2].mean(0)
        away = largest - about
        return largest + distance * away / max(np.hypot(*away), 1)
