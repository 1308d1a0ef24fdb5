#!/usr/bin/env python3
"""Speed of the joint fit by SciPy `leastsq` (MINPACK) on one core, residuals vectorised in numpy.

    /usr/bin/python3 Benchmarks/scipy-speed.py reco.h5 [EVENTS]

Prepared events of a reconstructed file, errors and branches frozen, all parameters that our fit moved, each fit from a
start of its own (barycentre, plane front) to relative tolerances of 1e-8. The last line holds two numbers: fits a
second of processor time with derivatives by differences and with the analytic Jacobian.
"""
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  after the number of threads
from scipy.optimize import leastsq  # noqa: E402

from joint_fit import ReconstructedFile  # noqa: E402

np.seterr(all="ignore")
file = ReconstructedFile(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
prepared = []
for k in np.flatnonzero((file.fit["status"] == 0) & (file.fit["flags"] & 3 == 0))[:count]:
    event, members = file.event(k)
    prepared.append((event, event.start(members), event.chi2(file.parameters(k))))
rows = np.mean([event.rows for event, *_ in prepared])
rates = []
for title, with_jacobian in (("by differences", False), ("analytic Jacobian", True)):
    same = calls = 0
    begin = time.process_time()
    for event, start, ours in prepared:
        q, _, info, _, _ = leastsq(
            event.residuals, start, Dfun=event.jacobian if with_jacobian else None, full_output=True, ftol=1e-8,
            xtol=1e-8, gtol=1e-8, maxfev=1000)
        chi2, calls = (info["fvec"] ** 2).sum(), calls + info["nfev"]
        same += chi2 < ours + 1e-3
    seconds = time.process_time() - begin
    rates.append(len(prepared) / seconds)
    print(f"{title}: {rates[-1]:.1f} fits/s, {calls / len(prepared):.1f} evaluations a fit, {rows:.1f} residuals,\n  "
          f"our minimum reached in {100 * same / len(prepared):.1f} % of {len(prepared)} events", file=sys.stderr)
print(f"{rates[0]:.1f} {rates[1]:.1f}")
