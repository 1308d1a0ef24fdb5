"""Runs of the program on mutated inputs, with little memory and time: what event_files.py and other_files.py share."""

import os
import resource
import shutil
import signal
import subprocess
import time


def add_options(parser, mutations):
    parser.add_argument("program", help="airshower, built for release")
    parser.add_argument("--count", type=int, default=10000, help=f"{mutations} (default %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first mutation")
    parser.add_argument("--seed", type=int, default=1, help="(default %(default)s)")
    parser.add_argument("--limit", type=float, default=40, help="longest run [s] (default %(default)s)")
    parser.add_argument("--memory", type=int, default=8192, help="address space of a run [MiB] (default %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time (default %(default)s)")
    parser.add_argument("--keep", help="folder for inputs whose run was not good")
    parser.add_argument("--report", help="page with the counts")


def limit_memory(most):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    return limit


def run(arguments, where, folder, options):
    """Runs a command in the folder `where`: its exit code (None: it hung), messages, seconds, and what is wrong in any case.

    The last is None where code and messages decide; `folder` is that of input and output.
    """
    started = time.monotonic()
    process = subprocess.Popen(arguments, cwd=where, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, preexec_fn=limit_memory(options.memory << 20))
    try:
        errors = process.communicate(timeout=options.limit)[1].decode(errors="replace")
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        code, errors = None, ""
    left = [entry for entry in os.listdir(folder) if entry.endswith(".part")]
    fault = None
    if code is None:
        fault = "hang"
    elif code < 0 or code in (132, 134, 139):
        fault = f"crash ({signal.Signals(-code).name if code < 0 else code})"
    elif left:
        fault = "left " + left[0]
    return code, errors, time.monotonic() - started, fault


def keep(options, path, name, note, text):
    """Copies an input whose run was not good, with a note beside it."""
    if not options.keep:
        return
    os.makedirs(options.keep, exist_ok=True)
    kept = os.path.join(options.keep, name)
    shutil.copy(path, kept)
    with open(kept + note, "w") as file:
        file.write(text)
