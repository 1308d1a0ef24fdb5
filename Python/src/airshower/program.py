"""Running the program airshower with keyword arguments."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from .exceptions import ProgramError, ProgramMissing

Path = str | os.PathLike[str]


def find_program() -> str:
    """The program: that of the environment variable AIRSHOWER_BINARY, else that of the PATH.

    Raises:
        ProgramMissing: there is none.
    """
    named = os.environ.get("AIRSHOWER_BINARY")
    if named:
        if os.access(named, os.X_OK):
            return named
        raise ProgramMissing(f"AIRSHOWER_BINARY={named}: no program. Name the program airshower")
    found = shutil.which("airshower")
    if found is None:
        raise ProgramMissing(
            "the program airshower is not in the PATH. Install it, or set AIRSHOWER_BINARY to its "
            "path. The package needs it to run commands only, not to read files"
        )
    return found


def arguments(command: str, inputs: Sequence[Path], options: dict[str, Any]) -> list[str]:
    """The arguments of a command.

    - `max_zenith=60` becomes `--max-zenith=60`.
    - `overwrite=True` becomes `--overwrite`. False and None are left out.
    - A list repeats its option: `network=["a.pt", "b.pt"]`.
    - A pair of numbers is a range: `energy=(1, 300)` becomes `--energy=1:300`.

    Args:
        command: name of the command, like `simulate`.
        inputs: input files.
        options: options with underscores in place of dashes.
    """
    words = [command]
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        for each in value if isinstance(value, list) else [value]:
            words.append(flag if each is True else f"{flag}={_text(each)}")
    # What follows -- is no option, whatever it begins with.
    return words + (["--", *(os.fspath(path) for path in inputs)] if inputs else [])


def run(command: str, *inputs: Path, **options: Any) -> str:
    """Runs a command of airshower and waits for its end.

    ::

        run("simulate", events=800, energy=(1, 300), seed=2, output="events.h5")

    Args:
        command: name of the command.
        inputs: input files.
        options: as for `arguments`. With `quiet=False` the messages and the progress of the
            program appear on standard error while it runs.

    Returns:
        What the command wrote to standard output.

    Raises:
        ProgramError: the command failed. Its message is that of the program.
        ProgramMissing: the program was not found.
    """
    words = [find_program(), *arguments(command, inputs, options)]
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        code, errors = _wait(words, output, shows=options.get("quiet") is False)
        if code != 0:
            raise ProgramError(["airshower", *words[1:]], code, _message(errors))
        output.seek(0)
        return output.read()


def _wait(words: Sequence[str], output: IO[str], shows: bool) -> tuple[int, str]:
    """Runs a program to its end: its exit code, and what it wrote to standard error.

    Ctrl-C is passed on to it, so that it ends without a part of an output.
    """
    said = []
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for line in process.stderr or ():
                said.append(line)
                if shows:
                    sys.stderr.write(line)
            return process.wait(), "".join(said)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ":".join(str(part) for part in value)
    return str(os.fspath(value)) if isinstance(value, os.PathLike) else str(value)


def _message(errors: str) -> str:
    """The lines about the error, without progress and usage."""
    kept: list[str] = []
    for line in errors.replace("\r", "\n").splitlines():
        for start in ("airshower: error: ", "Error: "):
            if line.startswith(start):
                kept.append(line.removeprefix(start))
                break
        else:
            if kept and line.startswith("  ") and not line.startswith("  See "):
                kept.append(line)
    return "\n".join(kept) or errors.strip()
