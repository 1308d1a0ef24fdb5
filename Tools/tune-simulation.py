#!/usr/bin/env python3
"""Fits the constants of the shower model to CORSIKA showers.

Usage: Tools/tune-simulation.py [--corsika-alone] [FOLDER] > tables/simulation/shower-model.json      (make tune-simulation)

FOLDER (default Fixtures/corsika) holds showers.csv and lateral.csv, and components.csv, azimuth.csv and spectra.csv of
Tools/corsika-components.py. Needs numpy and SciPy. The formulas are those of the article TheModel, written here once more in
numpy, so that the program's own model has something to be checked against (Fixtures/corsika/model-points.csv, written with
--points FILE). What was fitted how well goes to stderr.

Fits, each with what the one before it gave:
1. muons: production profile, spectrum, transverse momentum and delays, from densities, delay quantiles and mean energies;
   every shower has its own muon number and its own depth of maximum production (one shower is one fluctuation).
2. photons: density by distance and depth, and what hadrons feed of it in proportion to the muons. Every shower has its own
   normalisation (6 %), all alike. S800 at one zenith angle over that at another is also that of the published energy tables of the
   Telescope Array, to 4 %; --corsika-alone leaves them out.
3. electrons: their number for one photon, with the normalisation of the photons.
4. delays of the signals of photons and electrons: quantiles over all azimuths, and early against late side.
Lateral distances of photons and electrons are those of the air density of the showers (Moliere radius), so that another atmosphere
has a wider or a narrower shower. Twelve more CORSIKA showers, of which only S800 is known (signals.csv), count in the photon fit with the
fluctuations of a shower of unknown depth and muon number.
"""

import csv
import datetime
import hashlib
import json
import pathlib
import re
import sys

import numpy as np
from corsika_response import Response
from scipy.optimize import brentq, least_squares
from scipy.special import digamma, ndtr

LIGHT = 0.299792458
MUON_MASS, DECAY_LENGTH, LOSS = 0.10566, 658.65, 2.1e-3
MASS = {"gamma": 1, "p": 1, "He": 4, "N": 14, "Fe": 56}
# Muon numbers of Sibyll 2.3c and EPOS-LHC, with which the showers were made, over that of QGSJETII-03.
SIBYLL, EPOS = 1.25, 1.22
EPOS_SHOWERS = ("s2-p-006",)
# Delays of the signal of hadrons: ln of the median [ln ns] and width of a log-normal distribution, polynomials in x. Six showers
# from 11 to 38 degrees agree within 10 % (Tools/corsika-components.py).
HADRON_DELAYS = {
    "logMedian": [7.435, 1.07, -0.03], "medianPerDepth": 0.0, "medianPerSlope": [0.0, 0.0],
    "width": [0.485, -0.22, 0.06], "widthPerDepth": 0.0, "widthPerSlope": [0.0, 0.0],
}  # fmt: skip
QUANTILES = [0.1, 0.5, 0.9]
# Of the sides: the first particles of a station, too.
SIDE_QUANTILES = [0.02, 0.1, 0.5, 0.9]
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
        # Of the air on the ground [g/cm2 per m].
        self.density = float((self.ground_depth - self.a[0]) / self.c[0])

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

    @property
    def scaled(self):
        """Distances in the air of the showers of CORSIKA: the Moliere radius goes with 1/density."""
        return self.r * self.atmosphere.density / US_STANDARD.density

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
    nuclei = np.array([s.primary != "gamma" for s in showers])
    slope, mean = np.polyfit(log_mass[nuclei], shift[nuclei], 1)
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
        ratio = s.muon_number / (s.model_number * MASS[s.primary] ** 0.084)
        print(
            f"  {s.name} {s.primary}: R_mu {s.muon_number:.2f} ({ratio:.2f} of the mean), production {s.muon_shift:+.0f} g/cm2 deeper;"
            f" rms of ln density {np.std(part[:15] * s.muons_error):.3f}, of ln t10, t50, t90 "
            + ", ".join(f"{np.sqrt(np.mean((part[15 * k : 15 * k + 15] * np.hypot(0.03, 1.2 / np.sqrt(s.muons_effective))) ** 2)):.3f}" for k in (1, 2, 3)),
            file=sys.stderr,
        )
    p["productionFluctuation"] = float(np.std((shift - mean - slope * log_mass)[nuclei], ddof=2))
    return p


# ------------------------------------------------------------------------------------- electrons and photons

PHOTON_START = {
    "n0": 5.5, "n1": -4.9, "n2": -0.4, "n3": 0.1, "n4": 0.0, "p0": 109.0, "p1": 105.0, "p2": 49.0,
    "l0": 101.0, "l1": 9.0, "l2": -5.6, "f0": 0.45, "f1": 0.4,
}  # fmt: skip
# Electrons for one photon of the cascade: polynomial in x, change with depth.
ELECTRON_START = {"e0": -3.3, "e1": 0.1, "e2": 0.1, "ed": 0.0}
# Energy exponent of what hadrons feed of the cascade: that of the muons, which come from the same hadrons.
HADRONIC_EXPONENT = 0.92
# Electrons from decaying muons, for one muon.
DECAY_ELECTRONS = 0.2
# S800 of QGSJETII-03 protons at one of these angles over that at another, in the published energy tables (Published).
ATTENUATION_ERROR = 0.04
ATTENUATION_ANGLES = np.radians([0.01, 15, 21, 27, 33, 38.6, 42, 45])


class Published:
    """S800 of the published energy tables of the Telescope Array (QGSJETII-03), Fixtures/published-energy-coefficients.csv."""

    def __init__(self):
        with open("Fixtures/published-energy-coefficients.csv") as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
        self.bins = {}
        for row in rows:
            self.bins.setdefault(row["primary"], []).append([float(row[f"p{k}"] or 0) for k in range(8)])

    def energy(self, primary, signal, zenith):
        """[EeV], on the scale of the simulation."""
        p = self.bins[primary][min(int((1 / np.cos(zenith) - 1) / 0.02 + 1e-9), 49)]
        d = np.log10(signal) - 1.5
        return 10 ** (np.polyval(p[::-1] if d < 0 else p[1::-1], d) - 18)

    def signal(self, primary, energy, zenith):
        return np.exp(brentq(lambda v: self.energy(primary, np.exp(v), zenith) / energy - 1, 0, 8))


# ln(r/800 m) of 150 m and 2.2 km: outside the densities of photons are power laws.
FITTED = np.log([150 / 800, 2200 / 800])


def polynomial(x, p, letter):
    return sum(p[k] * x ** int(k[1:]) for k in p if k[0] == letter and k[1].isdigit())


def field(r, depth, p):
    """Photons per m2 of the reference shower: Gaisser-Hillas in the depth beyond the maximum."""
    x = np.clip(np.log(r / 800), FITTED[0], FITTED[1])
    excess = np.log(r / 800) - x
    peak, attenuation = polynomial(x, p, "p"), np.maximum(polynomial(x, p, "l"), 40)
    width = np.maximum(peak + 600, 100)
    return np.exp(
        polynomial(x, p, "n") - np.where(excess < 0, 2.4, 5.6) * excess + width / attenuation * np.log(max(depth + 600, 1) / width) + (peak - depth) / attenuation
    )


def cascade(shower, muon_number, model_number, p):
    """Photons per m2 of the shower plane, the mean over azimuths."""
    r = shower.scaled
    hadronic = np.clip(p["f0"] * (r / 800) ** p["f1"], 0.05, 0.65)
    ratio = shower.energy / 10
    pure = (1 - hadronic) * ratio * (1 - 0.10 * ratio**-0.07 * muon_number) / 0.90
    dilution = (shower.atmosphere.density / US_STANDARD.density) ** 2
    return dilution * field(r, shower.beyond_maximum, p) * (pure + hadronic * muon_number / model_number * ratio**HADRONIC_EXPONENT)


def electron_ratio(shower, p):
    """Electrons for one photon of the cascade."""
    return np.exp(polynomial(np.minimum(np.log(shower.scaled / 800), FITTED[1]), p, "e") + p["ed"] * (shower.beyond_maximum - 280) / 100)


class MeanShower(Shower):
    """A mean shower at 800 m from its axis, of a model with a muon number of its own over that of QGSJETII-03."""

    def __init__(self, energy, zenith, xmax, mass, muons, spectra, hadrons, atmosphere=TELESCOPE_ARRAY, model_number=1.0):
        super().__init__(energy, xmax, zenith, [800.0], atmosphere)
        self.model_number, self.muon_number, cosine = model_number, model_number * mass**0.084, np.cos(zenith)
        deposit = {kind: cosine * spectra.deposit(kind, self.r, zenith)[0] for kind in Spectra.PARTICLES}
        produced = muon_quantities(self, muons, np.log(mass) * muons["productionPerLogMass"])[0][0]
        density = self.muon_number * produced * muons["number"] / 1.5e8
        self.photon, self.electron = deposit["photon"], deposit["electron"]
        self.rest = density * (deposit["muon"] + np.exp(hadrons[0]) * deposit["hadron"] + DECAY_ELECTRONS * deposit["electron"])

    def signal(self, photons, electrons):
        """[VEM/m2]"""
        deposit = self.photon + electron_ratio(self, electrons)[0] * self.electron
        return cascade(self, self.muon_number, self.model_number, photons)[0] * deposit + self.rest


# Mean Xmax of protons of QGSJETII-03 by energy [EeV], and of iron at 10 EeV.
PROTON_XMAX, IRON_XMAX = {7: 778, 18: 797, 55: 819}, 701
PROTON_XMAX_10 = 785


def mean_xmax(primary, energy):
    """Of EPOS-LHC (De Domenico et al., JCAP 07 (2013) 050), and 8 g/cm2 deeper for SIBYLL 2.3c."""
    a, l = np.log(MASS[primary]), np.log10(energy / 10)
    square = lambda c: c[0] + c[1] * a + c[2] * a * a
    centre = square((775.589, -7.047, -2.427)) + square((57.589, -0.743, 0.214)) * l + square((-0.820, -0.169, -0.027)) * l * l
    sigma = square((29.403, 13.553, -3.154)) + square((0.096, -0.961, 0.150)) * l
    shape = square((0.563, 0.711, 0.058)) + square((0.039, 0.067, -0.004)) * l
    return centre + sigma * (np.log(shape) - digamma(shape)) + 8


def fit_photons(showers, muons, spectra, electrons, hadrons, published, signals):
    """Photon densities of CORSIKA, and the attenuation of S800 with the zenith angle in the published tables, relative; `published` is
    None for CORSIKA alone. Absolute signals come from CORSIKA and the response alone."""
    names = list(PHOTON_START)
    attenuation = []
    for e in PROTON_XMAX if published else []:
        nominal = [MeanShower(e, t, PROTON_XMAX[e], 1, muons, spectra, hadrons) for t in ATTENUATION_ANGLES]
        attenuation.append((nominal, np.log([published.signal("proton", e, t) for t in ATTENUATION_ANGLES])))

    def residuals(v):
        p, own = dict(zip(names, v)), v[len(names) :]
        out = [own / spread, [(p["f1"] - 0.25) / 0.2, (p["f0"] - 0.4) / 0.2, p["n4"] / 0.3, p["n3"] / 0.3]]
        for s, e in zip(showers, own):
            model = cascade(s, s.muon_number, s.model_number, p)
            out.append((np.log(model / s.photons) + e) / s.photons_error)
        out.append(signals.residuals(p, electrons))
        for nominal, target in attenuation:
            difference = np.log([s.signal(p, electrons) for s in nominal]) - target
            out.append((difference - difference.mean()) / ATTENUATION_ERROR)
        return np.concatenate(out)

    # Showers of photons hardly fluctuate.
    spread = np.array([0.03 if s.primary == "gamma" else 0.06 for s in showers])
    start = np.concatenate([list(PHOTON_START.values()), np.zeros(len(showers))])
    fit = least_squares(residuals, start, x_scale="jac", max_nfev=120)
    p = dict(zip(names, fit.x))
    print(f"photons: chi2 {2 * fit.cost:.0f}, {len(fit.fun) - len(start)} degrees of freedom", file=sys.stderr)
    for s, own in zip(showers, fit.x[len(names) :]):
        part = np.log(cascade(s, s.muon_number, s.model_number, p) / s.photons) + own
        s.own = own
        print(f"  {s.name} {s.primary}: model/CORSIKA {np.exp(-own):.3f}, rms of ln density about it {np.std(part):.3f}", file=sys.stderr)
    return p


def fit_electrons(showers, photons):
    names = list(ELECTRON_START)

    def model(s, p):
        return cascade(s, s.muon_number, s.model_number, photons) * electron_ratio(s, p) + DECAY_ELECTRONS * s.model_muons

    def residuals(v):
        p = dict(zip(names, v))
        return np.concatenate([(np.log(model(s, p) / s.electrons) + s.own) / np.hypot(s.electrons_error, 0.05) for s in showers])

    fit = least_squares(residuals, list(ELECTRON_START.values()), x_scale="jac", loss="soft_l1")
    p = dict(zip(names, fit.x))
    print(f"electrons: chi2 {2 * fit.cost:.0f} for {len(fit.fun) - len(names)} degrees of freedom", file=sys.stderr)
    for s in showers:
        part = np.log(model(s, p) / s.electrons)
        print(f"  {s.name} {s.primary}: model/CORSIKA {np.exp(np.average(part, weights=s.electrons_error**-2)):.3f}", file=sys.stderr)
    return p


# Fluctuation of S800 of showers with the same energy and angle: depth, muon number and normalisation, with what signals.csv is good to.
SIGNAL_ERRORS = {"p": 0.09, "He": 0.08, "N": 0.067, "Fe": 0.06}


class Signals:
    """S800 of CORSIKA showers that another program has folded with the response (signals.csv)."""

    def __init__(self, folder, showers, muons, spectra, hadrons):
        known, self.same, self.other = {s.name: s for s in showers}, [], []
        for row in read_table(folder / "signals.csv"):
            own = known.get(row["file"])
            xmax = own.xmax if own else mean_xmax(row["primary"], row["E_EeV"])
            mean = MeanShower(
                row["E_EeV"], np.radians(row["theta_deg"]), xmax, MASS[row["primary"]], muons, spectra, hadrons, US_STANDARD, SIBYLL
            )
            mean.name, mean.primary, mean.quoted = row["file"], row["primary"], row["S800"]
            if own:
                mean.rest, mean.muon_number = mean.rest * own.muon_number / mean.muon_number, own.muon_number
                self.same.append((mean, own))
            else:
                self.other.append(mean)
        # Of the same shower: our fold over that of the other program.
        self.method = 0.0

    def compare(self, photons, electrons):
        """Finds how the folds differ, from the showers that both have, each with its own normalisation."""
        values = []
        for mean, own in self.same:
            values.append(np.log(((mean.signal(photons, electrons) - mean.rest) * np.exp(own.own) + mean.rest) / mean.quoted))
        self.method = float(np.mean(values))
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        print(f"  fold of {len(values)} showers / that of signals.csv: {np.exp(self.method):.3f} +- {error:.3f}", file=sys.stderr)
        ratios = self.ratios(photons, electrons)
        for mean, ratio in zip(self.other, ratios):
            print(f"  {mean.name} {mean.primary} {mean.energy:.1f} EeV, {np.degrees(mean.zenith):.0f} deg: model/CORSIKA {np.exp(ratio):.3f}", file=sys.stderr)
        weights = np.array([SIGNAL_ERRORS[m.primary] ** -2 for m in self.other])
        print(f"  S800 model/CORSIKA of the other {len(ratios)}: {np.exp(np.average(ratios, weights=weights)):.3f} +- {weights.sum() ** -0.5:.3f}", file=sys.stderr)

    def ratios(self, photons, electrons):
        """ln of S800 of a mean shower over that of CORSIKA, of the showers that are not in the fit."""
        return np.array([np.log(s.signal(photons, electrons) / s.quoted) - self.method for s in self.other])

    def residuals(self, photons, electrons):
        return self.ratios(photons, electrons) / np.array([SIGNAL_ERRORS[s.primary] for s in self.other])


def compare_published(muons, spectra, hadrons, photons, electrons):
    """S800 of QGSJETII-03 against the published tables."""
    model = lambda *arguments: MeanShower(*arguments, muons, spectra, hadrons)
    published = Published()
    for energy, xmax in PROTON_XMAX.items():
        ratio = [model(energy, t, xmax, 1).signal(photons, electrons) / published.signal("proton", energy, t) for t in ATTENUATION_ANGLES]
        print(f"  S800 of protons / published, {energy} EeV by zenith angle: {np.round(ratio, 3)}", file=sys.stderr)
    angles = [np.arcsin(np.sqrt(0.5 * (k + 0.5) / 6)) for k in range(6)]
    signal = lambda mass, xmax: np.array([model(10, t, xmax, mass).signal(photons, electrons) for t in angles])
    quoted = np.array([published.signal("iron", 10, t) / published.signal("proton", 10, t) for t in angles])
    print(f"  S800 iron / proton by zenith angle {np.round(signal(56, IRON_XMAX) / signal(1, PROTON_XMAX_10), 3)}, published {np.round(quoted, 3)}", file=sys.stderr)


def fit_asymmetry(components, kind):
    """Slope of b(a) [1/m] in exp(b(a)) / (1 + b(r tan theta)^2 / 4), b(a) = 0.32 tanh(slope a / 0.32), from early and late sides."""
    rows = [c for c in components if c["kind"] == kind]
    r, zenith, value, error = (np.array([c[k] for c in rows]) for k in ("r_mean_m", "theta_deg", "asymmetry", "asymmetry_error"))
    most = r[:, None] * np.tan(np.radians(zenith))[:, None] * EARLY
    error = np.hypot(error, 0.02)

    def model(v):
        bend = np.exp(0.32 * np.tanh(v * most / 0.32))
        early, late = bend.mean(1), (1 / bend).mean(1)
        return (early - late) / (early + late)

    fit = least_squares(lambda v: (model(v[0]) - value) / error, [3e-4])
    print(f"asymmetry of {kind}s: slope {fit.x[0]:.2e} per m, chi2 {2 * fit.cost:.0f} for {len(r) - 1} degrees of freedom", file=sys.stderr)
    return fit.x[0]


# ---------------------------------------------------------------------------------------------------- delays

DELAY_START = {"m0": 6.5, "m1": 1.3, "m2": -0.09, "md": -0.035, "ma": 0.3, "mx": 0.0, "w0": 0.6, "w1": -0.15, "w2": 0.0, "wd": 0.0, "wa": 0.1, "wx": 0.0}


def delay_law(shower, p):
    """Logarithm of the median [ns] and width of the log-normal delays, by distance and azimuth.

    They change with tan(theta) cos(zeta), zeta the azimuth about the axis from the early side: the same at all distances
    where the second coefficient is 0.
    """
    x = np.log(shower.r / 800)[:, None]
    depth, slope = (shower.beyond_maximum - 280) / 100, shower.upstream() / shower.r[:, None]
    median = p["m0"] + p["m1"] * x + p["m2"] * x**2 + p["md"] * depth + (p["ma"] + p["mx"] * x) * slope
    return median, np.maximum(p["w0"] + p["w1"] * x + p["w2"] * x**2 + p["wd"] * depth + (p["wa"] + p["wx"] * x) * slope, 0.15)


GRID = np.exp(np.linspace(np.log(4), np.log(2e4), 150))


def delay_quantiles(s, p, wanted=QUANTILES):
    """At each distance, over the azimuths of the shower [ns]."""
    median, width = delay_law(s, p)
    cumulative = ndtr((np.log(GRID) - median[..., None]) / width[..., None]).mean(1)
    return np.array([np.interp(wanted, c, GRID) for c in cumulative])


def fit_delays(showers, kind, sides, start=DELAY_START):
    """Delays of the signal of a kind of particles: those of their number, times a ratio (fit_ratios)."""
    names = list(start)

    def residuals(v):
        p = dict(zip(names, v))
        out = [[p["mx"] / 0.2, p["wx"] / 0.1, p["wd"] / 0.05]]
        for s in showers:
            error = np.hypot(0.05, 1.3 / np.sqrt(s.effective[kind]))[:, None]
            out.append((np.log(delay_quantiles(s, p) / s.delays[kind]) / error).ravel())
        for early, late in sides:
            ratio = np.log(delay_quantiles(early, p, SIDE_QUANTILES) / delay_quantiles(late, p, SIDE_QUANTILES))
            out.append(((ratio - early.log_ratio[kind]) / early.ratio_error[kind]).ravel())
        return np.concatenate(out)

    fit = least_squares(residuals, list(start.values()), x_scale="jac", max_nfev=60)
    p = dict(zip(names, fit.x))
    print(f"delays of {kind}s: chi2 {2 * fit.cost:.0f} for {len(fit.fun) - len(names)} degrees of freedom", file=sys.stderr)
    shifts = []
    for s in showers:
        part = np.log(delay_quantiles(s, p) / s.delays[kind])
        shifts.append(part[s.r < 1200].mean())
        print(f"  {s.name} {s.primary}: model/CORSIKA {np.exp(shifts[-1]):.2f}, rms of ln t10, t50, t90 " + ", ".join(f"{x:.3f}" for x in np.sqrt((part**2).mean(0))), file=sys.stderr)
    return p, float(np.std(shifts))


def fit_ratios(components, kind):
    """Delay quantiles of a signal over those of the number: exp(c0 + c1 x + c2 x^2 + c3 (sec theta - 1.1)) for t10, t50, t90."""
    rows = [c for c in components if c["kind"] == kind]
    x = np.log(np.array([c["r_mean_m"] for c in rows]) / 800)
    secant = 1 / np.cos(np.radians([c["theta_deg"] for c in rows]))
    weight = np.minimum(np.sqrt([c["neff"] for c in rows]), 40)
    design = np.stack([np.ones_like(x), x, x**2, secant - 1.1], 1)
    result = []
    for name in ("t10_ratio", "t50_ratio", "t90_ratio"):
        y = np.log([c[name] for c in rows])
        result.append(np.linalg.lstsq(design * weight[:, None], y * weight, rcond=None)[0])
    return np.array(result)


def ratios(r, zenith, c):
    x = np.log(r / 800)
    return np.exp(np.stack([c[:, 0] + c[:, 1] * v + c[:, 2] * v * v + c[:, 3] * (1 / np.cos(zenith) - 1.1) for v in x]))


# -------------------------------------------------------------------------------------------------- response


class Spectra:
    """Energy spectra and angles by kind and distance, and what they leave in a station of the Telescope Array."""

    PARTICLES = {"photon": ["gamma"], "electron": ["e-", "e+"], "muon": ["mu-"], "hadron": ["pi+", "proton", "neutron"]}

    def __init__(self, folder, components):
        with open(folder / "spectra.csv") as file:
            rows = list(csv.DictReader(file))
        self.distances = []
        for low, high in sorted({(float(r["r_lo_m"]), float(r["r_hi_m"])) for r in rows}):
            inside = [c["r_mean_m"] for c in components if c["kind"] == "photon" and low <= c["r_mean_m"] < high]
            self.distances.append(float(np.mean(inside)))
        lows = sorted({float(r["r_lo_m"]) for r in rows})
        self.energies = sorted({float(r["energy_MeV"]) for r in rows})
        self.parts = {n: np.zeros((len(lows), len(self.energies))) for names in self.PARTICLES.values() for n in names}
        for r in rows:
            self.parts[r["particle"]][lows.index(float(r["r_lo_m"])), self.energies.index(float(r["energy_MeV"]))] = float(r["part"])
        self.cosines = {kind: self.fit_cosines(components, kind) for kind in self.PARTICLES}
        self.response = Response("tables/detectors/telescope-array.csv")
        self.scale = {kind: np.zeros(2) for kind in self.PARTICLES}
        for kind in self.PARTICLES:
            own = [c for c in components if c["kind"] == kind and c["neff"] > 30]
            model = np.array([self.deposit(kind, np.array([c["r_mean_m"]]), np.radians(c["theta_deg"]))[0] for c in own])
            ratio = np.log(np.array([c["deposit_vem"] for c in own]) / model)
            weight = np.minimum([c["neff"] for c in own], 2000)
            x = np.log(np.array([c["r_mean_m"] for c in own]) / 800)
            self.scale[kind] = np.polyfit(x, ratio, 1, w=np.sqrt(weight))[::-1]
            rest = ratio - self.scale[kind][0] - self.scale[kind][1] * x
            print(
                f"deposit of {kind}s: CORSIKA/folded {np.exp(self.scale[kind][0]):.3f} (r/800 m)^{self.scale[kind][1]:.3f},"
                f" rms {np.sqrt(np.average(rest**2, weights=weight)):.3f}",
                file=sys.stderr,
            )

    @staticmethod
    def fit_cosines(components, kind):
        """a0 + a1 x - (b0 + b1 x)(1 - cos theta), weighted by signals."""
        rows = [c for c in components if c["kind"] == kind]
        x = np.log(np.array([c["r_mean_m"] for c in rows]) / 800)
        slant = 1 - np.cos(np.radians([c["theta_deg"] for c in rows]))
        design = np.stack([np.ones_like(x), x, -slant, -slant * x], 1)
        weight = np.minimum(np.sqrt([c["neff"] for c in rows]), 40)
        return np.linalg.lstsq(design * weight[:, None], np.array([c["cosine"] for c in rows]) * weight, rcond=None)[0]

    def cosine(self, kind, r, zenith):
        a0, a1, b0, b1 = self.cosines[kind]
        x = np.log(r / 800)
        return np.clip(a0 + a1 * x - (b0 + b1 * x) * (1 - np.cos(zenith)), 0.3, 1)

    def deposit(self, kind, r, zenith):
        """Mean deposit of a particle on the ground [VEM]."""
        cosine, total = self.cosine(kind, r, zenith), 0
        for name in self.PARTICLES[kind]:
            means = np.array([
                [np.sum(part * self.response(name, np.array(self.energies), np.full(len(self.energies), c))[0]) for c in cosine]
                for part in self.parts[name]
            ])  # fmt: skip
            total = total + np.array([np.interp(np.log(r[i]), np.log(self.distances), means[:, i]) for i in range(len(r))])
        return np.exp(self.scale[kind][0] + self.scale[kind][1] * np.log(r / 800)) * total


# ------------------------------------------------------------------------------------------------------ input


def read_table(path):
    with open(path) as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    number = lambda v: float(v) if v.replace(".", "", 1).lstrip("-")[:1].isdigit() or v == "nan" else v
    return [{k: number(v) if k not in ("file", "primary", "kind") else v for k, v in row.items()} for row in rows]


def read_showers(folder, time_ratios, spectra):
    heads, rings = read_table(folder / "showers.csv"), read_table(folder / "lateral.csv")
    showers = []
    for head in heads:
        rows = [row for row in rings if row["file"] == head["file"]]
        column = lambda name: np.array([row[name] for row in rows])
        zenith = np.radians(head["theta_deg"])
        s = Shower(head["E_GeV"] / 1e9, head["Xmax_slant_ch"], zenith, column("r_mean_m"), US_STANDARD)
        s.name, s.primary = head["file"], head["primary"]
        s.model_number = EPOS if s.name in EPOS_SHOWERS else SIBYLL
        s.muons, s.muons_effective = column("rho_mu") / np.cos(zenith), column("neff_mu")
        s.muons_error = np.hypot(s.muons_effective**-0.5, 0.02)
        s.muon_delays = np.stack([column(f"mu_d{q}") for q in (10, 50, 90)], 1)
        s.muon_energy = column("Ekin_mu_GeV")
        s.photons, s.photons_error = column("rho_gamma") / np.cos(zenith), np.hypot(column("neff_gamma") ** -0.5, 0.03)
        s.electrons, s.electrons_error = column("rho_em") / np.cos(zenith), np.hypot(column("neff_em") ** -0.5, 0.05)
        s.hadrons = column("rho_had") / np.cos(zenith)
        s.effective = {"photon": column("neff_gamma"), "electron": column("neff_em")}
        s.delays = {
            kind: np.stack([column(f"{name}_d{q}") for q in (10, 50, 90)], 1) * ratios(s.r, zenith, time_ratios[kind])
            for kind, name in (("photon", "gamma"), ("electron", "em"))
        }
        showers.append(s)
    return showers


def read_sides(folder, showers):
    """Early and late half-cones of the showers in azimuth.csv: ratios of the delays of photons, and of electrons."""
    rows = read_table(folder / "azimuth.csv")
    sides = []
    for whole in showers:
        own = [row for row in rows if row["file"] == whole.name]
        if not own:
            continue
        column = lambda name: np.array([row[name] for row in own])
        pair = []
        for cosines in (EARLY, -EARLY):
            s = Shower(whole.energy, whole.xmax, whole.zenith, column("r_mean_m"), US_STANDARD, cosines)
            s.log_ratio, s.ratio_error = {}, {}
            for kind, name in (("photon", "gamma"), ("electron", "e")):
                quantile = lambda side: np.stack([column(f"{name}_{side}_t{q}") for q in ("02", 10, 50, 90)], 1)
                s.log_ratio[kind] = np.log(quantile("early") / quantile("late"))
                # Quantiles of a log-normal of width 0.6 to 0.9; the outer ones scatter more.
                scatter = np.sqrt(1 / column(f"{name}_early_neff") + 1 / column(f"{name}_late_neff"))
                s.ratio_error[kind] = np.hypot(0.05, scatter[:, None] * np.array([1.6, 1.1, 0.9, 1.3]))
            pair.append(s)
        sides.append(tuple(pair))
    return sides


def fit_hadrons(showers):
    """ln of hadrons for one muon, and exponent of r."""
    x = np.concatenate([np.log(s.r / 800) for s in showers if s.primary != "gamma"])
    y = np.concatenate([np.log(s.hadrons / s.muons) for s in showers if s.primary != "gamma"])
    ratio = np.polyfit(x, y, 1)[::-1]
    print(f"hadrons for one muon: {np.exp(ratio[0]):.3f} (r/800 m)^{ratio[1]:.2f}, rms {np.std(y - ratio[0] - ratio[1] * x):.2f}", file=sys.stderr)
    return ratio


# ----------------------------------------------------------------------------------------------------- output


def write_points(path, muons, photons, electrons, delays):
    """Values of the model at some places, for the tests of the program."""
    with open(path, "w") as file:
        print("# Made by Tools/tune-simulation.py: the model in numpy, 10 EeV, Xmax 781.8 g/cm2, R_mu 1, atmosphere of the Telescope Array.", file=file)
        print("zenith_deg,r_m,upstream_m,muon_density,muon_t10,muon_t50,muon_t90,photons,electrons,photon_log_median,photon_width,electron_log_median,electron_width", file=file)
        for theta in (0, 30, 45):
            for r in (200, 500, 800, 1500, 2500):
                for cosine in (-1.0, 0.0, 1.0) if theta else (0.0,):
                    s = Shower(10, 781.8, np.radians(theta), [float(r)], cosines=np.array([cosine]))
                    plain = dict(muons, delayTail=0.0)
                    density, _, _ = muon_quantities(s, plain, 0)
                    _, quantiles, _ = muon_quantities(s, plain, 0, counted=True)
                    density *= muons["number"] / 1.5e8
                    gammas = cascade(s, 1, 1, photons)
                    pairs = gammas * electron_ratio(s, electrons) + DECAY_ELECTRONS * density
                    values = [theta, r, s.upstream()[0, 0], density[0], *quantiles[0], gammas[0], pairs[0]]
                    for kind in ("photon", "electron"):
                        median, width = delay_law(s, delays[kind])
                        values += [median[0, 0], width[0, 0]]
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
    alone = "--corsika-alone" in arguments
    if alone:
        arguments.remove("--corsika-alone")
    folder = pathlib.Path(arguments[0] if arguments else "Fixtures/corsika")
    components = read_table(folder / "components.csv")
    spectra = Spectra(folder, components)
    time_ratios = {kind: fit_ratios(components, kind) for kind in ("photon", "electron")}
    showers = read_showers(folder, time_ratios, spectra)
    muons = {k: rounded(v) for k, v in fit_muons(showers).items()}
    hadrons, electrons, published = fit_hadrons(showers), ELECTRON_START, None if alone else Published()
    signals = Signals(folder, showers, muons, spectra, hadrons)
    for _ in range(3):
        photons = {k: rounded(v) for k, v in fit_photons(showers, muons, spectra, electrons, hadrons, published, signals).items()}
        electrons = {k: rounded(v) for k, v in fit_electrons(showers, photons).items()}
        signals.compare(photons, electrons)
    compare_published(muons, spectra, hadrons, photons, electrons)
    sides = read_sides(folder, showers)
    delays, fluctuations = {}, {}
    for kind in ("photon", "electron"):
        p, fluctuations[kind] = fit_delays(showers, kind, sides)
        delays[kind] = {k: rounded(v) for k, v in p.items()}
    if points:
        write_points(points, muons, photons, electrons, delays)
    letters = lambda p, letter: [p[k] for k in sorted(k for k in p if k[0] == letter and k[1].isdigit())]
    names = ("showers.csv", "lateral.csv", "components.csv", "azimuth.csv", "spectra.csv", "signals.csv")
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()

    def delay(kind):
        p = delays[kind]
        return {
            "logMedian": letters(p, "m"), "medianPerDepth": p["md"], "medianPerSlope": [p["ma"], p["mx"]],
            "width": letters(p, "w"), "widthPerDepth": p["wd"], "widthPerSlope": [p["wa"], p["wx"]],
        }  # fmt: skip

    def angles(kind):
        a0, a1, b0, b1 = map(rounded, spectra.cosines[kind])
        return {"vertical": [a0, a1], "perSlant": [b0, b1]}

    def spectrum(kind):
        return {
            "cosine": angles(kind), "logScale": [rounded(v) for v in spectra.scale[kind]],
            "parts": {n: [[float(f"{v:.4g}") for v in row] for row in spectra.parts[n]] for n in spectra.PARTICLES[kind]},
        }  # fmt: skip

    result = {
        "source": f"Tools/tune-simulation.py on {datetime.date.today()}: densities, delays and spectra of {len(showers)} CORSIKA showers"
        f" (sha256 {digest[:16]}); formulas and units in Documentation/simulation.md",
        "muons": {k: muons[k] for k in ("number", "productionOffset", "productionPerLogMass", "productionFluctuation", "productionLength",
            "productionAsymmetry", "spectrumOffset", "spectrumIndex", "hardening", "momentumScale", "delayTail")},
        "photons": {
            "logNorm": letters(photons, "n"), "peak": letters(photons, "p"), "attenuation": letters(photons, "l"),
            "hadronicFraction": photons["f0"], "hadronicExponent": photons["f1"], "energyExponent": HADRONIC_EXPONENT,
            "airDensity": rounded(10 * US_STANDARD.density),
            "asymmetry": rounded(fit_asymmetry(components, "photon")), "delay": delay("photon"),
        },
        "electrons": {
            "logRatio": letters(electrons, "e"), "ratioPerDepth": electrons["ed"], "perMuon": DECAY_ELECTRONS,
            "asymmetry": rounded(fit_asymmetry(components, "electron")), "delay": delay("electron"),
        },
        "hadrons": {"logPerMuon": [rounded(v) for v in hadrons], "delay": HADRON_DELAYS},
        "delayFluctuation": rounded(fluctuations["photon"]),
        "delayRatios": {kind: [[rounded(v) for v in row] for row in time_ratios[kind]] for kind in time_ratios},
        "spectra": {
            "distances": [round(d, 1) for d in spectra.distances], "energies": spectra.energies,
            **{kind: spectrum(kind) for kind in spectra.PARTICLES},
        },
    }  # fmt: skip
    text = json.dumps(result, indent=2)
    # Lists of numbers on one line.
    print(re.sub(r"\[\s+([-+0-9.e,\s]+?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)) + "]", text))


if __name__ == "__main__":
    main()
