"""Mutates small event files and runs airshower on each: no run may crash, hang, or take too much memory.

    event_files.py AIRSHOWER --count 10000 --seed 1 --report Documentation/results/fuzz-event-files.md

Three kinds of mutation: bytes of metadata, the same with their check sums mended, and values (NaN, infinities, huge and
negative numbers) written by h5py. Each file goes through one command, chosen by the seed. A run counts as good where it
ends with 0 or with a documented exit code and a message that names the file. Bad inputs are kept in --keep.
The same seed gives the same files. Needs python3-h5py and numpy.
"""

import argparse
import collections
import concurrent.futures
import datetime
import os
import random
import shutil
import struct
import sys
import tempfile

import h5py
import limited_runs
import numpy

SIGNATURES = [b"OHDR", b"OCHK", b"EAHD", b"EAIB", b"EASB", b"EADB", b"FAHD", b"FADB", b"FRHP", b"FHDB", b"FHIB",
              b"BTHD", b"BTIN", b"BTLF", b"GCOL", b"TREE", b"HEAP", b"SNOD", b"\x89HDF"]
# Share of runs of each command; `compare` draws figures and takes longest.
COMMANDS = [("inspect", 35), ("reconstruct", 35), ("correct", 12), ("show", 13), ("compare", 5)]
MASK = 0xFFFFFFFF


def rotated(value, bits):
    return ((value << bits) | (value >> (32 - bits))) & MASK


def checksum(data):
    """Bob Jenkins' lookup3, by which HDF5 protects metadata."""
    length = len(data)
    a = b = c = (0xDEADBEEF + length) & MASK
    position = 0
    while length > 12:
        x, y, z = struct.unpack_from("<III", data, position)
        a, b, c = (a + x) & MASK, (b + y) & MASK, (c + z) & MASK
        a = (a - c) & MASK; a ^= rotated(c, 4); c = (c + b) & MASK
        b = (b - a) & MASK; b ^= rotated(a, 6); a = (a + c) & MASK
        c = (c - b) & MASK; c ^= rotated(b, 8); b = (b + a) & MASK
        a = (a - c) & MASK; a ^= rotated(c, 16); c = (c + b) & MASK
        b = (b - a) & MASK; b ^= rotated(a, 19); a = (a + c) & MASK
        c = (c - b) & MASK; c ^= rotated(b, 4); b = (b + a) & MASK
        position += 12
        length -= 12
    if length == 0:
        return c
    x, y, z = struct.unpack("<III", data[position:position + length] + bytes(12 - length))
    a, b, c = (a + x) & MASK, (b + y) & MASK, (c + z) & MASK
    for first, second, bits in (("c", "b", 14), ("a", "c", 11), ("b", "a", 25), ("c", "b", 16), ("a", "c", 4),
                                ("b", "a", 14), ("c", "b", 24)):
        values = {"a": a, "b": b, "c": c}
        values[first] = ((values[first] ^ values[second]) - rotated(values[second], bits)) & MASK
        a, b, c = values["a"], values["b"], values["c"]
    return c


def blocks(content):
    """Start and length of metadata blocks; a length of 0 where the end is not known."""
    found = []
    for signature in SIGNATURES:
        start = content.find(signature)
        while start >= 0:
            found.append((start, protected_length(content, start, signature)))
            start = content.find(signature, start + 1)
    return sorted(found)


def protected_length(content, start, signature):
    """Bytes before the check sum, 0 where the block has none or its end is not found."""
    if signature in (b"GCOL", b"TREE", b"HEAP", b"SNOD"):
        return 0
    candidates = range(8, 700)
    if signature == b"OHDR":
        flags = content[start + 5]
        size = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        length = int.from_bytes(content[start + size:start + size + width], "little")
        candidates = [size + width + length]
    for length in candidates:
        stored = content[start + length:start + length + 4]
        if len(stored) == 4 and checksum(content[start:start + length]) == int.from_bytes(stored, "little"):
            return length
    return 0


class Base:
    """A good file, and where its metadata are."""

    def __init__(self, path):
        self.path = path
        self.content = open(path, "rb").read()
        self.blocks = blocks(self.content)
        with h5py.File(path) as file:
            self.columns = []
            file.visititems(
                lambda name, item: self.columns.append(name) if isinstance(item, h5py.Dataset) else None)

    def mutate(self, number, seed, target):
        """Writes the mutation of a number; returns its kind."""
        draw = random.Random(f"{seed} {number} {os.path.basename(self.path)}")
        kind = draw.choice(["metadata", "mended metadata", "mended metadata", "values"])
        if kind == "values":
            shutil.copy(self.path, target)
            self.change_values(draw, target)
            return kind
        content = bytearray(self.content)
        for _ in range(draw.choice([1, 1, 1, 2, 4])):
            start, length = draw.choice(self.blocks)
            self.change_bytes(draw, content, start, length or 64)
            if kind == "mended metadata" and length:
                sum_of_block = checksum(bytes(content[start:start + length]))
                content[start + length:start + length + 4] = struct.pack("<I", sum_of_block)
        open(target, "wb").write(content)
        return kind

    @staticmethod
    def change_bytes(draw, content, start, length):
        place = start + draw.randrange(4, max(length, 5))
        width = draw.choice([1, 1, 1, 2, 4, 8])
        width = max(1, min(width, start + length - place, len(content) - place))
        how = draw.randrange(4)
        if how == 0:
            content[place] ^= 1 << draw.randrange(8)
        elif how == 1:
            content[place:place + width] = draw.randbytes(width)
        elif how == 2:
            content[place:place + width] = bytes([draw.choice([0, 1, 127, 128, 254, 255])] * width)
        else:
            value = int.from_bytes(content[place:place + width], "little") + draw.choice([-8, -1, 1, 2, 16, 255])
            content[place:place + width] = (value % (1 << 8 * width)).to_bytes(width, "little")

    def change_values(self, draw, target):
        special = [float("nan"), float("inf"), -float("inf"), 1e300, -1e300, 1e18, -1.0, 0.0, 0.5, 1e-300, 3.0, 255.0]
        with h5py.File(target, "r+") as file:
            for _ in range(draw.choice([1, 1, 2, 3])):
                column = file[draw.choice(self.columns)]
                if column.size == 0:
                    continue
                values = column[()]
                value = draw.choice(special)
                if values.dtype.kind in "iu":
                    limits = numpy.iinfo(values.dtype)
                    value = draw.choice([limits.min, limits.max, 0, 1, draw.randrange(1000)])
                    value = min(max(value, limits.min), limits.max)
                if draw.random() < 0.5:
                    values[...] = value
                else:
                    values.flat[draw.randrange(values.size)] = value
                column[...] = values


def command(name, program, path, folder, network):
    output = os.path.join(folder, "out")
    if name == "inspect":
        return [program, "inspect", path]
    if name == "reconstruct":
        return [program, "reconstruct", path, "--output", output + ".h5"]
    if name == "correct":
        return [program, "correct", path, "--network", network, "--output", output + ".h5", "--overwrite", "--any-reconstruction"]
    if name == "show":
        return [program, "show", path, "--output", output + ".png"]
    return [program, "compare", path, "--replicas", "10", "--output", output]


def run(job):
    program, base, number, options = job
    draw = random.Random(f"{options.seed} {number} command")
    name = draw.choices([n for n, _ in COMMANDS], [w for _, w in COMMANDS])[0]
    folder = tempfile.mkdtemp(prefix="fuzz-")
    try:
        path = os.path.join(folder, "input.h5")
        kind = base.mutate(number, options.seed, path)
        arguments = command(name, program, path, folder, options.network)
        code, errors, seconds, fault = limited_runs.run(arguments, folder, folder, options)
        if fault:
            result = fault
        elif code == 0:
            result = "result"
        elif code == 65 and "input.h5" in errors:
            result = "error"
        elif code == 1 and name in ("compare", "show") and "error" in errors:
            result = "exit 1"
        else:
            result = f"exit {code}"
        if result not in ("result", "error"):
            limited_runs.keep(options, path, f"{number}-{name}.h5", ".txt", f"{result}\n{' '.join(arguments)}\n{errors[-3000:]}\n")
        return number, name, kind, result, seconds
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    limited_runs.add_options(parser, "mutations")
    parser.add_argument("--network", default="reference", help="of correct (default %(default)s)")
    parser.add_argument("base", nargs="*", help="good files to mutate (default: the fixture)")
    options = parser.parse_args()
    fixture = os.path.join(os.path.dirname(__file__), "..", "..", "Fixtures", "damaged", "valid-20.h5")
    bases = [Base(path) for path in options.base or [fixture]]
    program = os.path.abspath(options.program)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    counts = collections.Counter()
    slowest = collections.defaultdict(float)
    jobs = ((program, bases[n % len(bases)], n, options) for n in range(options.first, options.first + options.count))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done, (number, name, kind, result, seconds) in enumerate(pool.map(run, jobs), 1):
            counts[name, kind, result] += 1
            slowest[name] = max(slowest[name], seconds)
            if result not in ("result", "error"):
                print(f"{number}: {name}, {kind}: {result}", flush=True)
            if done % max(options.count // 20, 1) == 0:
                print(f"{done}/{options.count}", file=sys.stderr, flush=True)
    lines = table(counts, slowest)
    print("\n".join(lines))
    if options.report:
        write_report(options, lines)
    bad = sum(count for (_, _, result), count in counts.items() if result not in ("result", "error"))
    sys.exit(1 if bad else 0)


def table(counts, slowest):
    lines = ["| command | mutation | runs | result | error 65 | other | slowest run [s] |",
             "|---|---|---|---|---|---|---|"]
    for name, _ in COMMANDS:
        for kind in ("metadata", "mended metadata", "values"):
            runs = {r: c for (n, k, r), c in counts.items() if (n, k) == (name, kind)}
            good = runs.pop("result", 0), runs.pop("error", 0)
            other = ", ".join(f"{c} {r}" for r, c in sorted(runs.items())) or "0"
            total = sum(good) + sum(runs.values())
            lines.append(f"| {name} | {kind} | {total} | {good[0]} | {good[1]} | {other} | {slowest[name]:.1f} |")
    return lines


def write_report(options, lines):
    page = f"""# Mutated event files

`make fuzz`, {datetime.date.today()}, seed {options.seed}, {options.count} mutations of a file of 20 events.

Each mutated file goes through one command. A good run ends with a result, or with exit code 65
and a message that names the file. No run may crash, take longer than {options.limit:.0f} s, need more than
{options.memory} MiB of address space, or leave a `.part` file. "Mended" means that the check sums
of HDF5 fit the changed bytes.

"""
    with open(options.report, "w") as file:
        file.write(page + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
