#!/usr/bin/env python3
"""Sky coordinates of random directions by astropy, for SkyCoordinatesTests.

    python3 -m venv venv && venv/bin/pip install astropy
    venv/bin/python Tools/sky-reference.py > Fixtures/sky/astropy.csv

Azimuths are counter-clockwise from east, as in airshower; ICRS without refraction. The tables of
the Earth's rotation are those that astropy brings: nothing is downloaded.
"""
import astropy
import numpy as np
from astropy import units as u
from astropy.coordinates import AltAz, EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers

iers.conf.auto_download = False
iers.conf.iers_degraded_accuracy = "warn"
random = np.random.default_rng(20261128)
clf = EarthLocation.from_geodetic(-112.90875 * u.deg, 39.29693 * u.deg, 1382 * u.m)
print(f"# ICRS and galactic coordinates by astropy {astropy.__version__}, Tools/sky-reference.py")
print("# site: Central Laser Facility, 39.29693 N, 112.90875 W")
print("utc_seconds,nanoseconds,zenith_deg,azimuth_deg,ra_deg,dec_deg,l_deg,b_deg")
for _ in range(200):
    second = int(random.integers(1210000000, 1780000000))
    nanoseconds = int(random.integers(0, 1000000000))
    zenith = np.degrees(np.arccos(random.uniform(np.cos(np.radians(80)), 1)))
    azimuth = random.uniform(-180, 180)
    time = Time(second, nanoseconds * 1e-9, format="unix", scale="utc")
    frame = AltAz(obstime=time, location=clf, pressure=0 * u.hPa)
    place = SkyCoord(az=(90 - azimuth) * u.deg, alt=(90 - zenith) * u.deg, frame=frame)
    icrs, galactic = place.icrs, place.galactic
    print(
        f"{second},{nanoseconds},{zenith:.9f},{azimuth:.9f},{icrs.ra.deg:.6f},{icrs.dec.deg:.6f},"
        f"{galactic.l.deg:.6f},{galactic.b.deg:.6f}"
    )
