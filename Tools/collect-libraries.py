#!/usr/bin/env python3
"""Copies the libraries that programs need into a folder, so that they run on another machine.

    Tools/collect-libraries.py FOLDER FILE... [--only DIR]

Each FILE is a program or a plug-in. Libraries of glibc stay behind: they belong to the machine. A
library that is named but gives no symbol is dropped: libtorch of Debian names 24 of them, OpenCV
and FFmpeg too. Programs and copies look for each other by $ORIGIN, and are stripped.

--only DIR copies the libraries of DIR (those of the Swift toolchain) and leaves all others to the
machine. Run paths to other folders are kept.

Needs binutils and patchelf. Prints the path of each library that it copied.
"""

import argparse
import functools
import os
import re
import shutil
import subprocess

GLIBC = re.compile(r"(ld-linux[^.]*|lib(c|m|mvec|dl|pthread|rt|resolv|util|anl|nss_.*))\.so")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed(file):
    names = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-d", file))
    return [name for name in names if not GLIBC.match(name)]


def locations(file):
    """Where the loader finds each library that a file needs, directly or not."""
    text = output("ldd", file)
    missing = re.findall(r"(\S+) => not found", text)
    if missing:
        raise SystemExit(f"collect-libraries.py: {file}: not found: {', '.join(missing)}")
    return {name: path for name, path in re.findall(r"(\S+) => (/\S+)", text)}


def symbols(file, which):
    lines = output("nm", "--dynamic", f"--{which}-only", file).splitlines()
    return {line.split()[-1].split("@")[0] for line in lines if line}


def run_path(file, folder, keep):
    """$ORIGIN-relative path to the folder, and those run paths that `keep` accepts."""
    relative = os.path.relpath(folder, os.path.dirname(os.path.abspath(file)))
    old = output("patchelf", "--print-rpath", file).strip().split(":")
    paths = ["$ORIGIN" if relative == "." else f"$ORIGIN/{relative}"]
    return ":".join(paths + [path for path in old if path.startswith("/") and keep(path)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--only", metavar="DIR", help="copy the libraries of this folder alone")
    arguments = parser.parse_args()
    only = arguments.only and os.path.realpath(arguments.only)

    places = {}
    for file in arguments.files:
        places.update(locations(file))
    defined = functools.cache(lambda name: symbols(places[name], "defined"))

    def belongs(name):
        return not only or os.path.dirname(os.path.realpath(places[name])) == only

    copies, waiting = {}, list(arguments.files)
    edited = []
    while waiting:
        file = waiting.pop()
        wanted = symbols(file, "undefined")
        candidates = [name for name in needed(file) if belongs(name)]
        used = [name for name in candidates if wanted & defined(name)]
        edited.append((file, [name for name in candidates if name not in used]))
        for name in used:
            if name in copies:
                continue
            copies[name] = os.path.join(arguments.folder, name)
            shutil.copyfile(places[name], copies[name])
            os.chmod(copies[name], 0o755)
            waiting.append(copies[name])

    for file, unused in edited:
        path = run_path(file, arguments.folder, lambda path: bool(only) and path != only)
        for name in unused:
            subprocess.run(["patchelf", "--remove-needed", name, file], check=True)
        subprocess.run(["strip", "--strip-unneeded", file], check=True)
        subprocess.run(["patchelf", "--set-rpath", path, file], check=True)
    for name in sorted(copies):
        print(places[name])


if __name__ == "__main__":
    main()
