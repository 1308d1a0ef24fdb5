"""What the fast simulation expects at stations: numbers of hits and arrival times by kind, of the model in numpy.

The formulas are those of Tools/tune-simulation.py, which the tests compare with the program's own. Arrival times of a kind are
log-normal. Those of muons are so in good approximation: mean and width of ln t are those of the sum over production levels and
energies.
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tools"))
_spec = importlib.util.spec_from_file_location("model", ROOT / "Tools/tune-simulation.py")
model = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(model)

KINDS = ("muon", "photon", "electron", "hadron")
AREA = 3.0


class Places(model.Shower):
    """Stations at distances r [m] and a [m] upstream, one each."""

    def __init__(self, energy, xmax, zenith, r, a):
        super().__init__(energy, xmax, zenith, r, model.TELESCOPE_ARRAY, np.zeros(1))
        self.a = np.asarray(a, float)

    def upstream(self):
        return self.a[:, None]


class Expectation:
    """Constants of the model, and what follows from them."""

    def __init__(self):
        constants = json.loads((ROOT / "tables/simulation/shower-model.json").read_text())
        self.muons, self.constants = constants["muons"], constants
        photons = constants["photons"]
        self.photons = {f"n{i}": v for i, v in enumerate(photons["logNorm"])}
        self.photons |= {f"p{i}": v for i, v in enumerate(photons["peak"])} | {f"l{i}": v for i, v in enumerate(photons["attenuation"])}
        self.photons |= {"f0": photons["hadronicFraction"], "f1": photons["hadronicExponent"]}
        electrons = constants["electrons"]
        self.electrons = {f"e{i}": v for i, v in enumerate(electrons["logRatio"])} | {"ed": electrons["ratioPerDepth"]}
        self.delays = {k: self._delay(constants[k + "s"]["delay"]) for k in ("photon", "electron", "hadron")}
        self.hits = Hits(constants["spectra"])
        # Mean and variance of ln(1 + tail Exp(1)).
        u = (np.arange(400) + 0.5) / 400
        tail = np.log(1 - self.muons["delayTail"] * np.log(1 - u))
        self.tail = tail.mean(), tail.var()

    @staticmethod
    def _delay(d):
        p = {f"m{i}": v for i, v in enumerate(d["logMedian"])} | {f"w{i}": v for i, v in enumerate(d["width"])}
        (p["ma"], p["mx"]), (p["wa"], p["wx"]) = d["medianPerSlope"], d["widthPerSlope"]
        return p | {"md": d["medianPerDepth"], "wd": d["widthPerDepth"]}

    def __call__(self, r, a, zenith, xmax, log_energy, log_muons, shift):
        """[kind, station, (ln of the hits, mean of ln t, its width)]; t behind the plane front [ns].

        log_energy is ln(E/EeV), log_muons ln R_mu, shift the mean production depth of this primary less that of protons [g/cm2].
        """
        r = np.maximum(r, 30.0)
        energy, muon_number = np.exp(log_energy), np.exp(log_muons)
        s, cosine = Places(energy, xmax, zenith, r, a), np.cos(zenith)
        result = np.empty((len(KINDS), len(r), 3))

        weight, delay, _ = model.muon_kernel(s, self.muons, shift, counted=True)
        weight, delay = weight.reshape(len(r), -1), np.log(np.maximum(delay.reshape(len(r), -1), 0.1))
        total = weight.sum(1)
        mean = (weight * delay).sum(1) / total
        width = np.sqrt((weight * (delay - mean[:, None]) ** 2).sum(1) / total + self.tail[1])
        on_ground = self.muons["number"] * muon_number * total * (energy / 10) ** 0.92 * cosine
        decays = self.constants["electrons"]["perMuon"] * on_ground
        electron_hits = self.hits("electron", r, zenith)
        result[0] = np.stack([np.log(AREA * (on_ground * self.hits("muon", r, zenith) + decays * electron_hits)), mean + self.tail[0], width], 1)

        cascade = model.cascade(s, muon_number, 1.0, self.photons)
        for index, kind, number in ((1, "photon", cascade), (2, "electron", cascade * model.electron_ratio(s, self.electrons))):
            median, spread = model.delay_law(s, self.delays[kind])
            hits = electron_hits if kind == "electron" else self.hits(kind, r, zenith)
            bend = self._asymmetry(self.constants[kind + "s"]["asymmetry"], s)
            result[index] = np.stack([np.log(AREA * number * cosine * bend * hits), median[:, 0], spread[:, 0]], 1)
        x = np.log(r / 800)
        ratio = np.exp(self.constants["hadrons"]["logPerMuon"][0] + self.constants["hadrons"]["logPerMuon"][1] * np.minimum(x, 1.0116))
        median, spread = model.delay_law(s, self.delays["hadron"])
        result[3] = np.stack([np.log(AREA * on_ground * ratio * self.hits("hadron", r, zenith)), median[:, 0], spread[:, 0]], 1)
        return result

    @staticmethod
    def _asymmetry(slope, s):
        bend = lambda v: 0.32 * np.tanh(slope * v / 0.32)
        return np.exp(bend(s.a)) / (1 + bend(s.r * np.tan(s.zenith)) ** 2 / 4)


class Hits:
    """Hits in a station for one particle on the ground, by distance and zenith angle."""

    def __init__(self, spectra):
        self.spectra, self.distances = spectra, np.log(np.array(spectra["distances"]))
        self.response = model.Response(str(ROOT / "tables/detectors/telescope-array.csv"))
        # [kind][distance, cosine]: hits at a few cosines, linear in between.
        self.cosines = np.linspace(0.3, 1.0, 15)
        energies = np.array(spectra["energies"])
        self.tables = {}
        for kind in KINDS:
            table = 0
            for name, part in spectra[kind]["parts"].items():
                hits = np.stack([self.response(name, energies, np.full(len(energies), c))[1] for c in self.cosines], 1)
                table = table + np.array(part) @ hits
            self.tables[kind] = table

    def __call__(self, kind, r, zenith):
        x = np.log(r / 800)
        (a0, a1), (b0, b1) = self.spectra[kind]["cosine"]["vertical"], self.spectra[kind]["cosine"]["perSlant"]
        cosine = np.clip(a0 + a1 * x - (b0 + b1 * x) * (1 - np.cos(zenith)), 0.3, 1)
        i = np.clip(np.interp(np.log(r), self.distances, np.arange(len(self.distances))), 0, len(self.distances) - 1.000001)
        j = np.clip((cosine - 0.3) / 0.05, 0, len(self.cosines) - 1.000001)
        table, (i0, j0) = self.tables[kind], (i.astype(int), j.astype(int))
        di, dj = i - i0, j - j0
        return (1 - di) * ((1 - dj) * table[i0, j0] + dj * table[i0, j0 + 1]) + di * ((1 - dj) * table[i0 + 1, j0] + dj * table[i0 + 1, j0 + 1])
