#!/usr/bin/env python3
"""Fits the constants of the shower model to CORSIKA showers and to the Telescope Array's published laws.

Usage: Tools/tune-simulation.py [FOLDER] > tables/simulation/shower-model.json      (make tune-simulation)

FOLDER (default Fixtures/corsika) holds showers.csv, lateral.csv and azimuth.csv. Needs numpy and SciPy. The formulas are
those of Documentation/simulation.md, written here once more in numpy, so that the program's own model has something to be
checked against (Fixtures/corsika/model-points.csv, written with --points FILE). What was fitted how well goes to stderr.

Three fits, each with what the one before it gave:
1. muons: production profile, spectrum, transverse momentum and delays, from densities, delay quantiles and mean energies;
   every shower has its own muon number and its own depth of maximum production (one shower is one fluctuation).
2. electromagnetic signal: size and shape from CORSIKA's densities (each shower with its own normalisation, 5 %), S800 and
   lateral distribution of the Telescope Array at 10 EeV, and its ratio of iron to protons.
3. electromagnetic delays: quantiles over all azimuths, and early against late side.
"""

import csv
import datetime
import hashlib
import json
import pathlib
import sys

import numpy as np
from scipy.optimize import least_squares
from scipy.special import ndtr

LIGHT = 0.299792458
MUON_MASS, DECAY_LENGTH, LOSS = 0.10566, 658.65, 2.1e-3
MUON_VEM = 1.17
MASS = {"p": 1, "He": 4, "N": 14, "Fe": 56}
# Muon number of Sibyll 2.3c, with which the showers were made, over that of QGSJETII-03.
SIBYLL = 1.25
QUANTILES = [0.1, 0.5, 0.9]
# Cosines of azimuth over which rings are averaged, and those of the early and late side.
RING = np.cos((np.arange(4) + 0.5) / 4 * np.pi)
EARLY = np.cos((np.arange(4) + 0.5) / 4 * np.pi / 3)


class Atmosphere:
    """Layers X = A + B exp(-h/C); heights in m, depths in g/cm2."""

    def __init__(self, a, b, c, bottoms, ground):
        self.a, self.b, self.c, self.bottoms = map(np.array, (a, b, c, bottoms))
        self.c = self.c / 100
        self.edges = self.a + self.b * np.exp(-self.bottoms[:4] / self.c)
        self.ground, self.ground_depth = ground, 0.0
        self.ground_depth = float(self.depth(np.array([ground]))[0])

    def depth(self, height):
        i = np.searchsorted(self.bottoms, height, side="right") - 1
        return self.a[i] + self.b[i] * np.exp(-height / self.c[i])

    def height(self, depth):
        i = np.array([np.flatnonzero(x <= self.edges)[-1] for x in depth])
        return -self.c[i] * np.log((depth - self.a[i]) / self.b[i])


TELESCOPE_ARRAY = Atmosphere(
    [-157.4824420, -61.37203423, 0.7362990220, 4.35453690e-4],
    [1192.660088, 1154.859863, 1409.849923, 655.67307],
    [985049.8541, 816481.9595, 620021.7587, 737521.77],
    [0, 7418.313895, 12233.42405, 36548.00685],
    1400,
)
US_STANDARD = Atmosphere(
    [-186.555305, -94.919, 0.61289, 0.0],
    [1222.6562, 1144.9069, 1305.5948, 540.1778],
    [994186.38, 878153.55, 636143.04, 772170.16],
    [0, 4000, 10000, 40000],
    1370,
)


class Shower:
    """A shower at distances from its axis; the values that CORSIKA gives where there is one."""

    def __init__(self, energy, xmax, zenith, distances, atmosphere=TELESCOPE_ARRAY, cosines=RING):
        self.energy, self.xmax, self.zenith, self.r = energy, xmax, zenith, np.asarray(distances, float)
        self.atmosphere, self.cosines = atmosphere, cosines

    @property
    def beyond_maximum(self):
        return self.atmosphere.ground_depth / np.cos(self.zenith) - self.xmax

    def upstream(self):
        return self.r[:, None] * np.tan(self.zenith) * self.cosines


# ---------------------------------------------------------------------------------------------------- muons

MUON_START = {
    "productionOffset": 236.0, "productionLength": 260.0, "productionAsymmetry": 0.29, "spectrumOffset": 0.86,
    "spectrumIndex": 2.13, "momentumScale": 0.148, "delayTail": 0.10, "hardening": 80.0,
}  # fmt: skip


def production_profile(y, p):
    """exp(ln(1 + R y/L)/R^2 - y/(L R)), 1 at y = 0."""
    q = 1 + p["productionAsymmetry"] * y / p["productionLength"]
    return np.where(
        q > 0,
        np.exp(np.log(np.maximum(q, 1e-12)) / p["productionAsymmetry"] ** 2 - y / (p["productionLength"] * p["productionAsymmetry"])),
        0,
    )


def muon_kernel(shower, p, shift=0.0, energies=30, bins=26, counted=False):
    """Weights and delays [distance and azimuth, bin, energy], for one produced muon; see the article.

    Weights are densities in the shower plane; counted on the horizontal ground and divided by cos theta, as CORSIKA's
    are, those of slanted muons are smaller.
    """
    air, ct = shower.atmosphere, np.cos(shower.zenith)
    centre = shower.xmax - p["productionOffset"] + shift
    fine = 5 + (np.arange(160) + 0.5) * (2500 - 5) / 160
    integral = production_profile(fine - centre, p).sum() * (2500 - 5) / 160
    # Equal steps of vertical depth, the same for all zenith angles.
    width = (air.ground_depth - 4 - 35) / bins / ct
    slant = 35 / ct + (np.arange(bins) + 0.5) * width
    y = slant - centre
    fraction = production_profile(y, p) * width / integral
    vertical = slant * ct
    above = air.height(vertical) - air.ground
    z_c, scale = np.maximum(above / ct, 20), above / np.log(air.ground_depth / vertical)
    step = np.log(300 / 0.22) / (energies - 1)
    e = 0.22 * np.exp(step * np.arange(energies))
    # The number of muons is defined with 30 points of equal weight in ln E whose sum is 1.
    step30 = np.log(300 / 0.22) / 29
    e30 = 0.22 * np.exp(step30 * np.arange(30))
    spectrum = (e + p["spectrumOffset"]) ** -p["spectrumIndex"] * e * step
    spectrum = spectrum / ((e30 + p["spectrumOffset"]) ** -p["spectrumIndex"] * e30 * step30).sum()
    q = 1 + p["productionAsymmetry"] * y / p["productionLength"]
    tilt = np.clip(-p["hardening"] * y / p["productionLength"] ** 2 / np.maximum(q, 0.2), -0.4, 0.4)
    produced = fraction[:, None] * spectrum * (e / 2) ** tilt[:, None]

    r = np.repeat(np.maximum(shower.r, 30), len(shower.cosines))[:, None]
    z = np.maximum(z_c - shower.upstream().reshape(-1, 1), 20)
    length = np.hypot(z, r)
    cosine = np.clip(z_c * ct / length, 0.05, 1)
    x_p, x_g, h_s = vertical / cosine, air.ground_depth / cosine, scale / cosine
    final = e - LOSS * (x_g - x_p)[..., None]
    reaches = final > 0.16
    final = np.where(reaches, final, 1)
    epsilon = e + LOSS * x_p[..., None]
    logarithm = np.log(air.ground_depth / vertical)[:, None] + np.log(e / final)
    survival = np.exp(-MUON_MASS / DECAY_LENGTH * h_s[..., None] / epsilon * logarithm) * reaches
    momentum = e * (r / length)[..., None]
    scale_q = p["momentumScale"]
    weight = (
        produced * survival * e * (z**2 / length**3)[..., None] * momentum / scale_q**2
        * np.exp(-momentum / scale_q) / (2 * np.pi * r[..., None])
    )  # fmt: skip
    if counted:
        weight = weight * (cosine / ct)[..., None]
    kinematic = MUON_MASS**2 / (2 * LIGHT) * h_s[..., None] * (logarithm / epsilon**2 + (1 / final - 1 / e) / epsilon)
    return weight, ((length - z) / LIGHT)[..., None] + kinematic, final - MUON_MASS


def muon_quantities(shower, p, shift, counted=False):
    """Density, delay quantiles and mean kinetic energy at each distance, over the azimuths, for 1.5e8 produced muons."""
    weight, delay, kinetic = muon_kernel(shower, p, shift, counted=counted)
    count = len(shower.r)
    total = weight.reshape(count, -1).sum(1)
    energy = (weight * kinetic).reshape(count, -1).sum(1) / total
    tails = 1 - p["delayTail"] * np.log(1 - (np.arange(6) + 0.5) / 6)
    weight, delay = weight.reshape(count, -1), delay.reshape(count, -1)
    quantiles = np.empty((count, 3))
    for i in range(count):
        d, w = np.outer(delay[i], tails).ravel(), np.repeat(weight[i], len(tails))
        order = np.argsort(d)
        cumulative = np.cumsum(w[order])
        quantiles[i] = np.interp(QUANTILES, cumulative / cumulative[-1], d[order])
    return 1.5e8 * total / len(shower.cosines) * (shower.energy / 10) ** 0.92, quantiles, energy


def fit_muons(showers):
    names, n, rows = list(MUON_START), len(MUON_START), 76

    def residuals_of(s, p, log_number, shift):
        density, quantiles, energy = muon_quantities(s, p, shift, counted=True)
        return np.concatenate([
            (np.log(density / s.muons) + log_number) / s.muons_error,
            (np.log(quantiles / s.muon_delays) / np.hypot(0.03, 1.2 / np.sqrt(s.muons_effective))[:, None]).T.ravel(),
            np.log(energy / s.muon_energy) / 0.05,
            [shift / 30],
        ])  # fmt: skip

    def unpack(v):
        return dict(zip(names, v[:n])), v[n : n + len(showers)], v[n + len(showers) :]

    def residuals(v):
        p, number, shift = unpack(v)
        return np.concatenate([residuals_of(s, p, number[i], shift[i]) for i, s in enumerate(showers)])

    def jacobian(v):
        base = residuals(v)
        j = np.zeros((len(base), len(v)))
        for k in range(n):
            step = 1e-3 * abs(v[k])
            w = v.copy()
            w[k] += step
            j[:, k] = (residuals(w) - base) / step
        p, number, shift = unpack(v)
        for i, s in enumerate(showers):
            part = slice(i * rows, (i + 1) * rows)
            j[i * rows : i * rows + 15, n + i] = 1 / s.muons_error
            j[part, n + len(showers) + i] = (residuals_of(s, p, number[i], shift[i] + 3) - base[part]) / 3
        return j

    start = np.concatenate([list(MUON_START.values()), np.full(len(showers), 0.3), np.zeros(len(showers))])
    fit = least_squares(residuals, start, jac=jacobian, x_scale="jac", max_nfev=40)
    p, _, shift = unpack(fit.x)
    # Heavy nuclei make their muons closer to Xmax; what is left is fluctuation.
    log_mass = np.log([MASS[s.primary] for s in showers])
    slope, mean = np.polyfit(log_mass, shift, 1)
    p["productionOffset"] -= mean
    p["productionPerLogMass"] = slope
    # R_mu = 1: 2.7 muons/m2 at 800 m for 10 EeV and 28.7 degrees.
    p["number"] = 1.5e8 * 2.7 / muon_quantities(Shower(10, 781.8, np.radians(28.7), [800.0]), p, 0)[0][0]
    print(f"muons: chi2 {2 * fit.cost:.0f} for {len(fit.fun) - len(start)} degrees of freedom", file=sys.stderr)
    for i, s in enumerate(showers):
        part = fit.fun[i * rows : (i + 1) * rows]
        s.muon_shift = shift[i] - mean
        density = muon_quantities(s, p, s.muon_shift, counted=True)[0] * p["number"] / 1.5e8
        s.muon_number = float(np.exp(np.average(np.log(s.muons / density), weights=s.muons_error**-2)))
        s.model_muons = s.muon_number * muon_quantities(s, p, s.muon_shift)[0] * p["number"] / 1.5e8
        ratio = s.muon_number / (SIBYLL * MASS[s.primary] ** 0.084)
        print(
            f"  {s.name} {s.primary}: R_mu {s.muon_number:.2f} ({ratio:.2f} of the mean), production {s.muon_shift:+.0f} g/cm2 deeper;"
            f" rms of ln density {np.std(part[:15] * s.muons_error):.3f}, of ln t10, t50, t90 "
            + ", ".join(f"{np.sqrt(np.mean((part[15 * k : 15 * k + 15] * np.hypot(0.03, 1.2 / np.sqrt(s.muons_effective))) ** 2)):.3f}" for k in (1, 2, 3)),
            file=sys.stderr,
        )
    p["productionFluctuation"] = float(np.std(shift - mean - slope * log_mass, ddof=2))
    return p


# ------------------------------------------------------------------------------------------- electromagnetic

FIELD_START = {
    "n0": 2.91, "n1": -4.36, "n2": -0.52, "n3": 0.18, "n4": 0.09, "p0": 109.0, "p1": 105.0, "p2": 49.0,
    "l0": 101.0, "l1": 9.0, "l2": -5.6, "f0": 0.52, "f1": 0.53,
}  # fmt: skip


def polynomial(x, p, letter):
    return sum(p[k] * x ** int(k[1:]) for k in p if k[0] == letter)


def field(r, depth, p):
    """Signal of the reference shower [VEM/m2]: Gaisser-Hillas in the depth beyond the maximum."""
    x = np.log(r / 800)
    peak, attenuation = polynomial(x, p, "p"), np.maximum(polynomial(x, p, "l"), 40)
    width = np.maximum(peak + 600, 100)
    return np.exp(
        polynomial(x, p, "n") + width / attenuation * np.log(max(depth + 600, 1) / width) + (peak - depth) / attenuation
    )


def asymmetry(upstream, most):
    bend = lambda a: 0.32 * np.tanh(0.105 * a / (190 * 0.32))
    return np.exp(bend(upstream)) / (1 + 0.25 * bend(most) ** 2)


def electromagnetic(shower, muon_number, model_number, muons, p):
    """Signal by distance and azimuth [VEM/m2]: of the cascade, and of electrons from muon decay."""
    r = shower.r
    hadronic = np.clip(p["f0"] * (r / 800) ** p["f1"], 0.05, 0.65)
    ratio = shower.energy / 10
    pure = (1 - hadronic) * ratio * (1 - 0.10 * ratio**-0.07 * muon_number) / 0.90
    cascade = field(r, shower.beyond_maximum, p) * (pure + hadronic * muon_number / model_number * ratio**0.92)
    by_azimuth = asymmetry(shower.upstream(), (r * np.tan(shower.zenith))[:, None])
    return cascade[:, None] * by_azimuth, 0.20 * MUON_VEM * muons


def utah_distribution(r, zenith):
    eta = 3.97 - 1.79 * (1 / np.cos(zenith) - 1)
    return (r / 91.6) ** -1.2 * (1 + r / 91.6) ** -(eta - 1.2) * (1 + (r / 1000) ** 2) ** -0.6


def energy_law(energy, zenith):
    x = np.cos(zenith) ** 2 - 0.77
    return energy / 0.48 * (1 + 0.7 * x - 2.3 * x * x)


def fit_field(showers, muons):
    names = list(FIELD_START)
    distances = np.array([200, 250, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 2000, 2500, 3000, 4000.0])
    # How far the law may be missed: near the core CORSIKA knows better, beyond 3 km nobody does.
    errors = np.array([0.11, 0.10, 0.08, 0.06, 0.04, 0.03, 0.02, 0.015, 0.02, 0.03, 0.03, 0.04, 0.05, 0.06, 0.2])
    density = lambda s: muon_quantities(s, muons, 0)[0] * muons["number"] / 1.5e8
    law = [Shower(10, 781.8, np.radians(t), distances) for t in (0, 15, 25, 30, 35, 40, 45, 50)]
    law_muons = [density(s) for s in law]
    angles = [np.arcsin(np.sqrt(0.5 * (k + 0.5) / 6)) for k in range(6)]
    # Mean Xmax of protons and iron of QGSJETII-03.
    protons = [Shower(10, 786.0, t, [800.0]) for t in angles]
    irons = [Shower(10, 701.0, t, [800.0]) for t in angles]
    proton_muons, iron_muons = [density(s) for s in protons], [1.402 * density(s) for s in irons]

    def total(s, number, rho, p):
        cascade, decay = electromagnetic(s, number, 1, rho, p)
        return cascade.mean(1) + decay + MUON_VEM * rho

    def residuals(v):
        p, scale, own = dict(zip(names, v)), v[len(names)], v[len(names) + 1 :]
        out = [[scale / 0.15], own / 0.05, [(p["f1"] - 0.25) / 0.2]]
        for s, e in zip(showers, own):
            cascade, decay = electromagnetic(s, s.muon_number, SIBYLL, s.model_muons, p)
            out.append((np.log((cascade.mean(1) + decay) / s.signal) + scale + e) / np.hypot(s.signal_error, 0.04))
        for s, rho in zip(law, law_muons):
            expected = energy_law(10, s.zenith) * utah_distribution(s.r, s.zenith) / utah_distribution(800, s.zenith)
            out.append(np.log(total(s, 1, rho, p) / expected) / errors / np.sqrt(1 + (np.degrees(s.zenith) / 45) ** 2))
        iron = [(total(i, 1.402, ri, p) / total(s, 1, rp, p))[0] for i, s, ri, rp in zip(irons, protons, iron_muons, proton_muons)]
        out.append([(np.mean(iron) - 1.085) / 0.01])
        return np.concatenate(out)

    start = np.concatenate([list(FIELD_START.values()), [0], np.zeros(len(showers))])
    fit = least_squares(residuals, start, x_scale="jac", max_nfev=80)
    p = dict(zip(names, fit.x))
    print(
        f"electromagnetic signal: chi2 {2 * fit.cost:.0f}, {len(fit.fun) - len(start)} degrees of freedom;"
        f" CORSIKA / Telescope Array scale {np.exp(fit.x[len(names)]):.3f}",
        file=sys.stderr,
    )
    for i, s in enumerate(showers):
        own = fit.x[len(names) + 1 + i]
        part = fit.fun[len(showers) + 2 + 15 * i :][:15] * np.hypot(s.signal_error, 0.04)
        print(f"  {s.name} {s.primary}: model/CORSIKA {np.exp(-own):.2f}, rms of ln signal about it {np.std(part):.3f}", file=sys.stderr)
    return p


# ---------------------------------------------------------------------------------------------------- delays

DELAY_START = {"m0": 6.5, "m1": 1.3, "m2": -0.09, "md": -0.035, "ma": 0.1, "w0": 0.66, "w1": -0.18, "w2": 0.03, "wd": 0.02, "wa": 0.1}


def delay_law(shower, p):
    """Logarithm of the median [ns] and width of the log-normal delays, by distance and azimuth."""
    x = np.log(shower.r / 800)[:, None]
    depth, upstream = (shower.beyond_maximum - 280) / 100, shower.upstream() / 1000
    median = p["m0"] + p["m1"] * x + p["m2"] * x**2 + p["md"] * depth + p["ma"] * upstream
    return median, np.maximum(p["w0"] + p["w1"] * x + p["w2"] * x**2 + p["wd"] * depth + p["wa"] * upstream, 0.15)


GRID = np.exp(np.linspace(np.log(4), np.log(2e4), 150))


def delay_quantiles(s, p, field_constants):
    """Of the electromagnetic signal at each distance, over the azimuths of the shower [ns]."""
    median, width = delay_law(s, p)
    cascade, decay = electromagnetic(s, s.muon_number, SIBYLL, s.model_muons, field_constants)
    decay = decay[:, None] * np.ones(len(s.cosines))
    direct = ndtr((np.log(GRID) - median[..., None]) / width[..., None])
    # Decay electrons: the muon's delay, represented by eight quantiles, and an exponential of 0.15 medians.
    late = np.maximum(GRID - s.muon_delay_octiles[:, None, :, None], 0) / (0.15 * np.exp(median))[..., None, None]
    cumulative = cascade[..., None] * direct + decay[..., None] * (1 - np.exp(-late)).mean(2)
    cumulative = cumulative.sum(1) / (cascade + decay).sum(1)[:, None]
    return np.array([np.interp(QUANTILES, c, GRID) for c in cumulative])


def fit_delays(showers, sides, field_constants):
    names = list(DELAY_START)

    def residuals(v):
        p = dict(zip(names, v))
        out = []
        for s in showers:
            error = np.hypot(0.04, 1.3 / np.sqrt(s.signal_effective))[:, None]
            out.append((np.log(delay_quantiles(s, p, field_constants) / s.signal_delays) / error).ravel())
        for early, late in sides:
            ratio = np.log(delay_quantiles(early, p, field_constants) / delay_quantiles(late, p, field_constants))
            out.append(((ratio - np.log(early.signal_delays / late.signal_delays)) / early.ratio_error).ravel())
        return np.concatenate(out)

    fit = least_squares(residuals, list(DELAY_START.values()), x_scale="jac", max_nfev=40)
    p = dict(zip(names, fit.x))
    print(f"electromagnetic delays: chi2 {2 * fit.cost:.0f} for {len(fit.fun) - len(names)} degrees of freedom", file=sys.stderr)
    shifts = []
    for i, s in enumerate(showers):
        part = np.log(delay_quantiles(s, p, field_constants) / s.signal_delays)
        shifts.append(part[s.r < 1200].mean())
        print(f"  {s.name} {s.primary}: model/CORSIKA {np.exp(shifts[-1]):.2f}, rms of ln t10, t50, t90 " + ", ".join(f"{x:.3f}" for x in np.sqrt((part**2).mean(0))), file=sys.stderr)
    return p, float(np.std(shifts))


# ------------------------------------------------------------------------------------------------------ input

def deposits(r):
    """Mean signal of an electron, a photon and a hadron on the ground [VEM], from two showers (Tools/corsika-azimuth.py)."""
    x = np.log(r)
    electron = np.interp(x, np.log([200, 800, 1700, 3000]), [0.68, 0.68, 0.93, 0.95])
    photon = np.interp(x, np.log([200, 400, 800, 1100, 1500, 2000]), [0.0452, 0.0457, 0.0495, 0.0535, 0.059, 0.063])
    return electron, photon, 1.42


def read_showers(folder):
    with open(folder / "showers.csv") as file:
        heads = list(csv.DictReader(file))
    with open(folder / "lateral.csv") as file:
        rings = list(csv.DictReader(file))
    showers = []
    for head in heads:
        rows = [row for row in rings if row["file"] == head["file"]]
        column = lambda name: np.array([float(row[name]) for row in rows])
        zenith = np.radians(float(head["theta_deg"]))
        s = Shower(float(head["E_GeV"]) / 1e9, float(head["Xmax_slant_ch"]), zenith, column("r_mean_m"), US_STANDARD)
        s.name, s.primary = head["file"], head["primary"]
        s.muons, s.muons_effective = column("rho_mu") / np.cos(zenith), column("neff_mu")
        s.muons_error = np.hypot(s.muons_effective**-0.5, 0.02)
        s.muon_delays = np.stack([column(f"mu_d{q}") for q in (10, 50, 90)], 1)
        s.muon_energy = column("Ekin_mu_GeV")
        electron, photon, hadron = deposits(s.r)
        e, g = column("rho_em") * electron, column("rho_gamma") * photon
        s.signal = e + g + column("rho_had") * hadron
        s.signal_error = np.sqrt(e**2 / column("neff_em") + g**2 / column("neff_gamma")) / s.signal
        share = e / (e + g)
        s.signal_effective = 1 / (share**2 / column("neff_em") + (1 - share) ** 2 / column("neff_gamma"))
        s.signal_delays = mixed_quantiles(column, share)
        showers.append(s)
    return showers


def mixed_quantiles(column, share):
    """Delay quantiles of electrons and photons together, from those of each, weighted by signal."""
    grid = np.exp(np.linspace(np.log(3), np.log(3e4), 800))

    def cumulative(kind, i):
        least, t10, t50, t90 = (column(f"{kind}_{k}")[i] for k in ("dmin", "d10", "d50", "d90"))
        knots = [0, min(least, 0.5 * t10), t10, 0.5 * (t10 + t50), t50, 0.5 * (t50 + t90), t90]
        tail = [t90 + f * (t90 - t50) for f in (0.35, 0.8, 2)]
        return np.interp(grid, knots + tail, [0, 0.002, 0.1, 0.315, 0.5, 0.74, 0.9, 0.95, 0.985, 1])

    return np.array([np.interp(QUANTILES, w * cumulative("em", i) + (1 - w) * cumulative("gamma", i), grid) for i, w in enumerate(share)])


def read_sides(folder, showers, muons):
    """Early and late half-cones of the showers in azimuth.csv."""
    path = folder / "azimuth.csv"
    if not path.exists():
        return []
    with open(path) as file:
        rows = list(csv.DictReader(file))
    sides = []
    for whole in showers:
        own = [row for row in rows if row["file"] == whole.name]
        if not own:
            continue
        column = lambda name: np.array([float(row[name]) for row in own])
        pair = []
        for side, cosines in (("early", EARLY), ("late", -EARLY)):
            s = Shower(whole.energy, whole.xmax, whole.zenith, column("r_mean_m"), US_STANDARD, cosines)
            s.muon_number, s.muon_shift = whole.muon_number, whole.muon_shift
            s.model_muons = np.exp(np.interp(np.log(s.r), np.log(whole.r), np.log(whole.model_muons)))
            s.signal_delays = np.stack([column(f"em_{side}_t{q}") for q in (10, 50, 90)], 1)
            # Quantiles scatter as the asymmetry does, the late one more.
            s.ratio_error = np.hypot(0.04, 2 * column("em_asymmetry_error"))[:, None] * np.array([1.0, 0.8, 1.2])
            octiles(s, muons)
            pair.append(s)
        sides.append(tuple(pair))
    return sides


def octiles(s, muons):
    weight, delay, _ = muon_kernel(s, muons, s.muon_shift, counted=True)
    count = len(s.r)
    weight, delay = weight.reshape(count, -1), delay.reshape(count, -1) * (1 + muons["delayTail"])
    s.muon_delay_octiles = np.empty((count, 8))
    for i in range(count):
        order = np.argsort(delay[i])
        cumulative = np.cumsum(weight[i][order])
        s.muon_delay_octiles[i] = np.interp((np.arange(8) + 0.5) / 8, cumulative / cumulative[-1], delay[i][order])


# ----------------------------------------------------------------------------------------------------- output

def write_points(path, muons, field_constants, delays):
    """Values of the model at some places, for the tests of the program."""
    with open(path, "w") as file:
        print("# Made by Tools/tune-simulation.py: the model in numpy, 10 EeV, Xmax 781.8 g/cm2, R_mu 1, atmosphere of the Telescope Array.", file=file)
        print("zenith_deg,r_m,upstream_m,muon_density,muon_t10,muon_t50,muon_t90,em_cascade,log_median,width", file=file)
        for theta in (0, 30, 45):
            for r in (200, 500, 800, 1500, 2500):
                for cosine in (-1.0, 0.0, 1.0) if theta else (0.0,):
                    s = Shower(10, 781.8, np.radians(theta), [float(r)], cosines=np.array([cosine]))
                    plain = dict(muons, delayTail=0.0)
                    density, _, _ = muon_quantities(s, plain, 0)
                    _, quantiles, _ = muon_quantities(s, plain, 0, counted=True)
                    density *= muons["number"] / 1.5e8
                    cascade, _ = electromagnetic(s, 1, 1, density, field_constants)
                    median, width = delay_law(s, delays)
                    values = [theta, r, s.upstream()[0, 0], density[0], *quantiles[0], cascade[0, 0], median[0, 0], width[0, 0]]
                    print(",".join(f"{v:.6g}" for v in values), file=file)


def rounded(value):
    return float(f"{value:.5g}")


def main():
    arguments = sys.argv[1:]
    points = None
    if "--points" in arguments:
        at = arguments.index("--points")
        points = arguments[at + 1]
        del arguments[at : at + 2]
    folder = pathlib.Path(arguments[0] if arguments else "Fixtures/corsika")
    showers = read_showers(folder)
    muons = {k: rounded(v) for k, v in fit_muons(showers).items()}
    field_constants = {k: rounded(v) for k, v in fit_field(showers, muons).items()}
    for s in showers:
        octiles(s, muons)
    delays, fluctuation = fit_delays(showers, read_sides(folder, showers, muons), field_constants)
    delays = {k: rounded(v) for k, v in delays.items()}
    if points:
        write_points(points, muons, field_constants, delays)
    letters = lambda p, letter: [p[k] for k in sorted(k for k in p if k[0] == letter and k[1].isdigit())]
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in ("showers.csv", "lateral.csv"))).hexdigest()
    json.dump(
        {
            "source": f"Tools/tune-simulation.py on {datetime.date.today()}: {len(showers)} CORSIKA showers (sha256 {digest[:16]}), S800 and"
            " lateral distribution of the Telescope Array; formulas and units in Documentation/simulation.md",
            "muons": {k: muons[k] for k in ("number", "productionOffset", "productionPerLogMass", "productionFluctuation", "productionLength",
                "productionAsymmetry", "spectrumOffset", "spectrumIndex", "hardening", "momentumScale", "delayTail")},
            "electromagnetic": {
                "logNorm": letters(field_constants, "n"), "peak": letters(field_constants, "p"),
                "attenuation": letters(field_constants, "l"), "hadronicFraction": field_constants["f0"],
                "hadronicExponent": field_constants["f1"],
            },
            "delay": {
                "logMedian": letters(delays, "m"), "medianPerDepth": delays["md"], "medianPerUpstream": delays["ma"],
                "width": letters(delays, "w"), "widthPerDepth": delays["wd"], "widthPerUpstream": delays["wa"],
                "fluctuation": rounded(fluctuation),
            },
        },
        sys.stdout,
        indent=2,
    )  # fmt: skip
    print()


main()
