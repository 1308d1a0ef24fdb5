#!/usr/bin/env python3
"""What stations see of the particles of CORSIKA showers, by distance and kind, from thinned particle files.

Usage: Tools/corsika-components.py SHOWER.dat...      (SHOWER.dat.zst: zstd -d first; radially thinned files too)

Needs numpy. Writes three files to Fixtures/corsika, which Tools/tune-simulation.py reads:
- components.csv, one row a shower, ring and kind: mean deposit [VEM] and hits per particle on the horizontal ground, cosine of
  the zenith angle weighted by the signal, quantiles of the delays of the signal over those of the number, and the early-late
  asymmetry (E - L)/(E + L) of the signal with its statistical error (within 60 degrees of the plane of the axis);
- azimuth.csv, the same asymmetry and delay quantiles on both sides for muons, for electrons with photons, and for these two
  alone, with the effective numbers of their rows;
- spectra.csv, one row a kind, ring and energy: the part of the particles, the mean over the showers of nuclei.
Deposits are those of tables/detectors/telescope-array.csv.
"""

import pathlib
import sys

import numpy as np
from corsika_response import Response

LIGHT = 0.299792458
EDGES = [200, 300, 400, 600, 800, 1000, 1300, 1600, 2000]
# Logarithmic bins of kinetic energy [MeV].
ENERGY_EDGES = np.exp(np.linspace(np.log(0.25), np.log(2e4), 33))
MASSES = {1: 0, 2: 5.11e-4, 3: 5.11e-4, 5: 0.10566, 6: 0.10566, 7: 0.135, 8: 0.1396, 9: 0.1396, 10: 0.4976, 11: 0.4937, 12: 0.4937, 13: 0.9396, 14: 0.9383, 15: 0.9383, 16: 0.4976, 25: 0.9396}  # fmt: skip
NEUTRAL = (7, 10, 13, 16, 17, 18, 22, 25, 26, 30)
# Kinds, and the particles of the response table that they are made of.
KINDS = {"photon": ["gamma"], "electron": ["e-", "e+"], "muon": ["mu-"], "hadron": ["pi+", "proton", "neutron"]}


def read(path):
    """Header and particle rows of the first shower of a thinned file with record markers."""
    raw = np.fromfile(path, dtype=np.uint8)
    count = raw.size // 26216
    blocks = raw[: count * 26216].reshape(count, 26216)[:, 4:-4].copy().view("<f4").reshape(count * 21, 312)
    names = blocks[:, 0].copy().view("S4")
    begin, end = (np.flatnonzero(names == name)[0] for name in (b"EVTH", b"EVTE"))
    rows = blocks[begin + 1 : end][names[begin + 1 : end] != b"LONG"].reshape(-1, 8).astype(float)
    return blocks[begin].astype(float), rows[rows[:, 0] > 0]


def name_of(kind):
    names = np.where(np.isin(kind, NEUTRAL), "neutron", np.where(np.isin(kind, (8, 9, 11, 12)), "pi+", "proton")).astype(object)
    for number, name in {1: "gamma", 2: "e+", 3: "e-", 5: "mu-", 6: "mu-"}.items():
        names[kind == number] = name
    names[(kind >= 66)] = ""
    return names


def particles(path):
    header, rows = read(path)
    zenith, azimuth = header[10], header[11]
    u = np.array([np.sin(zenith) * np.cos(azimuth), np.sin(zenith) * np.sin(azimuth)])
    start = header[6] if header[6] > 0 else header[157]
    x, y = rows[:, 4] / 100, rows[:, 5] / 100
    plane = ((start - header[47]) / 100 / np.cos(zenith) + x * u[0] + y * u[1]) / LIGHT
    along = -(x * u[0] + y * u[1])
    r = np.sqrt(x**2 + y**2 - along**2)
    momentum = np.sqrt((rows[:, 1:4] ** 2).sum(1))
    kind = (rows[:, 0] // 1000).astype(int)
    mass = np.array([MASSES.get(k, 1.0) for k in range(256)])[np.minimum(kind, 255)]
    p = {
        "name": name_of(kind),
        "r": r,
        "cos_zeta": along / np.maximum(r * np.tan(zenith), 1e-9),
        "delay": rows[:, 6] - plane,
        "weight": rows[:, 7],
        "energy": 1000 * (np.sqrt(momentum**2 + mass**2) - mass),
        "cosine": rows[:, 3] / momentum,
    }
    kept = (p["name"] != "") & (r >= EDGES[0]) & (r < EDGES[-1]) & (p["cosine"] > 0.02)
    return {"zenith": zenith, "primary": int(header[2])}, {k: v[kept] for k, v in p.items()}


def quantiles(delays, weights, wanted=(0.1, 0.5, 0.9)):
    if weights.sum() <= 0:
        return np.full(len(wanted), np.nan)
    order = np.argsort(delays)
    cumulative = np.cumsum(weights[order])
    return np.interp(wanted, cumulative / cumulative[-1], delays[order])


def sides(p, weights, chosen):
    """Asymmetry with its error, and delays of the early and the late side."""
    early, late = chosen & (p["cos_zeta"] > 0.5), chosen & (p["cos_zeta"] < -0.5)
    e, l = weights[early].sum(), weights[late].sum()
    error = 2 * np.sqrt(e**2 * (weights[late] ** 2).sum() + l**2 * (weights[early] ** 2).sum()) / (e + l) ** 2
    return [(e - l) / (e + l), error, *quantiles(p["delay"][early], weights[early]), *quantiles(p["delay"][late], weights[late])]


def own_sides(p, weights, chosen):
    """Effective rows and delay quantiles of the early and the late side."""
    parts = [chosen & (p["cos_zeta"] > 0.5), chosen & (p["cos_zeta"] < -0.5)]
    rows = [weights[part].sum() ** 2 / max((weights[part] ** 2).sum(), 1e-30) for part in parts]
    return [*rows, *np.concatenate([quantiles(p["delay"][part], weights[part], (0.02, 0.1, 0.5, 0.9)) for part in parts])]


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    response = Response(root / "tables/detectors/telescope-array.csv")
    folder = root / "Fixtures/corsika"
    components = ["file,theta_deg,r_mean_m,kind,deposit_vem,hits,cosine,t10_ratio,t50_ratio,t90_ratio,neff,asymmetry,asymmetry_error"]
    columns = ["asymmetry", "asymmetry_error", "early_t10", "early_t50", "early_t90", "late_t10", "late_t50", "late_t90"]
    azimuth = ["file,r_mean_m," + ",".join(f"{part}_{c}" for part in ("mu", "em") for c in columns)]
    own = ["early_neff", "late_neff"] + [f"{side}_t{q}" for side in ("early", "late") for q in ("02", 10, 50, 90)]
    azimuth[0] += "," + ",".join(f"{part}_{c}" for part in ("gamma", "e") for c in own)
    spectra = {}
    for path in sys.argv[1:]:
        head, p = particles(path)
        name = pathlib.Path(path).stem
        deposit, hits = np.zeros(len(p["r"])), np.zeros(len(p["r"]))
        for kind in {k for kinds in KINDS.values() for k in kinds}:
            chosen = p["name"] == kind
            deposit[chosen], hits[chosen] = response(kind, p["energy"][chosen], p["cosine"][chosen])
        signal = p["weight"] * deposit
        for low, high in zip(EDGES, EDGES[1:]):
            ring = (p["r"] >= low) & (p["r"] < high)
            for kind, names in KINDS.items():
                chosen = ring & np.isin(p["name"], names)
                w, s = p["weight"][chosen], signal[chosen]
                r = (p["r"][chosen] * w).sum() / w.sum()
                ratios = quantiles(p["delay"][chosen], s) / quantiles(p["delay"][chosen], w)
                values = [s.sum() / w.sum(), (w * hits[chosen]).sum() / w.sum(), (s * p["cosine"][chosen]).sum() / s.sum(), *ratios]
                values += [s.sum() ** 2 / (s**2).sum(), *sides(p, signal, chosen)[:2]]
                components.append(f"{name},{np.degrees(head['zenith']):.3f},{r:.1f},{kind}," + ",".join(f"{v:.4g}" for v in values))
                if head["primary"] == 1:
                    continue
                for part in names:
                    own = chosen & (p["name"] == part)
                    counts = np.histogram(p["energy"][own], ENERGY_EDGES, weights=p["weight"][own])[0] / w.sum()
                    spectra.setdefault((part, low, high), []).append(counts)
            if low >= 300:
                r = (p["r"][ring] * signal[ring]).sum() / signal[ring].sum()
                values = sides(p, p["weight"], ring & (p["name"] == "mu-"))
                values += sides(p, signal, ring & np.isin(p["name"], ("gamma", "e-", "e+")))
                values += own_sides(p, signal, ring & (p["name"] == "gamma"))
                values += own_sides(p, signal, ring & np.isin(p["name"], ("e-", "e+")))
                azimuth.append(f"{name},{r:.1f}," + ",".join(f"{v:.4g}" for v in values))
    lines = ["particle,r_lo_m,r_hi_m,energy_MeV,part"]
    for (part, low, high), counts in spectra.items():
        middle = np.sqrt(ENERGY_EDGES[1:] * ENERGY_EDGES[:-1])
        lines += [f"{part},{low},{high},{e:.4g},{c:.4g}" for e, c in zip(middle, np.mean(counts, 0)) if c > 0]
    for file, text in (("components.csv", components), ("azimuth.csv", azimuth), ("spectra.csv", lines)):
        (folder / file).write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
