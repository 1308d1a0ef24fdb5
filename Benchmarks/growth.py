"""The page and the figure of growth.sh.

    growth.py MEASURED.csv OUTPUT      writes OUTPUT.md and OUTPUT.png
"""

import csv
import math
import os
import subprocess
import sys
import tempfile
import textwrap
import time

STEPS = ("simulate", "reconstruct", "correct", "compare")
AXES = {
    "energy": ("energy [EeV]", "Energy", "1,000 events of one energy, one thread."),
    "stations": ("stations", "Stations of the array", "1,000 events from 10 to 100 EeV, a square array with 1,200 m between "
                 "stations, one thread. Networks need this array's own, so `correct` and `compare` do not run."),
    "samples": ("samples", "Samples of a trace", "1,000 events from 10 to 100 EeV, one thread. The simulation makes 128 to 512 "
                "samples. Networks need their own length, so `correct` and `compare` do not run."),
    "events": ("events", "Number of events", "Events from 1 to 300 EeV, two threads. [A million events](million.md)."),
    "threads": ("threads", "Threads", "5,000 events from 1 to 300 EeV. Time is that on the clock."),
}


def exponent(points):
    """Slope of ln cost against ln value between the last two points: 1 is linear growth."""
    (x1, y1), (x2, y2) = points[-2:]
    return math.log(y2 / y1) / math.log(x2 / x1)


def cost(row, axis):
    """Time for an event [ms]: of processors, or on the clock where threads are compared."""
    return 1e3 * float(row["wall_s" if axis == "threads" else "processor_s"]) / float(row["events"])


def section(axis, rows):
    unit, title, conditions = AXES[axis]
    steps = [step for step in STEPS if any(row["step"] == step for row in rows)]
    values = sorted({float(row["value"]) for row in rows})
    print(f"\n## {title}\n\n{textwrap.fill(conditions, 98)}\n")
    print(f"| {unit} | " + " | ".join(f"{step} [ms], MB" for step in steps) + " |")
    print("|---" * (1 + len(steps)) + "|")
    found = {(row["step"], float(row["value"])): row for row in rows}
    for value in values:
        cells = [f"{cost(found[step, value], axis):.3f}, {float(found[step, value]['memory_mb']):.0f}" for step in steps]
        print(f"| {value:,.0f} | " + " | ".join(cells) + " |")
    if axis == "threads":
        gains = [f"{step} {cost(found[step, 1], axis) / cost(found[step, 2], axis):.2f}" for step in steps]
        print(f"\nTwo threads are faster by: {', '.join(gains)}.")
        return []
    # Number of events: time of an event. All else: the same, against what grows.
    slopes = {step: exponent([(value, cost(found[step, value], axis)) for value in values]) for step in steps}
    if axis == "events":
        slopes = {step: 1 + slope for step, slope in slopes.items()}
    whole = " of the time of all events" if axis == "events" else ""
    print(f"\nExponents{whole}, between the last two rows:\n" + ", ".join(f"{s} {e:.2f}" for s, e in slopes.items()) + ".")
    return list(slopes.values())


def figure(rows, path):
    with tempfile.TemporaryDirectory() as folder:
        plots = []
        for axis in ("energy", "stations", "events", "samples"):
            unit = AXES[axis][0]
            curves = []
            for number, step in enumerate(STEPS):
                points = sorted((float(row["value"]), cost(row, axis)) for row in rows if row["axis"] == axis and row["step"] == step)
                if not points:
                    continue
                name = os.path.join(folder, f"{axis}-{step}.dat")
                with open(name, "w") as file:
                    file.writelines(f"{x} {y}\n" for x, y in points)
                curves.append(f"'{name}' with linespoints lw 2 pt 7 lc {number + 1} title '{step}'")
            plots.append(f"set xlabel '{unit}'\nset ylabel 'processor time of an event [ms]'\nplot " + ", ".join(curves))
        script = (
            f"set terminal pngcairo size 1000,760 font 'DejaVu Sans,10'\nset output '{path}'\nset logscale xy\nset grid\n"
            "set key top left samplen 2\nset yrange [0.01:*]\nset multiplot layout 2,2\n" + "\n".join(plots) + "\nunset multiplot\n")
        subprocess.run(["gnuplot"], input=script, text=True, check=True)


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown processor")


def main(measured, output):
    with open(measured) as file:
        rows = list(csv.DictReader(file))
    with open(output + ".md.part", "w") as page:
        sys.stdout = page
        print(
            f"# How cost grows\n\nMade by `Benchmarks/growth.sh` on {time.strftime('%Y-%m-%d')}, on {os.cpu_count()} cores of\n{processor()}.\n"
            "Times are those of processors for one event, the start of the program included, in\n"
            "milliseconds. Memory is the largest of the process. An exponent of 1 is linear growth. The load\n"
            f"of the machine was {os.getloadavg()[1]:.0f} at the end. Processor times suffer little from that, times on the clock do.\n\n"
            "![Time of an event](growth.png)")
        slopes = sum((section(axis, [row for row in rows if row["axis"] == axis]) for axis in AXES), [])
        print("\n## Is anything worse than linear?\n")
        print(f"The largest exponent is {max(slopes):.2f}." + NOTES)
    sys.stdout = sys.__stdout__
    figure(rows, output + ".png")
    os.replace(output + ".md.part", output + ".md")


NOTES = """

- A shower of more energy reaches more stations. Their number grows with the logarithm of the
  energy, and so do reconstruction and networks. The simulation makes more particles in each.
- Every station of the array has its background. `simulate` digitises it, `reconstruct` finds its
  pulses and groups them. In a profile of 10,000 stations these are the largest parts (15 and 15 %).
- Samples cost little, because most traces have few pulses.
- `compare` and `correct` take a fixed time for figures, replicas and the start of libtorch.

**Not measured**: energies above 630 EeV and traces of more than 512 samples, which `simulate`
refuses."""

main(*sys.argv[1:])
