#!/usr/bin/env python3
"""The page of networks.sh: what networks gain with more events and other simulations, and how systematic variations change it.

Usage: networks.py FOLDER   with the reports that networks.sh made there.
"""

import csv
import datetime
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
RANGES = {"whole": "all", "fitted_energy/above_10": "> 10 EeV", "fitted_energy/10_to_60": "10-60 EeV"}


def report(name):
    return json.loads((folder / f"report-{name}" / "summary.json").read_text())


def at(summary, path):
    """The number or estimate of a path, None where it does not exist."""
    value = summary["results"]
    for key in path.split("/"):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def value(summary, path):
    found = at(summary, path)
    return found["value"] if isinstance(found, dict) else found


def percent(estimate):
    """A gain with its 95 % interval."""
    if estimate is None:
        return ""
    half = 50 * (estimate["high95"] - estimate["low95"])
    return f"{-100 * estimate['value']:+.1f} ± {half:.1f} %"


def number(found, digits):
    found = found["value"] if isinstance(found, dict) else found
    return "" if found is None else f"{found:.{digits}f}"


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def headlines(summary, methods, group="nuclei"):
    """One row a method: angle, energy, core and explained variance."""
    high, middle = f"{group}/fitted_energy/above_10", f"{group}/fitted_energy/10_to_60"
    rows = []
    for name, title in methods:
        rows.append([
            title,
            number(at(summary, f"{high}/space_angle/{name}/width68"), 3),
            percent(at(summary, f"{high}/space_angle/{name}/gain/width68")),
            number(at(summary, f"{middle}/ln_energy/{name}/standard_deviation"), 4),
            number(at(summary, f"{high}/core_distance/{name}/width68"), 1),
            " / ".join(
                number(at(summary, f"{high}/{quantity}/{name}/score/net_explained_variance"), 2)
                for quantity in ("direction_zenith", "direction_azimuth")),
            number(at(summary, f"{middle}/ln_energy/{name}/score/net_explained_variance"), 2),
            number(at(summary, f"mass_bias/{name}/bias"), 3),
        ])
    return rows


HEADLINES = [
    "method", "68 % angle > 10 EeV [deg]", "against standard", "sd ln E, 10-60 EeV", "core 68 % > 10 EeV [m]",
    "EV_net θ / across, > 10 EeV", "EV_net ln E, 10-60 EeV", "bias of ln E, H - Fe"]


def against(summary, path, one, other):
    """1 - width of one over that of another method; without an interval, since replicas are not kept."""
    ratio = value(summary, f"{path}/{one}/width68") / value(summary, f"{path}/{other}/width68")
    return f"{100 * (ratio - 1):+.1f} %"


def training(name):
    """Epochs, best validation loss and speed of a learning curve."""
    path = folder / f"{name}.csv"
    if not path.exists():
        return ["", "", ""]
    rows = list(csv.DictReader(path.open()))
    best = min(rows, key=lambda row: float(row["validation_loss"]))
    speeds = sorted(float(row["events_per_second"]) for row in rows)
    return [str(len(rows)), f"{float(best['validation_loss']):.4f}", f"{speeds[len(speeds) // 2]:.0f}"]


test = report("test")
events = {path: value(test, f"nuclei/{path}/events") for path in RANGES}

print("# What networks gain")
print()
print(f"Made by `make networks` (`Benchmarks/networks.sh`) on {datetime.date.today()}. E^-1 from 1 to 300 EeV,")
print("H:He:N:Fe 1:1:1:1, zenith angle below 45 degrees, `standard` cuts. All networks but `photons` are")
print("`graph`. With `--variation mix` every training shower draws its own values of the settings that the")
print("systematic variations change. [Architectures](architectures.md) have a page of their own.")
print()
print(f"All methods are tested on the same {events['whole']} events of seed 21. No network or front learned from them.")
print(f"{events['fitted_energy/above_10']} of them have a standard energy above 10 EeV, "
      f"{events['fitted_energy/10_to_60']} between 10 and 60 EeV.")
print("Gains are changes of the 68 % containment. ± is half the width of the 95 % interval (paired")
print("bootstrap over showers). Every number holds in this simulation.")
print()
print("## More events, and two seeds")
print()
print("Networks trained with `--variation mix`, all with 6 epochs. About two thirds of the simulated events")
print("pass the cuts, and 80 % of these are for training. The weights start elsewhere with seed 2.")
print()
table(HEADLINES, headlines(test, [
    ("standard", "standard fit"), ("polynomial", "polynomial"), ("tuned", "tuned front, no network"),
    ("mix-30k", "30,000 simulated events"), ("mix-100k", "100,000"), ("mix-300k", "300,000"), ("mix-300k-2", "300,000, seed 2"),
    ("ensemble", "ensemble of these two"), ("on-tuned", "100,000, on top of the tuned front"),
    ("reference", "**reference**"), ("photons", "`photons`, `set` for photons and nuclei")]))
table(["network", "epochs", "best validation loss"], [
    [title] + training(name)[:2] for name, title in (
        ("mix-30k", "30,000"), ("mix-100k", "100,000"), ("mix-300k", "300,000"), ("mix-300k-2", "300,000, seed 2"))])
rows = []
for name in ("mix-300k", "mix-300k-2", "ensemble", "on-tuned", "reference"):
    rows.append([name] + [
        against(test, f"nuclei/{path}/space_angle", name, "tuned") for path in ("whole", "fitted_energy/above_10")])
print("Against the tuned front (68 % angle):")
print()
table(["network", "all energies", "> 10 EeV"], rows)
print("Predicted errors: width of the pulls (sd, 68 % half width) and fraction inside one sd:")
print()
PULLS = ["pull_zenith", "pull_azimuth", "pull_log_energy", "pull_core_x", "pull_core_y"]
rows = []
for name in ("standard", "tuned", "reference", "mix-300k", "ensemble", "nominal"):
    rows.append([{"nominal": "nominal simulation, 100,000"}.get(name, name)] + [
        f"{number(at(test, f'nuclei/whole/{pull}/{name}/standard_deviation'), 2)}, "
        f"{number(at(test, f'nuclei/whole/{pull}/{name}/width68'), 2)}; "
        f"{100 * value(test, f'nuclei/whole/{pull}/{name}/coverage'):.1f} %"
        for pull in PULLS])
table(["method", "zenith", "azimuth", "ln E", "core east", "core north"], rows)

print("## Trained on other simulations")
print()
print("100,000 simulated events each.")
print()
epos = report("test-epos")
rows = []
for name, title in (("nominal", "QGSJetII-04"), ("nominal-2", "the same, seed 2"), ("epos", "EPOS-LHC"), ("mix-100k", "mixed variations"), ("reference", "**reference**")):
    row = [title, number(at(test, f"nuclei/fitted_energy/above_10/space_angle/{name}/width68"), 3)]
    for primary in ("H", "Fe"):
        row.append(percent(at(test, f"nuclei/primary/{primary}/space_angle/{name}/gain/width68")))
        row.append(f"{value(test, f'nuclei/primary/{primary}/ln_energy/{name}/median'):+.3f}, "
                   f"{value(test, f'nuclei/primary/{primary}/ln_energy/{name}/standard_deviation'):.3f}")
    if at(epos, f"nuclei/whole/space_angle/{name}") is None:
        row += ["", ""]
    else:
        row.append(percent(at(epos, f"nuclei/whole/space_angle/{name}/gain/width68")))
        row.append(f"{value(epos, f'nuclei/whole/ln_energy/{name}/median'):+.3f}, "
                   f"{value(epos, f'nuclei/whole/ln_energy/{name}/standard_deviation'):.3f}")
    rows.append(row)
table(["trained on", "68 % angle > 10 EeV [deg]", "H: angle", "H: ln E bias, sd", "Fe: angle", "Fe: ln E bias, sd",
       "EPOS-LHC: angle", "EPOS-LHC: ln E bias, sd"], rows)

print("## Systematic variations")
print()
print("10,000 events of seed 22 each. The shift of ln E is that of the median against the nominal")
print("simulation, for the standard fit and for networks. In brackets: how much its size exceeds that of")
print("the standard fit.")
print()
variations = sorted(path.name.removeprefix("report-world-") for path in folder.glob("report-world-*"))
PATH = "nuclei/whole/ln_energy"
nominal = {"standard": value(test, f"{PATH}/standard/median"), "nominal": value(test, f"{PATH}/nominal/median"),
           "on-tuned": value(test, f"{PATH}/on-tuned/median"), "reference": value(test, f"{PATH}/reference/median")}
rows = []
for variation in variations:
    summary = report(f"world-{variation}")
    row = [f"`{variation}`"]
    for name in ("nominal", "reference"):
        row.append(percent(at(summary, f"nuclei/fitted_energy/above_10/space_angle/{name}/gain/width68")))
    row.append(against(summary, "nuclei/fitted_energy/above_10/space_angle", "on-tuned", "tuned"))
    shifts = {name: value(summary, f"{PATH}/{name}/median") - nominal[name] for name in nominal}
    row.append(f"{100 * shifts['standard']:+.1f} %")
    for name in ("nominal", "reference"):
        beyond = 100 * (abs(shifts[name]) - abs(shifts["standard"]))
        row.append(f"{100 * shifts[name]:+.1f} ({beyond:+.1f}) %")
    row.append(f"{100 * value(summary, 'nuclei/whole/pull_zenith/reference/coverage'):.0f}, "
               f"{100 * value(summary, 'nuclei/whole/pull_log_energy/reference/coverage'):.0f} %")
    fallbacks = at(summary, "fallbacks/reference") or {}
    row.append(f"{100 * sum(fallbacks.values()) / value(summary, 'events/compared'):.1f} %")
    rows.append(row)
table(["variation", "angle > 10 EeV, nominal simulation", "reference", "on tuned, against tuned", "shift of ln E: standard",
       "nominal simulation (beyond)", "reference (beyond)",
       "inside 1 σ: zenith, ln E", "kept standard"], rows)

print("## Photons")
print()
photons = report("test-photons")
compared = value(photons, "events/compared")
rows = []
for name in ("standard", "polynomial", "reference", "photons"):
    kept = sum((at(photons, f"fallbacks/{name}") or {}).values())
    rows.append([
        name, f"{value(photons, f'photons/whole/ln_energy/{name}/median'):+.3f}",
        number(at(photons, f"photons/whole/ln_energy/{name}/standard_deviation"), 3),
        number(at(photons, f"photons/whole/ln_energy/{name}/score/explained_variance"), 3),
        number(at(photons, f"photons/whole/space_angle/{name}/width68"), 2), f"{100 * kept / compared:.1f} %"])
print(f"{compared} photons of seed 24. The energy of the standard fit is that of nuclei. `reference` was not")
print("trained on photons.")
print()
table(["method", "ln E bias", "ln E sd", "EV_total of ln E", "68 % angle [deg]", "kept the standard value"], rows)
