"""Running the program airshower with keyword arguments."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

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
        options: as for `arguments`. `quiet` is set, unless it is given.

    Returns:
        What the command wrote to standard output.

    Raises:
        ProgramError: the command failed. Its message is that of the program.
        ProgramMissing: the program was not found.
    """
    words = [find_program(), *arguments(command, inputs, options)]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace"
    )
    if done.returncode != 0:
        raise ProgramError(["airshower", *words[1:]], done.returncode, _message(done.stderr))
    return done.stdout


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
