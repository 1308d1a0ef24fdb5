"""The summary of a report of `airshower compare`."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .exceptions import ComparisonError
from .frames import pandas_module

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Estimate:
    """A number with percentile intervals of the bootstrap over showers.

    Attributes:
        value: on the sample.
        low68, high68: ends of the 68 % interval.
        low95, high95: ends of the 95 % interval.
    """

    value: float
    low68: float
    high68: float
    low95: float
    high95: float

    @property
    def uncertainty(self) -> float:
        """Half the width of the 95 % interval."""
        return (self.high95 - self.low95) / 2

    def __format__(self, spec: str) -> str:
        spec = spec or ".3g"
        return f"{self.value:{spec}} ± {self.uncertainty:{spec}}"

    def __str__(self) -> str:
        return format(self, "")


class Summary(Mapping[str, Any]):
    """summary.json of a report. Numbers are named by their path below `results`.

    ::

        summary = Summary.read("report")
        summary["nuclei/whole/space_angle/reference/width68"].value

    An estimate is an `Estimate`. A number that does not exist is None.
    Documentation/summary-keys.md defines all keys.
    """

    def __init__(self, content: dict[str, Any], source: str = "") -> None:
        self.content = content
        self.source = source

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Summary:
        """The summary of a report.

        Args:
            path: folder of the report, or summary.json itself.

        Raises:
            ComparisonError: there is no summary, or it is of another version.
        """
        file = Path(path)
        if file.is_dir():
            file = file / "summary.json"
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ComparisonError(f"{file}: cannot be read ({error})") from error
        version = str(content.get("schema_version", "")) if isinstance(content, dict) else ""
        if version.split(".")[0] != "4":
            raise ComparisonError(
                f"{file}: schema_version {version!r}, but this package reads 4.x. "
                "Run airshower compare again"
            )
        return cls(content, str(file))

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        return str(self.content["verdict"])

    @property
    def warnings(self) -> list[str]:
        """What to mistrust."""
        return [str(warning) for warning in self.content["warnings"]]

    @property
    def methods(self) -> list[str]:
        """Names of the methods, the standard one first."""
        return [str(method["name"]) for method in self.content["methods"]]

    @property
    def headline(self) -> str | None:
        """The method that the verdict is about."""
        name: str | None = self.content.get("headline")
        return name

    def __getitem__(self, path: str) -> Any:
        """A number, an `Estimate`, a text, or a part of the results as a dictionary.

        Raises:
            KeyError: there is no such path. The message names the nearest key.
        """
        found: Any = self.content["results"]
        for key in path.split("/"):
            if not isinstance(found, dict) or key not in found:
                known = list(found) if isinstance(found, dict) else []
                near = difflib.get_close_matches(key, known, 1, 0)
                hint = f"; the nearest is {near[0]!r}" if near else ""
                raise KeyError(f"{self.source}: {path}: there is no {key!r}{hint}")
            found = found[key]
        return _estimate(found)

    def __iter__(self) -> Iterator[str]:
        """The paths of all numbers and texts."""
        return (path for path, _ in _leaves(self.content["results"], ""))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def frame(self) -> pandas.DataFrame:
        """All estimates as a DataFrame, a row a path: value, low68, high68, low95, high95.

        Raises:
            MissingExtra: pandas is not installed.
        """
        rows = {path: vars(value) for path, value in self.items() if isinstance(value, Estimate)}
        return pandas_module().DataFrame.from_dict(rows, orient="index")

    def __repr__(self) -> str:
        return f"<Summary {self.source!r}: {self.verdict}>"


def _estimate(found: Any) -> Any:
    """An estimate where a dictionary is one. Its numbers are NaN where they do not exist."""
    if isinstance(found, dict) and found.keys() == Estimate.__dataclass_fields__.keys():
        return Estimate(**{k: float("nan") if v is None else v for k, v in found.items()})
    return found


def _leaves(found: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(found, dict) and found.keys() != Estimate.__dataclass_fields__.keys():
        for key, value in found.items():
            yield from _leaves(value, f"{path}/{key}" if path else key)
    else:
        yield path, found
