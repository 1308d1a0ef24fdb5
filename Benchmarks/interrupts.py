#!/usr/bin/python3
"""Signals at five moments of every command, and SIGKILL at random moments of every command that writes.

    interrupts.py AIRSHOWER --report Documentation/results/interrupts.md

Each command runs once undisturbed. Then SIGINT, SIGTERM and SIGHUP come at 10, 30, 50, 70 and 90 % of its time, in turn. It
must end within a second, with the exit code of the signal (130, 143, 129), and leave what was there. A killed command must
leave the earlier output or a whole new one, and the next run must end well. Needs python3-h5py.
"""

import argparse
import datetime
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import h5py

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
MOMENTS = [0.1, 0.3, 0.5, 0.7, 0.9]


class Command:
    """A command line with OUT for the output."""

    def __init__(self, name, words, output, checkpoint=False):
        self.name, self.words, self.output, self.checkpoint = name, words, output, checkpoint

    def line(self, program, output, overwrites):
        words = [output if word == "OUT" else word for word in self.words]
        return [program] + words + (["--overwrite"] if overwrites else [])


def digest(path):
    """What an output says: HDF5 and archives change from run to run by dates, so their names and sizes of columns count."""
    if not os.path.exists(path):
        return None
    if os.path.isdir(path):
        if not os.path.exists(os.path.join(path, "summary.json")):
            return "not whole"
        return "report" if os.path.exists(os.path.join(path, "report.html")) else "not whole"
    if path.endswith(".h5"):
        try:
            with h5py.File(path) as file:
                names = []
                file.visititems(lambda name, item: names.append((name, getattr(item, "shape", ()))))
                return hashlib.sha256(repr(names).encode()).hexdigest()
        except OSError:
            return "not whole"
    with open(path, "rb") as file:
        content = file.read()
    if path.endswith((".csv", ".json")):
        # Tables and fronts say by which command they were made, and --overwrite is a part of it.
        content = b"\n".join(line for line in content.split(b"\n") if b"command" not in line)
    if path.endswith(".pt"):
        return "network" if content[-22:-18] == b"PK\5\6" else "not whole"
    if path.endswith(".png"):
        return "picture" if content.rstrip().endswith(b"IEND\xaeB`\x82") else "not whole"
    return hashlib.sha256(content).hexdigest()


def identity(path):
    """Tells a file or folder from another one of the same name."""
    if not os.path.exists(path):
        return None
    status = os.stat(path)
    return status.st_ino, status.st_mtime_ns, status.st_size


def start(line, folder):
    return subprocess.Popen(line, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait(process, seconds):
    """Exit code and standard error; (None, "") where it does not end."""
    try:
        errors = process.communicate(timeout=seconds)[1].decode(errors="replace")
        return process.returncode, errors
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, ""


def undisturbed(program, command, folder):
    """Runs a command; returns its seconds and what it made."""
    output = os.path.join(folder, command.output)
    begin = time.monotonic()
    code, errors = wait(start(command.line(program, output, False), folder), 600)
    if code != 0:
        sys.exit(f"{command.name}: exit {code}: {errors}")
    return time.monotonic() - begin, digest(output)


def interrupt(program, command, folder, seconds, turn):
    """One run for each moment; returns the times from signal to exit and what was wrong."""
    output = os.path.join(folder, command.output)
    times, faults = [], []
    for number, moment in enumerate(MOMENTS):
        sent, code = SIGNALS[(number + turn) % len(SIGNALS)]
        earlier = (identity(output), digest(output))
        process = start(command.line(program, output, True), folder)
        time.sleep(moment * seconds)
        begin = time.monotonic()
        process.send_signal(sent)
        found, errors = wait(process, 30)
        times.append(time.monotonic() - begin)
        left = [name for name in os.listdir(folder) if name.endswith((".part", ".old", ".images"))]
        if found == -sent:
            # Before the program begins; shells call it the same.
            found = code
        if found == 0:
            # It was complete before the signal came.
            if digest(output) != earlier[1]:
                faults.append(f"{moment}: exit 0, other content")
            times[-1] = None
        elif found != code:
            faults.append(f"{moment}: {sent.name}: exit {found}")
        elif (identity(output), digest(output)) != earlier:
            faults.append(f"{moment}: {sent.name}: the earlier output changed")
        elif command.checkpoint and "--resume" in errors and not os.path.exists(output + ".checkpoint"):
            faults.append(f"{moment}: {sent.name}: no checkpoint")
        if left:
            faults.append(f"{moment}: {sent.name}: left {left}")
            for name in left:
                remove(os.path.join(folder, name))
    return times, faults


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.unlink(path)


def kill(program, command, folder, seconds, whole, overwrites, count, draw):
    """SIGKILL at random moments. Half of them come in the last tenth, when outputs get their names."""
    output = os.path.join(folder, command.output)
    counts = {"earlier": 0, "new": 0, "none": 0}
    faults = []
    for number in range(count):
        if not overwrites:
            remove(output)
        earlier = identity(output)
        process = start(command.line(program, output, overwrites), folder)
        delay = seconds * (draw.random() if number % 2 else 0.9 + 0.15 * draw.random())
        time.sleep(delay)
        process.kill()
        process.communicate()
        found = digest(output)
        if found is None and not overwrites:
            counts["none"] += 1
        elif found != whole:
            faults.append(f"killed after {delay:.3f} s: {found}")
        else:
            counts["earlier" if identity(output) == earlier else "new"] += 1
    code, errors = wait(start(command.line(program, output, True), folder), 600)
    if code != 0 or digest(output) != whole:
        faults.append(f"the next run: exit {code}, {errors[-300:]}")
    left = [name for name in os.listdir(folder) if name.endswith((".part", ".old"))]
    if left:
        faults.append(f"the next run left {left}")
    return counts, faults


def replacement_kills(program, command, folder, whole, count):
    """SIGKILL while a report takes the place of an earlier one: as soon as the folder of that name is another one."""
    output = os.path.join(folder, command.output)
    counts = {"earlier": 0, "new": 0, "none": 0}
    faults = []
    for number in range(count):
        earlier = os.stat(output).st_ino
        process = start(command.line(program, output, True), folder)
        # Complete but for its name: the page is written last. Then some microseconds more each time.
        page = os.path.join(output + ".part", "report.html")
        while process.poll() is None and not os.path.exists(page):
            pass
        until = time.monotonic() + 1.5e-4 * number
        while time.monotonic() < until:
            pass
        process.kill()
        process.communicate()
        found = digest(output)
        if found != whole:
            faults.append(f"kill {number}: {found}")
        counts["earlier" if os.path.exists(output) and os.stat(output).st_ino == earlier else "new"] += 1
    return counts, faults


def commands(folder, tables):
    path = lambda name: os.path.join(folder, name)
    return [
        Command("simulate", ["simulate", "--events", "800", "--energy", "1:300", "--seed", "9", "--output", "OUT"], "s.h5"),
        Command("reconstruct", ["reconstruct", path("events.h5"), "--output", "OUT"], "r.h5"),
        Command("correct", ["correct", path("reco.h5"), "--output", "OUT"], "c.h5"),
        Command("compare", ["compare", path("corrected.h5"), "--replicas", "4000", "--output", "OUT"], "report"),
        Command("train", ["train", path("reco.h5"), "--cuts", "none", "--epochs", "2", "--output", "OUT"], "n.pt", True),
        Command("export csv", ["export", path("corrected.h5"), "--format", "csv", "--output", "OUT"], "e.csv"),
        Command("export dst", ["export", path("events.h5"), "--format", "dst", "--output", "OUT"], "e.dst"),
        Command("export", ["export", path("reco.h5"), "--output", "OUT"], "e.h5"),
        Command("merge", ["merge", "--independent", path("reco.h5"), path("other.h5"), "--output", "OUT"], "m.h5"),
        Command("import", ["import", path("events.dst"), "--output", "OUT"], "i.h5"),
        Command("table", ["table", path("other.h5"), "--energies", "1:300", "--output", "OUT"], "t.csv"),
        Command("tune-front", ["tune-front", path("reco.h5"), "--output", "OUT"], "f.json"),
        Command("show", ["show", path("corrected.h5"), "--output", "OUT"], "p.png"),
    ]


def prepare(program, folder, events):
    path = lambda name: os.path.join(folder, name)
    for line in [
        ["simulate", "--events", str(events), "--energy", "1:300", "--seed", "7", "--output", path("events.h5")],
        ["reconstruct", path("events.h5"), "--output", path("reco.h5")],
        ["correct", path("reco.h5"), "--output", path("corrected.h5")],
        ["simulate", "--events", "8000", "--energy", "1:300", "--primaries", "H", "--seed", "8", "--output", path("other-events.h5")],
        ["reconstruct", path("other-events.h5"), "--output", path("other.h5")],
        ["export", path("events.h5"), "--format", "dst", "--output", path("events.dst")],
    ]:
        code, errors = wait(start([program] + line, folder), 900)
        if code != 0:
            sys.exit(f"{line}: {errors}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="airshower, built for release")
    parser.add_argument("--events", type=int, default=6000, help="events of the inputs (default %(default)s)")
    parser.add_argument("--kills", type=int, default=14, help="kills of a command, with and without --overwrite "
                        "(default %(default)s)")
    parser.add_argument("--replacements", type=int, default=40, help="kills while a report is replaced (default %(default)s)")
    parser.add_argument("--only", help="commands, with commas (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", help="page with the tables")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    draw = random.Random(options.seed)
    signals, kills, bad = [], [], 0
    with tempfile.TemporaryDirectory(prefix="interrupts-") as folder:
        prepare(program, folder, options.events)
        for turn, command in enumerate(commands(folder, None)):
            if options.only and command.name not in options.only.split(","):
                continue
            seconds, whole = undisturbed(program, command, folder)
            times, faults = interrupt(program, command, folder, seconds, turn)
            shown = ["ended before" if one is None else f"{one:.2f}" for one in times]
            late = [one for one in times if one is not None and one > 1]
            signals.append(f"| {command.name} | {seconds:.1f} | {' | '.join(shown)} | {'; '.join(faults) or 'none'} |")
            print(signals[-1], flush=True)
            bad += len(faults) + len(late)
            remove(os.path.join(folder, command.output + ".checkpoint"))
            for overwrites in (False, True):
                counts, faults = kill(program, command, folder, seconds, whole, overwrites, options.kills, draw)
                note(kills, command.name, overwrites, options.kills, counts, faults)
                bad += len(faults)
            if command.name == "compare":
                counts, faults = replacement_kills(program, command, folder, whole, options.replacements)
                note(kills, "compare, while replacing", True, options.replacements, counts, faults)
                bad += len(faults)
            remove(os.path.join(folder, command.output))
            remove(os.path.join(folder, command.output + ".checkpoint"))
            for name in os.listdir(folder):
                if name.endswith((".part", ".old", ".images")):
                    remove(os.path.join(folder, name))
            if options.report:
                write_report(options, signals, kills)
    sys.exit(1 if bad else 0)


def note(rows, name, overwrites, count, counts, faults):
    rows.append((count, f"| {name} | {'yes' if overwrites else 'no'} | {count} | {counts['none']} | {counts['earlier']} | "
                 f"{counts['new']} | {'; '.join(faults) or 'none'} |"))
    print(rows[-1][1], flush=True)


def write_report(options, signals, kills):
    total = sum(count for count, _ in kills)
    page = f"""# Signals and kills

Made by `Benchmarks/interrupts.py` on {datetime.date.today()}, with inputs of {options.events} events.
Load of the machine at the end: {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors.

## Seconds from signal to exit

Each command gets SIGINT, SIGTERM or SIGHUP at five moments of its time, with `--overwrite` and an
earlier output. A fault is another exit code than 130, 143 or 129, a changed output, or an
unfinished file that is left. "Ended before" means that the command was complete when the signal
came. `train` writes its checkpoint first.

| command | undisturbed (s) | at 10 % | 30 % | 50 % | 70 % | 90 % | faults |
|---|---|---|---|---|---|---|---|
""" + "\n".join(signals) + f"""

## kill -9

{total} kills. Half of them come at any moment, half in the last tenth of the run. "While replacing"
kills when the page of the new report is being written, and up to 6 ms later. A fault is an
output that is neither the earlier one nor a whole new one, or a next run that does not end well.

| command | --overwrite | kills | no output | earlier output | new output | faults |
|---|---|---|---|---|---|---|
""" + "\n".join(row for _, row in kills) + "\n"
    with open(options.report, "w") as file:
        file.write(page)


if __name__ == "__main__":
    main()
