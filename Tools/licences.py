#!/usr/bin/env python3
"""Collects the licences of libraries, whose paths stand on standard input, and names their origin.

    Tools/licences.py DIR TOOLCHAIN-LIBRARIES < PATHS

DIR/ORIGIN has a line a library. A library of no Debian package is named there and on standard
error: its licence is then missing.
"""

import os
import re
import shutil
import subprocess
import sys

COMMON = re.compile(r"/usr/share/common-licenses/[\w.-]*\w")


def packages(paths):
    """Debian packages by path. A file is known by its name before or after /usr was merged."""
    names = {name: path for path in paths for name in (path, path.removeprefix("/usr"))}
    answer = subprocess.run(["dpkg", "-S", *names], capture_output=True, text=True).stdout
    rows = (line.rsplit(": ", 1) for line in answer.splitlines())
    return {names[path]: owners.split(",")[0].split(":")[0] for owners, path in rows if path in names}


def described(package):
    form = "Debian package ${Package} ${Version}, source ${source:Package}\n"
    shown = subprocess.run(["dpkg-query", "-W", "-f", form, package], capture_output=True, text=True)
    return shown.stdout.splitlines()[0]


def main():
    folder, toolchain = sys.argv[1:]
    libraries = [line.strip() for line in sys.stdin if line.strip()]
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile("LICENSE", f"{folder}/airshower")
    for package in ("swift-argument-parser", "swift-log"):
        shutil.copyfile(f".build/checkouts/{package}/LICENSE.txt", f"{folder}/{package}")
    shutil.copyfile(f"{toolchain}/../../../share/swift/LICENSE.txt", f"{folder}/swift")
    version = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    swift = version.splitlines()[0]

    real = {path: os.path.realpath(path) for path in libraries if not path.startswith(toolchain)}
    owners = packages(real.values())
    with open(f"{folder}/ORIGIN", "w") as origin:
        print("Origin of the libraries in lib/airshower. Debian keeps the source text of each", file=origin)
        print("version at https://snapshot.debian.org.\n", file=origin)
        for path in libraries:
            name, owner = os.path.basename(path), owners.get(real.get(path))
            if path not in real:
                print(f"{name}: {swift}", file=origin)
            elif owner:
                shutil.copyfile(f"/usr/share/doc/{owner}/copyright", f"{folder}/{owner}")
                print(f"{name}: {described(owner)}", file=origin)
            else:
                print(f"{name}: {real[path]}", file=origin)
                print(f"licences.py: {real[path]}: of no Debian package, add its licence", file=sys.stderr)

    # The texts that Debian's files refer to.
    texts = (open(f"{folder}/{name}", errors="replace").read() for name in os.listdir(folder))
    common = sorted({text for page in texts for text in COMMON.findall(page)})
    os.makedirs(f"{folder}/common")
    for text in filter(os.path.exists, common):
        shutil.copyfile(text, f"{folder}/common/{os.path.basename(text)}")


if __name__ == "__main__":
    main()
