#!/usr/bin/env python3
"""The results of the experiment's own programs as tables for airshower import --results.

    import-table.py RESULTS.csv FOLDER

Writes published.csv, combined.csv and nuf.csv of those events above 10 EeV that pass the
cuts. Zenith angles of the experiment's passes get the 0.5 deg that it adds.
"""
import csv
import math
import sys

RESULTS, FOLDER = sys.argv[1:]
METHODS = {
    "published": ("geometry_free", "ldf", 0.5),
    "combined": ("combined", "combined", 0.5),
    "nuf": ("nuf", "nuf", 0.0),
}


def number(row, name):
    return float(row[name]) if row.get(name) else math.nan


def passes(row):
    """The cuts that `standard` has too: stations, chi2, error of S800, pointing, zenith."""
    zenith = number(row, "geometry_free_zenith_deg") + 0.5
    pointing = math.hypot(
        number(row, "geometry_free_zenith_error_deg"),
        math.sin(math.radians(zenith)) * number(row, "geometry_free_azimuth_error_deg"),
    )
    return (
        number(row, "stations_in_geometry") >= 5
        and number(row, "geometry_free_chi2") < 5 * max(number(row, "geometry_free_ndf"), 1)
        and number(row, "ldf_chi2") < 5 * max(number(row, "ldf_ndf"), 1)
        and number(row, "ldf_scale_error") < 0.25
        and pointing < 5
        and zenith < 45
    )


rows = list(csv.DictReader(open(RESULTS)))
kept = [row for row in rows if number(row, "true_log_energy") > 19 and passes(row)]
for name, (direction, other, shift) in METHODS.items():
    with open(f"{FOLDER}/{name}.csv", "w") as file:
        file.write("event_id,zenith_deg,azimuth_deg,core_x_m,core_y_m,energy_eev\n")
        for row in kept:
            values = [
                number(row, f"{direction}_zenith_deg") + shift,
                number(row, f"{direction}_azimuth_deg"),
                number(row, f"{other}_core_x_m"),
                number(row, f"{other}_core_y_m"),
                number(row, f"{other}_energy_eev"),
            ]
            if all(map(math.isfinite, values)):
                file.write(f"{row['event']}," + ",".join(f"{v:.9g}" for v in values) + "\n")
print(f"{len(kept)} of {len(rows)} events above 10 EeV pass the cuts")
