"""The errors of the package. Each message says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class EventFileError(Exception):
    """An event file, or another file of airshower, cannot be used.

    The message names the file, the place in it and the remedy.
    """


class SelectionError(Exception):
    """Quality cuts that are unknown or have a wrong limit."""


class WriteError(Exception):
    """Events that cannot be written: wrong shapes, unknown stations, or a file that exists."""


class ComparisonError(Exception):
    """Events, methods or quantities that cannot be compared."""


class MissingExtra(ImportError):
    """A function needs an optional package. The message has the command that installs it."""

    def __init__(self, package: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs {package}, which is not installed: pip install airshower[{package}]"
        )


class ProgramError(Exception):
    """A command of airshower failed.

    Attributes:
        command: the command with its arguments.
        exit_code: 1 run failed, 64 wrong use, 65 unusable input, 73 output exists or cannot be
            made, 130 interrupted; negative for a signal.
        message: what the program wrote about the error.
    """

    def __init__(self, command: Sequence[str], exit_code: int, message: str) -> None:
        super().__init__(message or f"{command[0]} ended with exit code {exit_code}")
        self.command = tuple(command)
        self.exit_code = exit_code
        self.message = message


class ProgramMissing(Exception):
    """The program airshower was not found."""
