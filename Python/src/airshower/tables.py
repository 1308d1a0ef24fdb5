"""Groups of an event file as structured arrays: a group is a table, a dataset is a column."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from .exceptions import EventFileError

Table = npt.NDArray[np.void]
"""A structured array: a row an event, a hit or a station."""
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def text(item: Any, name: str, default: str = "") -> str:
    """A text attribute of a file, group or dataset.

    Files of format 1.3.1 and later have texts of fixed length, which h5py gives as bytes. Older
    files have texts of variable length.

    Args:
        item: h5py file, group or dataset.
        name: name of the attribute.
        default: the text where the attribute does not exist.
    """
    value = item.attrs.get(name, default)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def columns(group: Any) -> list[str]:
    """The names of the columns of a group: its datasets of at least one dimension."""
    return [
        name for name in group if isinstance(group[name], h5py.Dataset) and group[name].ndim >= 1
    ]


def units(group: Any) -> dict[str, str]:
    """The unit of each column of a group, as its attribute UNIT says. "1" has no unit."""
    return {name: text(group[name], "UNIT", "1") for name in columns(group)}


def descriptions(group: Any) -> dict[str, str]:
    """The meaning of each column of a group, as its attribute DESCRIPTION says."""
    return {name: text(group[name], "DESCRIPTION") for name in columns(group)}


def meanings(dataset: Any) -> dict[int, str]:
    """The names of the numbers of a column like `status`; empty for other columns."""
    parts = (part.split("=", 1) for part in text(dataset, "MEANINGS").split(", ") if "=" in part)
    return {int(number): name for number, name in parts}


def read_table(
    group: Any,
    rows: slice = slice(None),
    defaults: Mapping[str, tuple[str, Any]] | None = None,
    without: Collection[str] = (),
) -> Table:
    """A group as a structured array, with the byte order of this machine.

    Args:
        group: h5py group.
        rows: rows to read.
        defaults: type and value of columns that older files lack.
        without: columns to leave out.

    Returns:
        Array of shape (rows,). A column of several numbers a row is a subarray.

    Raises:
        EventFileError: the columns have different numbers of rows.
    """
    names = [name for name in columns(group) if name not in without]
    lengths = {name: len(group[name]) for name in names}
    if len(set(lengths.values())) > 1:
        raise EventFileError(
            f"{group.file.filename}: the columns of {group.name} have different numbers of rows: "
            f"{lengths}. Write the file again"
        )
    parts = {name: group[name][rows] for name in names}
    count = len(next(iter(parts.values()))) if parts else 0
    for name, (kind, value) in (defaults or {}).items():
        if name not in parts:
            parts[name] = np.full(count, value, kind)
    kinds = [
        (name, part.dtype.newbyteorder("="), part.shape[1:]) for name, part in parts.items()
    ]
    table = np.empty(count, kinds)
    for name, part in parts.items():
        table[name] = part
    return table


def floats(table: Table, name: str) -> Floats:
    """A column of a structured array as float64."""
    return np.asarray(table[name], np.float64)
