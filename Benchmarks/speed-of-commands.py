#!/usr/bin/python3
"""Speed of every command beside a program of before, into Documentation/results/speed-of-commands.md.

    Benchmarks/speed-of-commands.py [--before PROGRAM] [--pairs 5] [--folder FOLDER]      (part of make benchmark)

PROGRAM is `airshower` of another build, with its libairshower-torch.so beside it. Both run in turns, on one thread each.
Processor time counts, since it depends little on what else runs. For training it is that of four epochs less that of one.
Also the share of what a product of matrices (sgemm) does in the same processor time, and what a second thread gains, in wall
time: that one needs an idle machine. Needs python3-torch and python3-h5py.
"""

import argparse
import csv
import datetime
import os
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile

NOW = pathlib.Path(".build/release/airshower").resolve()
# Products of matrices below have the kernels that the program uses.
KERNELS = subprocess.run([NOW, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
os.environ.setdefault("OPENBLAS_CORETYPE", KERNELS)

import torch  # noqa: E402

from eager_network import operations_forward, sgemm  # noqa: E402

TABLES = pathlib.Path("tables").resolve()
OUTPUT = pathlib.Path("Documentation/results/speed-of-commands.md")
NETWORKS = ("set", "graph")
SIMULATED, TRAINED, EPOCHS = 3000, 12000, 4


def run(program, *arguments):
    """Processor seconds of a command, and what it says. Every program uses the tables of its own repository."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    tables = next((folder / "tables" for folder in program.parents if (folder / "tables").is_dir()), TABLES)
    environment = os.environ | {"AIRSHOWER_TABLES": str(tables)}
    done = subprocess.run([program, *arguments], check=True, capture_output=True, text=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stderr


def train(program, events, network, epochs, folder, threads=1):
    history = folder / "history.csv"
    seconds, log = run(
        program, "train", events, "--max-events", str(TRAINED), "--spec", network, "--epochs", str(epochs),
        "--threads", str(threads), "--history", history, "--output", folder / f"{network}.pt", "--overwrite")
    with open(history) as file:
        rows = list(csv.DictReader(file))
    training, validation = (int(n) for n in re.search(r"(\d+) training, (\d+) validation", log).groups())
    return seconds, training, validation, max(float(row["events_per_second"]) for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--before", type=pathlib.Path, help="the other program")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each program (default: 5)")
    parser.add_argument("--only", default="", help="commands with this text in their line, without the page (default: all)")
    parser.add_argument("--folder", type=pathlib.Path, help="for events, kept (default: a temporary one)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder = options.folder or pathlib.Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    events, raw, corrected = (folder / name for name in ("reco.h5", "events.h5", "corrected.h5"))
    if not corrected.exists():
        run(NOW, "simulate", "--events", str(TRAINED), "--energy", "1:300", "--seed", "11", "--output", raw, "--overwrite")
        run(NOW, "reconstruct", raw, "--output", events, "--overwrite")
        run(NOW, "correct", events, "--network", "photons", "--output", corrected, "--overwrite")
        run(NOW, "simulate", "--events", str(SIMULATED), "--energy", "1:300", "--seed", "12", "--output", raw, "--overwrite")
        run(NOW, "reconstruct", raw, "--output", folder / "other.h5", "--overwrite")
        run(NOW, "export", raw, "--format", "dst", "--output", folder / "events.dst", "--overwrite")
    programs = ([options.before.resolve()] if options.before else []) + [NOW]

    def seconds_of_training(program, network):
        one, training, validation, _ = train(program, events, network, 1, folder)
        all, _, _, _ = train(program, events, network, EPOCHS, folder)
        # Validation goes forward only, a third of the work.
        return all - one, (EPOCHS - 1) * (training + validation / 3)

    simulated = folder / "simulated.h5"
    commands = {
        f"`simulate`, {SIMULATED:,} events": lambda program: (
            run(program, "simulate", "--events", str(SIMULATED), "--threads", "1", "--output", simulated, "--overwrite")[0],
            SIMULATED),
        f"`reconstruct`, {SIMULATED:,} events": lambda program: (
            run(program, "reconstruct", simulated, "--threads", "1", "--output", folder / "r.h5", "--overwrite")[0], SIMULATED),
    } | {
        f"`{' '.join(words[:1])}`{note}, {count:,} events": lambda program, words=words, output=output, count=count: (
            run(program, *words, *(["--output", folder / output, "--overwrite"] if output else []))[0], count)
        for words, note, output, count in (
            (["import", folder / "events.dst", "--threads", "1"], " (DST)", "i.h5", SIMULATED),
            (["correct", events, "--network", TABLES / "networks/photons.pt", "--any-reconstruction", "--threads", "1"], "",
             "c.h5", TRAINED),
            (["compare", corrected, "--threads", "1"], "", "report", TRAINED),
            (["browse", corrected, "--max-events", "1000", "--threads", "1"], "", "page.html", 1000),
            (["show", corrected], "", "event.png", 1),
            (["inspect", corrected], "", None, TRAINED),
            (["distance", events, "--reference", folder / "other.h5", "--threads", "1"], "", None, TRAINED),
            (["table", events, "--threads", "1"], "", "table.csv", TRAINED),
            (["tune-front", events, "--threads", "1"], "", "front.json", TRAINED),
            (["export", corrected, "--format", "csv"], " (CSV)", "events.csv", TRAINED),
            (["merge", events, folder / "other.h5", "--independent"], "", "all.h5", TRAINED + SIMULATED),
        )
    } | {
        f"`train --spec {network}`, {EPOCHS - 1} epochs": lambda program, network=network: seconds_of_training(program, network)
        for network in NETWORKS
    }
    rows, shares = [], []
    for name, command in commands.items():
        if options.only not in name:
            continue
        measured = {program: [] for program in programs}
        try:
            # A short command runs several times in a turn.
            repeats = max(1, min(20, int(3 / max(command(program)[0] for program in programs))))
        except subprocess.CalledProcessError as error:
            if error.cmd[0] == NOW:
                raise
            print(f"{name}: not in the earlier program: {error.stderr.splitlines()[0]}", flush=True)
            rows.append(f"| {name} | it is new | | | |")
            continue
        peaks = []
        for turn in range(options.pairs):
            peaks.append(sgemm())
            # The second one of a pair finds other caches: the order changes.
            for program in programs[::-1] if turn % 2 else programs:
                turns = [command(program) for _ in range(repeats)]
                measured[program].append(statistics.median(seconds for seconds, _ in turns))
                count = turns[0][1]
        now = statistics.median(measured[NOW])
        row = f"| {name} | "
        if options.before:
            ratios = [a / b for a, b in zip(measured[programs[0]], measured[NOW])]
            row += f"{statistics.median(measured[programs[0]]):.2f} | {now:.2f} | {statistics.median(ratios):.2f} " \
                f"({min(ratios):.2f} to {max(ratios):.2f}) | "
        else:
            row += f"| {now:.2f} | | "
        rows.append(row + f"{count / now:.0f} |")
        network = re.search(r"--spec (\w+)", name)
        if network:
            weights, inputs = folder / f"{network[1]}.pt", folder / "inputs.h5"
            run(NOW, "export", events, "--network", weights, "--max-events", "2000", "--output", inputs, "--overwrite")
            forward, _, stations = operations_forward(weights, inputs)
            peak = statistics.median(peaks)
            part = [f"{300 * forward * count / statistics.median(measured[program]) / peak:.0f} %" for program in programs]
            # The best epoch of several runs in turns: other work only makes them slower.
            runs = [[train(NOW, events, network[1], EPOCHS, folder, threads=n)[3] for n in (1, 2)] for _ in range(options.pairs)]
            threads = [max(run) for run in zip(*runs)]
            shares.append(
                f"| {network[1]} | {3e-6 * forward:.1f} | {stations:.1f} | {1e-9 * peak:.0f} | {' | '.join(part[:-1] or [''])} | "
                f"{part[-1]} | {threads[1] / threads[0]:.2f} |")
        print(rows[-1], *shares[-1:], sep="\n", flush=True)
    if options.only:
        return
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())[1]
    version = [subprocess.run([p, "--version"], capture_output=True, text=True).stdout.split("\n")[:2] for p in programs]
    before = f"Before: {version[0][0]}. " if options.before else ""
    OUTPUT.write_text(f"""# Speed of commands

Made by `Benchmarks/speed-of-commands.py` on {datetime.date.today()}: {model},
{os.cpu_count()} processors. {before}{version[-1][1]}.

Processor time (user and system) on one thread, medians of {options.pairs} turns. Both programs run in
turns; a turn has several runs of a short command. The ratio is the median of those of the turns,
with the smallest and the largest one.
Events/s are those of a processor second. Validation counts as a third of training.

| command | before (s) | now (s) | ratio | events/s |
|---|---|---|---|---|
{chr(10).join(rows)}

Arithmetic of training beside a product of matrices with 1536 rows (sgemm), in the same processor
time. The gain of the second thread is in wall time, of the fastest epochs of {options.pairs} runs each. It
needs an idle machine: the load average was {os.getloadavg()[2]:.0f}.

| network | Mflop an event | stations | sgemm (Gflop/s) | of it before | now | second thread |
|---|---|---|---|---|---|---|
{chr(10).join(shares)}
""")


main()
