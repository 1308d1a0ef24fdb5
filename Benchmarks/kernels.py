#!/usr/bin/env python3
"""What the kernels of OpenBLAS do to the speed of networks, into Documentation/results/kernels.md.

Usage: Benchmarks/kernels.py [FOLDER]      (part of make benchmark; about six minutes)

FOLDER (default: a temporary one) gets the events. `train`, `correct` and `compare` run on the same events with the kernels that the
program chooses by itself, with the best ones named by hand (OPENBLAS_CORETYPE), and with those that OpenBLAS chooses
(AIRSHOWER_BLAS_KERNELS=loaded), in turns; the best of three counts. Standard library only.
"""

import datetime
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

PROGRAM = ".build/release/airshower"
OUTPUT = pathlib.Path("Documentation/results/kernels.md")
ROUNDS = 3


def run(*arguments, **extra):
    """Seconds, and seconds of the processors, that a command takes."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "AIRSHOWER"))} | extra
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run([PROGRAM, *arguments], check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def kernels(**extra):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "AIRSHOWER"))} | extra
    return subprocess.run([PROGRAM, "--version"], check=True, env=environment, capture_output=True, text=True).stdout.split()[-1]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    raw, events, corrected = (str(folder / name) for name in ("raw.h5", "reco.h5", "corrected.h5"))
    run("simulate", "--events", "8000", "--energy", "1:300", "--seed", "11", "--output", raw, "--overwrite")
    run("reconstruct", raw, "--output", events, "--overwrite")
    run("correct", events, "--output", corrected, "--overwrite")
    commands = {
        "`train --spec set --epochs 2`": ("train", events, "--spec", "set", "--epochs", "2", "--output", str(folder / "n.pt"), "--overwrite"),
        "`correct`": ("correct", events, "--output", str(folder / "c.h5"), "--overwrite"),
        "`compare`": ("compare", corrected, "--output", str(folder / "report"), "--overwrite"),
        "`--version`": ("--version",),
    }
    best = kernels()
    ways = {"auto": {}, "hand": {"OPENBLAS_CORETYPE": best}, "loaded": {"AIRSHOWER_BLAS_KERNELS": "loaded"}}
    least = {}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            for way, extra in ways.items():
                wall, busy = run(*arguments, **extra)
                key = (name, way)
                least[key] = tuple(map(min, zip(least.get(key, (1e9, 1e9)), (wall, busy))))
    model = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    lines = [
        "# Kernels of OpenBLAS",
        "",
        f"Made by `Benchmarks/kernels.py` on {datetime.date.today()}: {model},",
        f"{os.cpu_count()} processors, 8,000 events. Best of three runs, in turns.",
        "",
        f"OpenBLAS chooses {kernels(AIRSHOWER_BLAS_KERNELS='loaded')} here, the program {best}. The last column has the time with",
        "the choice of the program over the time with the same kernels by hand.",
        "",
        f"| command | chosen by OpenBLAS [s] | by the program [s] | by hand [s] | gain | program / hand (processor time) |",
        "|---|---|---|---|---|---|",
    ]
    for name in commands:
        auto, hand, loaded = (least[name, way] for way in ("auto", "hand", "loaded"))
        lines.append(
            f"| {name} | {loaded[0]:.2f} | {auto[0]:.2f} | {hand[0]:.2f} | {loaded[0] / auto[0]:.2f} "
            f"| {auto[0] / hand[0]:.2f} ({auto[1] / hand[1]:.2f}) |"
        )
    OUTPUT.write_text("\n".join(lines) + "\n")
    print(OUTPUT.read_text())


if __name__ == "__main__":
    main()
