"""Runs of the program on mutated inputs, with little memory and time: what event_files.py and other_files.py share."""

import atexit
import os
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
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


class Server:
    """The program with its libraries loaded, which forks for each run: fork_server.c says how it is asked."""

    shared = None

    def __init__(self, program, library):
        environment = dict(os.environ, LD_PRELOAD=Server.preloaded(), **({"RUNS_LIBRARY": library} if library else {}))
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0)

    @staticmethod
    def preloaded():
        """The library that makes a server of the program, compiled once."""
        with LOCK:
            if not Server.shared:
                folder = tempfile.mkdtemp(prefix="fork-server-")
                atexit.register(shutil.rmtree, folder, ignore_errors=True)
                source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fork_server.c")
                library = os.path.join(folder, "fork_server.so")
                subprocess.run(["clang", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", source, "-o", library, "-ldl"], check=True)
                Server.shared = library
        return Server.shared

    def run(self, arguments, where, messages, memory, limit):
        """The exit code of a command as subprocess gives it, or None where it took longer than `limit` seconds and was killed."""
        words = b"".join(word.encode() + b"\0" for word in [messages, where, str(memory)] + arguments)
        self.process.stdin.write(struct.pack("<I", len(words)) + words)
        child = self.answer()
        hung = not select.select([self.process.stdout], [], [], limit)[0]
        if hung:
            os.kill(child, signal.SIGKILL)
        status = self.answer()
        return None if hung else os.waitstatus_to_exitcode(status)

    def answer(self):
        received = b""
        while len(received) < 4:
            more = self.process.stdout.read(4 - len(received))
            if not more:
                raise RuntimeError(f"the server ended with {self.process.wait()}")
            received += more
        return struct.unpack("<i", received)[0]


LOCK = threading.Lock()
OWN = threading.local()


def server(program, needs_torch):
    """The server of this thread; that of commands which need libtorch has it loaded."""
    library = os.path.join(os.path.dirname(program), "libairshower-torch.so") if needs_torch else ""
    key = program, library
    if not hasattr(OWN, "servers"):
        OWN.servers = {}
    if key not in OWN.servers:
        OWN.servers[key] = Server(program, library)
    return OWN.servers[key]


def run(arguments, where, folder, options):
    """Runs a command in the folder `where`: its exit code (None: it hung), messages, seconds, and what is wrong in any case.

    The last is None where code and messages decide; `folder` is that of input and output.
    """
    started = time.monotonic()
    messages = os.path.join(folder, "messages")
    needs_torch = any(word in ("correct", "train") or word.endswith(".pt") for word in arguments)
    code = server(arguments[0], needs_torch).run(arguments, where, messages, options.memory << 20, options.limit)
    with open(messages, errors="replace") as file:
        errors = file.read()
    left = [entry for entry in os.listdir(folder) if entry.endswith(".part")]
    fault = None
    if code is None:
        fault = "hang"
    elif code < 0 or code in (99, 132, 134, 139):
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
