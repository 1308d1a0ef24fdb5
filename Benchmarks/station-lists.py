#!/usr/bin/python3
"""Fits per second of `airshower fit` for 1,000 lists of 25 stations in one call.

    Benchmarks/station-lists.py [PROGRAM]

Prints the rate with the start of the program and the tables: geometry, then the joint fit.
"""
import math
import os
import random
import subprocess
import sys
import tempfile
import time

program = sys.argv[1] if len(sys.argv) > 1 else ".build/release/airshower"
light = 0.299792458
random.seed(1)
lines = ["event,id,x,y,z,t,signal"]
for event in range(1000):
    zenith, azimuth = math.acos(math.sqrt(1 - random.random() / 2)), random.random() * 2 * math.pi
    direction = math.sin(zenith) * math.cos(azimuth), math.sin(zenith) * math.sin(azimuth)
    core = random.uniform(-600, 600), random.uniform(-600, 600)
    for station in range(25):
        x, y = 1200 * (station % 5 - 2), 1200 * (station // 5 - 2)
        dx, dy = x - core[0], y - core[1]
        along = dx * direction[0] + dy * direction[1]
        r = max(math.sqrt(max(dx * dx + dy * dy - along * along, 0)), 50)
        signal = 180 * (r / 800) ** -2.2 * math.exp(-r / 2500)
        delay = 1.4 * (1 + r / 30) ** 1.5 * signal**-0.3 + random.gauss(0, 20)
        measured = f"{delay - along / light:.2f},{signal:.2f}" if signal > 2 else ","
        lines.append(f"{event},{station},{x},{y},0,{measured}")
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "lists.csv")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    for options in ([], ["--fit", "joint", "--energy-table", "telescope-array-simulated"]):
        start = time.time()
        subprocess.run([program, "fit", path] + options, check=True, capture_output=True)
        print(f"{' '.join(options) or 'geometry'}: {1000 / (time.time() - start):.0f} fits/s")
