"""Mutates every kind of input but event files and runs the command that reads it: no run may crash, hang, or leave a file.

    other_files.py AIRSHOWER --count 10000 --seed 1 --report Documentation/results/fuzz-other-files.md

Binary files (DST, CORSIKA, HDF5 of others) get other bytes. Texts (tables, settings, lists of stations) get other numbers,
characters, lines and nesting. A network is an archive: half of the files get other bytes, the others a changed record with
check sums that fit; what `inspect` takes goes through `correct` as well. A run counts as good where it ends with 0, or with 64
or 65 and a message that names the file. Bad inputs are kept in --keep. The same seed gives the same files.
"""

import argparse
import bz2
import collections
import concurrent.futures
import datetime
import gzip
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

import limited_runs

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
EVENTS = os.path.join(ROOT, "Fixtures", "damaged", "valid-20.h5")
STATIONS = """event,id,x,y,z,t,signal
1,101,0,0,0,100,12.5
1,102,1200,0,1.5,-900.5,30
1,103,0,1200,0,400,22
1,104,1200,1200,2,900,5
1,105,2400,0,0,-1800,1.5
2,101,0,0,0,0,4
2,102,1200,0,0,1000,9
2,103,0,1200,0,1000,8
2,104,1200,1200,0,2000,1.5
"""
STATIONS_JSON = """[{"event": 1, "stations": [
 {"id": 1, "x": 0, "y": 0, "z": 0, "t": 100, "signal": 12.5},
 {"id": 2, "x": 1200, "y": 0, "z": 0, "t": -900.5, "signal": 30},
 {"id": 3, "x": 0, "y": 1200, "z": 1.5, "t": 400, "signal": 22, "saturated": true},
 {"id": 4, "x": 1200, "y": 1200, "z": 0, "t": 900, "signal": 5}]}]
"""
RESULTS = """event_id,energy_eev,zenith_deg,azimuth_deg,core_x_m,core_y_m
0,19.1,24,101,100,-200
1,8.9,12,200,500,300
"""


def content(*path):
    """A file of the repository, unpacked."""
    name = os.path.join(ROOT, *path)
    data = open(name, "rb").read()
    if name.endswith(".gz"):
        return gzip.decompress(data)
    if name.endswith(".bz2"):
        return bz2.decompress(data)
    if name.endswith(".zst"):
        return subprocess.run(["zstd", "-dc", name], check=True, capture_output=True).stdout
    return data


class Kind:
    """A kind of input: its good files, and the command that reads FILE and may write OUT.

    What the command takes goes through the command `then` as well.
    """

    def __init__(self, name, files, words, ending, share=1.0, then=None):
        self.name, self.files, self.words, self.ending, self.share, self.then = name, files, words, ending, share, then


def kinds():
    table = lambda *path: [content("tables", *path)]
    return [
        Kind("DST", [content("Fixtures", "dst", "airshower_5.rusdraw.dst.bz2"), content("Fixtures", "dst", "airshower_5.rufldf.dst.gz")],
             ["import", "FILE", "-o", "OUT.h5"], ".dst"),
        # The first lines: short inputs let every run change what matters.
        Kind("INR text", [b"".join(content("Fixtures", "dst", "airshower_5.nuf-ML.txt.gz").splitlines(True)[:40])], ["import", "FILE", "-o", "OUT.h5"], ".txt"),
        Kind("INR and dstparser HDF5", [content("Fixtures", "dst", f"airshower_5.{name}.h5") for name in
                                        ("dstparser-flat", "dstparser-tiles", "inr")], ["import", "FILE", "-o", "OUT.h5"], ".h5"),
        Kind("CORSIKA", [content("Fixtures", "corsika", "synthetic-shower.zst")], ["inspect", "FILE"], ".dat"),
        Kind("network", table("networks", "reference.pt") + table("networks", "lecture.pt"), ["inspect", "FILE"], ".pt",
             then=["correct", "RECONSTRUCTED", "--network", "FILE", "--any-reconstruction", "-o", "OUT.h5"]),
        Kind("stations CSV", [STATIONS.encode()], ["fit", "FILE"], ".csv"),
        Kind("stations JSON", [STATIONS_JSON.encode()], ["fit", "FILE"], ".json"),
        Kind("array CSV", table("arrays", "telescope-array.csv"),
             ["simulate", "--events", "1", "--energy", "30", "--array", "FILE", "-o", "OUT.h5"], ".csv", 0.3),
        Kind("energy table CSV", table("energy", "telescope-array-published.csv"),
             ["reconstruct", EVENTS, "--max-events", "2", "--energy-table", "FILE", "-o", "OUT.h5"], ".csv", 0.5),
        Kind("results CSV", [RESULTS.encode()],
             ["import", os.path.join(ROOT, "Fixtures", "dst", "airshower_5.rufldf.dst.gz"), "--results", "ours=FILE", "-o", "OUT.h5"],
             ".csv", 0.5),
        Kind("settings JSON", [content("tables", "variations", "mix.json"), content("tables", "variations", "delays-wide.json")],
             ["simulate", "--print-config", "--variation", "FILE"], ".json"),
        Kind("selection JSON", [content("tables", "selections", "published.json"), content("tables", "selections", "standard.json")],
             ["reconstruct", EVENTS, "--max-events", "2", "--cuts", "FILE", "-o", "OUT.h5"], ".json", 0.5),
        Kind("front JSON", table("fronts", "telescope-array-tuned.json"),
             ["reconstruct", EVENTS, "--max-events", "2", "--front", "FILE", "-o", "OUT.h5"], ".json", 0.5),
        Kind("specification JSON", [content("tables", "networks", name + ".json") for name in ("set", "lecture", "aixnet")],
             ["train", EVENTS, "--spec", "FILE", "-o", "OUT.pt"], ".json", 0.5),
    ]


SPECIAL = ["nan", "inf", "-inf", "1e300", "-1e300", "1e999", "0", "-1", "", "9" * 40, "1e18", "0.5", "null", "true", "\"a\"", "[]",
           "9223372036854775808", "-9223372036854775808", "4294967296", "1,5", "0x10"]


def is_text(data):
    return b"\0" not in data[:4096]


def mutated(draw, data):
    if data[:2] == b"PK" and draw.random() < 0.5:
        return mutated_archive(draw, data)
    return mutated_text(draw, data) if is_text(data) else mutated_bytes(draw, data)


def mutated_archive(draw, data):
    """The archive with one record changed, left out or doubled, and check sums that fit."""
    source = zipfile.ZipFile(io.BytesIO(data))
    names = source.namelist()
    # Program, description and pickles matter more than one of seventy arrays of weights.
    chosen = draw.choice([name for name in names if "/data/" not in name] if draw.random() < 0.8 else names)
    how = draw.random()
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as target:
        for name in names:
            record = source.read(name)
            if name == chosen:
                if how < 0.05:
                    continue
                if how < 0.1:
                    target.writestr(name.replace("/data", "/date"), record)
                else:
                    record = mutated(draw, record) if record else b"x"
            target.writestr(name, record)
    return result.getvalue()


def mutated_bytes(draw, data):
    data = bytearray(data)
    for _ in range(draw.choice([1, 1, 2, 4, 16])):
        # Headers are at the begin.
        place = draw.randrange(min(len(data), 4096) if draw.random() < 0.5 else len(data))
        width = min(draw.choice([1, 1, 2, 4, 8]), len(data) - place)
        how = draw.randrange(6)
        if how == 0:
            data[place] ^= 1 << draw.randrange(8)
        elif how == 1:
            data[place:place + width] = draw.randbytes(width)
        elif how == 2:
            data[place:place + width] = bytes([draw.choice([0, 1, 127, 128, 254, 255])] * width)
        elif how == 3:
            # A count that claims a thousand million.
            data[place:place + 4] = draw.choice([b"\0\xca\x9a\x3b", b"\x3b\x9a\xca\0", b"\xff\xff\xff\x7f"])
        elif how == 4:
            del data[place:place + draw.choice([1, 4, 100, len(data)])]
        else:
            data[place:place] = data[place:place + draw.choice([4, 64, 1000])]
        if not data:
            break
    return bytes(data)


def mutated_text(draw, data):
    text = data.decode(errors="replace")
    for _ in range(draw.choice([1, 1, 2, 3])):
        how = draw.randrange(8)
        numbers = list(re.finditer(r"-?\d+(\.\d*)?([eE][-+]?\d+)?", text))
        if how < 3 and numbers:
            found = draw.choice(numbers)
            text = text[:found.start()] + draw.choice(SPECIAL) + text[found.end():]
        elif how == 3:
            lines = text.split("\n")
            place = draw.randrange(len(lines))
            lines[place:place + 1] = draw.choice([[], [lines[place]] * 2, [lines[place] * 3], ["#"], ["," * 50], ["["] * 3])
            text = "\n".join(lines)
        elif how == 4 and text:
            place = draw.randrange(len(text))
            text = text[:place] + draw.choice(["\0", "\ufeff", "\r", "\"", "[" * 200000, "{\"a\":" * 50000, ",", "\u202e", "9" * 400]) \
                + text[place + 1:]
        elif how == 5:
            text = text[:draw.randrange(len(text) + 1)]
        elif how == 6:
            text = draw.choice(["\ufeff" + text, text.replace("\n", "\r\n"), text.replace(",", ";"), text.upper(), text + text])
        elif text:
            place = draw.randrange(len(text))
            text = text[:place] + chr(draw.choice([0, 9, 32, 34, 44, 46, 58, 91, 93, 123, 125, 127, 233, 0x4E00])) + text[place + 1:]
    return text.encode(errors="replace")


def run(job):
    program, kind, number, options = job
    draw = random.Random(f"{options.seed} {kind.name} {number}")
    folder = tempfile.mkdtemp(prefix="fuzz-")
    try:
        path = os.path.join(folder, "input" + kind.ending)
        with open(path, "wb") as file:
            file.write(mutated(draw, draw.choice(kind.files)))
        place = os.path.join(folder, "out")
        names = {"RECONSTRUCTED": options.reconstructed, "FILE": path, "OUT": place}

        def command(words):
            return [program] + [re.sub("|".join(names), lambda found: names[found[0]], word) for word in words]

        line = command(kind.words)
        code, errors, seconds, fault = limited_runs.run(line, ROOT, folder, options)
        if code == 0 and not fault and kind.then:
            line = command(kind.then)
            code, errors, more, fault = limited_runs.run(line, ROOT, folder, options)
            seconds = max(seconds, more)
        # The file of events that stands for a training has too few of them.
        few = kind.name == "specification JSON" and code == 1 and "too few" in errors
        if fault:
            result = fault
        elif code == 0 or few:
            result = "result"
        elif code in (64, 65) and ("error:" in errors.lower()):
            result = "error"
        else:
            result = f"exit {code}"
        if result not in ("result", "error"):
            limited_runs.keep(options, path, f"{number}-{kind.name.replace(' ', '-')}{kind.ending}", ".note",
                              f"{result}\n{' '.join(line)}\n{errors[-3000:]}\n")
        return number, kind.name, result, seconds
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    limited_runs.add_options(parser, "mutations of each kind")
    parser.add_argument("--kinds", help="kinds, with commas (default: all)")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no further run after this time")
    parser.add_argument("--resume", help="file with the counts so far: go on where an interrupted run of the same options ended")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    counts, slowest = collections.Counter(), collections.defaultdict(float)
    chosen = [kind for kind in kinds() if not options.kinds or kind.name in options.kinds.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        options.reconstructed = os.path.join(folder, "reconstructed.h5")
        subprocess.run([program, "reconstruct", EVENTS, "-o", options.reconstructed], cwd=ROOT, check=True, capture_output=True)
        fuzz(options, program, chosen, counts, slowest)
    write_table(options, chosen, counts, slowest)


def fuzz(options, program, chosen, counts, slowest):
    """Runs all jobs, and counts their results."""
    begin = time.monotonic()
    end = begin + 60 * options.minutes

    def batch(numbers):
        for number in numbers:
            for kind in chosen:
                # Slow commands take fewer turns where the time is limited.
                if options.minutes < 1e8 and random.Random(f"{number} {kind.name}").random() > kind.share:
                    continue
                if time.monotonic() > end:
                    return
                yield program, kind, number, options

    last = options.first + options.count
    first = resumed(options, counts, slowest)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for start in range(first, last, BATCH):
            numbers = range(start, min(start + BATCH, last))
            for number, name, result, seconds in pool.map(run, list(batch(numbers))):
                counts[name, result] += 1
                slowest[name] = max(slowest[name], seconds)
                if result not in ("result", "error"):
                    print(f"{number}: {name}: {result}", flush=True)
            save(options, counts, slowest, numbers.stop)
            print(f"{numbers.stop - options.first}/{options.count} of each kind, {time.monotonic() - begin:.0f} s",
                  file=sys.stderr, flush=True)


# Mutations between two states of --resume.
BATCH = 100


def resumed(options, counts, slowest):
    """The number to begin with: after those that --resume counts already."""
    if not options.resume or not os.path.exists(options.resume):
        return options.first
    state = json.load(open(options.resume))
    for name, result, count in state["counts"]:
        counts[name, result] = count
    slowest.update(state["slowest"])
    return state["next"]


def save(options, counts, slowest, following):
    if not options.resume:
        return
    state = {"next": following, "counts": [[*key, count] for key, count in counts.items()], "slowest": slowest}
    with open(options.resume + ".part", "w") as file:
        json.dump(state, file)
    os.replace(options.resume + ".part", options.resume)


def write_table(options, chosen, counts, slowest):
    """Prints the counts, writes them to the page, and exits with 1 where a run was not good."""
    lines = ["| input | command | runs | result | error 64 or 65 | other | slowest run [s] |", "|---|---|---|---|---|---|---|"]
    bad = 0
    for kind in chosen:
        results = {result: count for (name, result), count in counts.items() if name == kind.name}
        good = results.pop("result", 0), results.pop("error", 0)
        bad += sum(results.values())
        other = ", ".join(f"{count} {result}" for result, count in sorted(results.items())) or "0"
        commands = ", ".join(words[0] for words in (kind.words, kind.then) if words)
        lines.append(f"| {kind.name} | {commands} | {sum(good) + sum(results.values())} | {good[0]} | {good[1]} | {other} | "
                     f"{slowest[kind.name]:.1f} |")
    print("\n".join(lines))
    if options.report:
        with open(options.report, "w") as file:
            file.write(f"""# Mutated inputs that are no event files

`Tests/fuzz/other_files.py --count {options.count}`, {datetime.date.today()}, seed {options.seed}.
[Event files](fuzz-event-files.md) have a page of their own.

Each mutated file goes through the command that reads it. A good run ends with a result, or with
exit code 64 or 65 and a message. No run may crash, take longer than {options.limit:.0f} s, need more than
{options.memory} MiB of address space, or leave a `.part` file. The program's libraries are loaded
once; each run is a process of its own, forked just before the main function.

""" + "\n".join(lines) + "\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
