#!/usr/bin/env python3
"""Headers and particle rows of CORSIKA files as our reader gives them against corsikaio, bit for bit.

Usage: Benchmarks/corsika-rows.py CORSIKA-VALIDATION FILE...      (needs `pip install corsikaio`)

Prints a Markdown table; exits with 1 where a bit differs.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from corsikaio import CorsikaParticleFile


def bits(array):
    return np.ascontiguousarray(array, dtype="<f4").view("<u4")


def main():
    program, files = sys.argv[1], sys.argv[2:]
    different = False
    print("| file | events | rows | headers and ends | rows equal, bit for bit |\n|---|---|---|---|---|")
    for path in files:
        with tempfile.TemporaryDirectory() as folder:
            dump = Path(folder) / "dump"
            subprocess.run([program, "dump", path, "--output", dump], check=True)
            ours = dump.read_bytes()
        offset = 0

        def take(count, dtype):
            nonlocal offset
            array = np.frombuffer(ours, dtype, count, offset)
            offset += array.nbytes
            return array

        def words(header):
            # A named array of one row, without the padding of thinned files.
            return np.frombuffer(np.ascontiguousarray(header).tobytes(), "<f4")[:273]

        events, rows, headers, equal = 0, 0, True, True
        with open(path, "rb") as start:
            thinning = int.from_bytes(start.read(4), "little") == 26208
        with CorsikaParticleFile(path, parse_blocks=False, thinning=thinning) as file:
            headers &= np.array_equal(bits(take(273, "<f4")), bits(words(file.run_header)))
            for event in file:
                count = int(take(1, "<i8")[0])
                mine = take(8 * count, "<f4").reshape(count, 8)
                theirs = np.asarray(event.particles)
                theirs = theirs[theirs[:, 0] != 0]
                equal &= theirs.shape[0] == count
                equal &= np.array_equal(bits(mine[:, : theirs.shape[1]]), bits(theirs))
                headers &= np.array_equal(bits(take(273, "<f4")), bits(words(event.header)))
                headers &= np.array_equal(bits(take(273, "<f4")), bits(words(event.end)))
                events += 1
                rows += count
        equal &= offset == len(ours)
        different |= not (equal and headers)
        print(f"| {Path(path).name} | {events} | {rows} | {'equal' if headers else 'DIFFERENT'} | {'yes' if equal else 'NO'} |")
    sys.exit(1 if different else 0)


main()
