#!/usr/bin/python3
"""Whether event files hold the same, but for how they were made. Usage: same-content.py FILE FILE...

Compares every dataset byte for byte (failed rows hold NaN, which equals nothing) and every attribute but PROVENANCE.
"""
import sys

import h5py


def members(file):
    names = ["/"]
    file.visit(names.append)
    return sorted(names)


def attributes(item):
    return {name: str(value) for name, value in item.attrs.items() if name != "PROVENANCE"}


def difference(one, two):
    if members(one) != members(two):
        return "other groups: " + ", ".join(sorted(set(members(one)) ^ set(members(two))))
    for name in members(one):
        a, b = one[name], two[name]
        if attributes(a) != attributes(b):
            return f"{name}: other attributes"
        if not isinstance(a, h5py.Dataset):
            continue
        if a.shape != b.shape or a.dtype != b.dtype:
            return f"{name}: {a.dtype} {a.shape} and {b.dtype} {b.shape}"
        for start in range(0, a.shape[0], 65536):
            rows = slice(start, start + 65536)
            if a[rows].tobytes() != b[rows].tobytes():
                return f"{name}: other values from row {start} on"
    return None


with h5py.File(sys.argv[1]) as reference:
    for path in sys.argv[2:]:
        with h5py.File(path) as other:
            found = difference(reference, other)
        if found:
            sys.exit(f"{sys.argv[1]} and {path}: {found}")
