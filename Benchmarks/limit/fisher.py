"""Fisher information of an event about its shower, and the bound of Cramer and Rao.

A kind k has n Poisson hits in a station; ln of their delays behind tau is normal, mean m and width w. With z = (ln t - m)/w the
derivatives of the logarithm of the likelihood of a hit by (ln n, m, w, tau) are 1 (less n in the sum), z/w, (z^2 - 1)/w and
(z/w + 1)/t. Their mean products are closed formulas (information). tau has the clock error of the station, common to its hits.
"""

import numpy as np

# Of the parameters: direction along and across [rad], core along and across [m], time [ns], ln E, Xmax [g/cm2], ln R_mu.
STEPS = dict(r=2.0, a=2.0, zenith=1e-3, log_energy=1e-3, xmax=2.0, log_muons=1e-3)
LIGHT = 0.299792458
COUNT = 8
# From the truth, in a fit.
FARTHEST = np.array([0.3, 0.3, 2000, 2000, 1e4, 3, 500, 2])


def information(n, m, w):
    """[..., 4, 4] of (ln n, m, w, tau) for n expected hits."""
    f = np.zeros((*np.shape(n), 4, 4))
    inverse = np.exp(-m + 0.5 * w**2)
    f[..., 0, 0] = 1
    f[..., 1, 1] = 1 / w**2
    f[..., 2, 2] = 2 / w**2
    f[..., 1, 3] = f[..., 3, 1] = inverse / w**2
    f[..., 2, 3] = f[..., 3, 2] = -2 * inverse / w
    f[..., 3, 3] = np.exp(-2 * m + 2 * w**2) * (1 / w**2 + 1)
    return f * np.asarray(n)[..., None, None]


class Event:
    """A true shower over the stations near its core, for the information about it.

    Axes: e_theta towards larger zenith angles, e_phi across; the core moves on the ground along and across the direction.
    """

    def __init__(self, expectation, positions, zenith, azimuth, core, log_energy, xmax, log_muons, shift, reach=5000.0):
        self.expectation, self.shift = expectation, shift
        self.zenith, self.xmax, self.log_energy, self.log_muons = zenith, xmax, log_energy, log_muons
        st, ct, sp, cp = np.sin(zenith), np.cos(zenith), np.sin(azimuth), np.cos(azimuth)
        self.n = np.array([st * cp, st * sp, ct])
        self.e_theta, self.e_phi = np.array([ct * cp, ct * sp, -st]), np.array([-sp, cp, 0.0])
        self.along, self.across = np.array([cp, sp, 0.0]), np.array([-sp, cp, 0.0])
        d = positions - core
        self.d = d[np.hypot(d[:, 0], d[:, 1]) < reach]

    def place(self, parameters):
        """r, a, plane time of the stations and the other arguments, for small changes of the parameters."""
        along, across, x, y, t0, log_energy, xmax, log_muons = parameters
        n = self.n + along * self.e_theta + across * self.e_phi
        n = n / np.sqrt(n @ n)
        d = self.d - x * self.along - y * self.across
        a = d @ n
        r = np.sqrt(np.maximum((d * d).sum(1) - a * a, 1.0))
        zenith = np.arccos(n[2])
        return r, a, t0 - a / LIGHT, zenith, self.xmax + xmax, self.log_energy + log_energy, self.log_muons + log_muons

    def expected(self, parameters=np.zeros(COUNT)):
        """[kind, station, (ln n, m, w)] and tau [station]."""
        r, a, tau, zenith, xmax, log_energy, log_muons = self.place(parameters)
        return self.expectation(r, a, zenith, xmax, log_energy, log_muons, self.shift), tau

    def derivatives(self, parameters=np.zeros(COUNT)):
        """Expected values, and [kind, station, (ln n, m, w, tau), parameter]."""
        r, a, tau, zenith, xmax, log_energy, log_muons = self.place(parameters)
        arguments = dict(r=r, a=a, zenith=zenith, xmax=xmax, log_energy=log_energy, log_muons=log_muons, shift=self.shift)
        value = self.expectation(**arguments)
        slopes = {}
        for name, step in STEPS.items():
            high, low = (self.expectation(**(arguments | {name: arguments[name] + s})) for s in (step, -step))
            slopes[name] = (high - low) / (2 * step)
        jacobian = np.zeros((*value.shape[:2], 4, COUNT))
        steps = np.array([1e-5, 1e-5, 0.1, 0.1])
        for index in range(4):
            move = np.zeros(COUNT)
            move[index] = steps[index]
            high, low = self.place(parameters + move), self.place(parameters - move)
            by = [(h - l) / (2 * steps[index]) for h, l in zip(high[:4], low[:4])]
            jacobian[:, :, :3, index] = (
                slopes["r"] * by[0][:, None] + slopes["a"] * by[1][:, None] + slopes["zenith"] * by[3]
            )
            jacobian[:, :, 3, index] = by[2]
        jacobian[:, :, 3, 4] = 1
        for index, name in ((5, "log_energy"), (6, "xmax"), (7, "log_muons")):
            jacobian[:, :, :3, index] = slopes[name]
        return value, tau, jacobian


def of_event(event, prior, clock=15.0):
    """Information about the eight parameters, with that of the prior."""
    value, _, jacobian = event.derivatives()
    f = information(np.exp(value[..., 0]), value[..., 1], value[..., 2])
    total = np.einsum("ksip,ksij,ksjq->pq", jacobian, f, jacobian)
    with_clock = np.einsum("ksip,ksi->sp", jacobian, f[..., 3])
    own = f[..., 3, 3].sum(0) + 1 / clock**2
    return total - np.einsum("sp,s,sq->pq", with_clock, 1 / own, with_clock) + prior


class Hits:
    """Times of hits [ns] with their kinds and stations."""

    def __init__(self, times, kinds, stations, shape):
        self.times, self.kinds, self.stations, self.shape = times, kinds, stations, shape

    def sums(self, values):
        """Of a value a hit, by kind and station."""
        flat = np.bincount(self.kinds * self.shape[1] + self.stations, values, self.shape[0] * self.shape[1])
        return flat.reshape(self.shape)


def draw(event, random, clock):
    """Hits of an event as the simulation expects them, with clock errors of the stations."""
    value, tau = event.expected()
    counts = random.poisson(np.exp(value[..., 0]))
    kinds, stations = (np.repeat(i.ravel(), counts.ravel()) for i in np.indices(counts.shape))
    start = tau + clock * random.standard_normal(len(tau))
    delays = np.exp(value[kinds, stations, 1] + value[kinds, stations, 2] * random.standard_normal(len(kinds)))
    return Hits(start[stations] + delays, kinds, stations, counts.shape)


def fit(event, hits, prior, pull, clock=15.0, rounds=40):
    """Most likely parameters, relative to the truth of the event, by Fisher's scoring with shorter steps where one fails.

    pull is prior times what the truth is away from the middle of the prior. None where it does not converge.
    """

    def pulls(value, start):
        """ln t, z, w of each hit; None where one would come before the plane front."""
        late = hits.times - start[hits.stations]
        if late.min(initial=1) <= 0:
            return None
        m, w = value[hits.kinds, hits.stations, 1], value[hits.kinds, hits.stations, 2]
        return late, (np.log(late) - m) / w, w

    def log_likelihood(parameters, clocks):
        # Where no shower is, the formulas mean nothing.
        if np.any(np.abs(parameters) > FARTHEST):
            return -np.inf
        value, tau = event.expected(parameters)
        found = pulls(value, tau + clocks)
        if found is None or not np.isfinite(value).all():
            return -np.inf
        late, z, w = found
        each = value[hits.kinds, hits.stations, 0] - 0.5 * z**2 - np.log(w * late)
        return each.sum() - np.exp(value[..., 0]).sum() - 0.5 * parameters @ prior @ parameters - pull @ parameters - 0.5 * (clocks**2).sum() / clock**2

    parameters, clocks = np.zeros(COUNT), np.zeros(len(event.d))
    # From the truth, whose hits may come before it by the clocks of their stations.
    value, tau = event.expected()
    for s in range(len(event.d)):
        own = hits.times[hits.stations == s]
        clocks[s] = min(0, own.min(initial=np.inf) - tau[s] - 5)
    last = log_likelihood(parameters, clocks)
    for _ in range(rounds):
        value, tau, jacobian = event.derivatives(parameters)
        n, m, w = np.exp(value[..., 0]), value[..., 1], value[..., 2]
        late, z, width = pulls(value, tau + clocks)
        score = np.stack([
            hits.sums(np.ones(len(z))) - n, hits.sums(z / width), hits.sums((z**2 - 1) / width), hits.sums((z / width + 1) / late),
        ], -1)  # fmt: skip
        f = information(n, m, w)
        gradient = np.einsum("ksip,ksi->p", jacobian, score) - prior @ parameters - pull
        clock_gradient = score[..., 3].sum(0) - clocks / clock**2
        total = np.einsum("ksip,ksij,ksjq->pq", jacobian, f, jacobian) + prior
        with_clock = np.einsum("ksip,ksi->sp", jacobian, f[..., 3])
        own = f[..., 3, 3].sum(0) + 1 / clock**2
        reduced = total - np.einsum("sp,s,sq->pq", with_clock, 1 / own, with_clock)
        step = np.linalg.solve(reduced, gradient - with_clock.T @ (clock_gradient / own))
        clock_step = (clock_gradient - with_clock @ step) / own
        part, new = 1.0, -np.inf
        while part > 1e-3:
            new = log_likelihood(parameters + part * step, clocks + part * clock_step)
            if new >= last - 1e-9:
                break
            part /= 2
        if part <= 1e-3:
            return parameters
        parameters, clocks = parameters + part * step, clocks + part * clock_step
        if part == 1 and new - last < 1e-3:
            return parameters
        last = new
    return None
