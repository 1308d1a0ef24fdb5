#!/usr/bin/env python3
"""Which rows fulfil 44 conditions, by numpy: Tests/conditions.py > Fixtures/conditions.json

Each condition stands beside the same one as numpy writes it. ConditionTests reads the file.
"""
import json
import numpy as np

random = np.random.default_rng(25)
count = 60
columns = {
    "event": np.arange(count, dtype=float),
    "energy": np.round(10 ** random.uniform(0, 2.3, count), 3),
    "zenith": np.round(random.uniform(0, 60, count), 2),
    "coreX": np.round(random.normal(0, 8000, count), 1),
    "coreY": np.round(random.normal(0, 8000, count), 1),
    "stations": random.integers(3, 20, count).astype(float),
    "chi2": np.round(random.gamma(10, 2, count), 2),
    "ndf": random.integers(0, 30, count).astype(float),
    "published.zenith": np.round(random.uniform(0, 60, count), 2),
    "a-b.energy": np.round(10 ** random.uniform(0, 2.3, count), 3),
    "status": random.choice([0.0, 1, 6], count),
    "cut": random.choice([0.0, 3, 7], count),
    "primary": random.choice([0.0, 1, 4, 14, 56], count),
}
# Values that are not there, and one that is infinite.
columns["energy"][[3, 17, 40]] = np.nan
columns["published.zenith"][::7] = np.nan
columns["chi2"][5] = np.inf
words = {
    "status": {"good": 0, "noCluster": 1, "outsideEnergyTable": 6},
    "cut": {"passed": 0, "stations": 3, "zenith": 7},
    "primary": {"photon": 0, "H": 1, "proton": 1, "He": 4, "N": 14, "Fe": 56, "iron": 56},
}
E, Z, X, Y = (columns[n] for n in ("energy", "zenith", "coreX", "coreY"))
N, C, F, P, B = (columns[n] for n in ("stations", "chi2", "ndf", "published.zenith", "a-b.energy"))
S, K, A, I = (columns[n] for n in ("status", "cut", "primary", "event"))
land, lor, lnot = np.logical_and, np.logical_or, np.logical_not

np.seterr(all="ignore")
cases = [
    ("energy > 50", E > 50),
    ("energy>50&&zenith<30", land(E > 50, Z < 30)),
    ("energy > 50 && zenith < 30", land(E > 50, Z < 30)),
    ("energy >= 50 || zenith <= 30", lor(E >= 50, Z <= 30)),
    ("energy > 50 || zenith < 30 && stations > 8", lor(E > 50, land(Z < 30, N > 8))),
    ("(energy > 50 || zenith < 30) && stations > 8", land(lor(E > 50, Z < 30), N > 8)),
    ("!(energy > 50)", lnot(E > 50)),
    ("!(energy > 50) && !(zenith < 30)", land(lnot(E > 50), lnot(Z < 30))),
    ("!!(zenith < 30)", Z < 30),
    ("energy == energy", E == E),
    ("energy != energy", E != E),
    ("stations == 5", N == 5),
    ("stations != 5", N != 5),
    ("5 < stations", 5 < N),
    ("chi2 / ndf < 1.5", C / F < 1.5),
    ("chi2 < 1.5 * ndf", C < 1.5 * F),
    ("chi2 - ndf > 0", C - F > 0),
    ("chi2 - ndf - 3 > 0", C - F - 3 > 0),
    ("chi2 / ndf / 2 < 1", C / F / 2 < 1),
    ("chi2 + ndf * 2 > 30", C + F * 2 > 30),
    ("(chi2 + ndf) * 2 > 60", (C + F) * 2 > 60),
    ("abs(coreX) < 3000", np.abs(X) < 3000),
    ("abs(coreX - coreY) < 3000 && abs(coreX) > 1e3", land(np.abs(X - Y) < 3000, np.abs(X) > 1e3)),
    ("sqrt(coreX * coreX + coreY * coreY) < 8000", np.sqrt(X * X + Y * Y) < 8000),
    ("log10(energy) >= 1.5", np.log10(E) >= 1.5),
    ("sqrt(coreX) > 30", np.sqrt(X) > 30),
    ("-coreX > 1000", -X > 1000),
    ("coreX > -1000", X > -1000),
    ("coreX - -coreY > 0", X - -Y > 0),
    ("+coreX < .5e4", X < 0.5e4),
    ("coreX < 5.e3", X < 5e3),
    ("published.zenith < 30", P < 30),
    ("abs(published.zenith - zenith) > 10", np.abs(P - Z) > 10),
    ("published.zenith != 0", P != 0),
    ("a-b.energy > energy", B > E),
    ("energy-a-b.energy > 0", E - B > 0),
    ("status == good", S == 0),
    ("status != good", S != 0),
    ("good == status && energy > 10", land(S == 0, E > 10)),
    ("cut == zenith", K == 7),
    ("cut == stations || cut == passed", lor(K == 3, K == 0)),
    ("primary == Fe || primary == proton", lor(A == 56, A == 1)),
    ("primary != \"photon\" && primary < 14", land(A != 0, A < 14)),
    ("status == 'outsideEnergyTable'", S == 6),
    ("event >= 10 && event <= 20 && event / 2 * 2 == event", land(land(I >= 10, I <= 20), I / 2 * 2 == I)),
    ("chi2 > 1e300 * 1e10", C > np.inf),
    ("((((zenith)))) < ((30))", Z < 30),
]


def numbers(values):
    return [None if np.isnan(v) else "inf" if np.isinf(v) else float(v) for v in values]


print(json.dumps({
    "columns": [{"name": n, "values": numbers(v), "words": words.get(n, {})} for n, v in columns.items()],
    "cases": [{"text": t, "rows": np.flatnonzero(r).tolist()} for t, r in cases],
}, separators=(",", ":")).replace("},{", "},\n{"))
