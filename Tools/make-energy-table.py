#!/usr/bin/env python3
"""Writes the starting energy table: the published formula on a grid.

    python3 Tools/make-energy-table.py > tables/energy/telescope-array-formula.csv

E_MC [EeV] = 0.48 S800 / (1 + 0.7 x - 2.3 x^2), x = cos^2 theta - 0.77, theta <= 55 degrees.
"""
import math

print("""# Energy of a shower from S800 and zenith angle
# source: closed form in public Telescope Array analysis sources (en_cic); valid to 55 degrees
# check: S800 = 530 VEM/m2 at 38.6 degrees gives 306 EeV, 241 EeV on the fluorescence scale (/1.27);
#        published for the event of 2021-05-27 (arXiv:2311.14231): 244 +- 29 EeV
# date: 2026-11-22
# units: sec_theta 1, log10_s800 log10(S800 / (VEM/m2)), log10_energy_eev log10(E/EeV), Monte Carlo scale
# made by: python3 Tools/make-energy-table.py
sec_theta,log10_s800,log10_energy_eev""")
for i in range(38):
    secant = 1 + 0.02 * i
    x = 1 / secant**2 - 0.77
    attenuation = 1 + 0.7 * x - 2.3 * x * x
    for j in range(75):
        log_signal = -0.5 + 0.05 * j
        print(f"{secant:.2f},{log_signal:.2f},{math.log10(0.48 / attenuation) + log_signal:.6f}")
