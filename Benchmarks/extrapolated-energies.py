#!/usr/bin/env python3
"""Energies beyond the simulated ones of the energy table: deviations and stated errors, by true energy.

    /usr/bin/python3 Benchmarks/extrapolated-energies.py RECO.h5...

Events of all files with an energy and five stations that passed the cleaning. The flag energyExtrapolated marks what
the table does not hold. Deviations are of ln E; those of protons are free of the bias of heavier nuclei.
"""
import sys

import numpy as np

from resolution import Sample, estimate, half_width, median, table, text

EXTRAPOLATED = 1 << 7
RANGES = [0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 100, 300, 400, 500, 630]


def column(of):
    return np.concatenate([of(sample) for sample in samples])


samples = [Sample(path) for path in sys.argv[1:]]
used = column(lambda s: (s.fit["status"] == 0) & (s.fit["station_count"] >= 5))
flagged = column(lambda s: (s.fit["flags"] & EXTRAPOLATED) > 0)
energy, error = column(lambda s: s.energy), column(lambda s: s.log_energy_error)
sigma = column(lambda s: s.fit["log_energy_sigma"]) * np.log(10)
is_proton = column(lambda s: s.truth["primary"]) == 1
for name, chosen in (("All nuclei", used), ("Protons", used & is_proton)):
    print(f"{name}:\n")
    rows = []
    for low, high in zip(RANGES, RANGES[1:]):
        for label, part in (("in the table", ~flagged), ("extrapolated", flagged)):
            m = chosen & part & (energy >= low) & (energy < high)
            if m.sum() < 40:
                continue
            rows.append([
                f"{low:g} - {high:g}", label, m.sum(), text(estimate(median, error[m]), 3, sign=True),
                text(estimate(half_width, error[m]), 3), f"{np.median(sigma[m]):.3f}",
                f"{(np.abs(error[m]) < sigma[m]).mean():.2f}"])
    table(["true E [EeV]", "energy", "events", "median of ln E - true", "half of the central 68 %",
           "stated error, median", "within it"], rows)
    print()
