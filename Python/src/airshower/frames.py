"""Event files as tables of pandas."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .compared_events import ComparedEvents
from .event_file import EventFile
from .exceptions import MissingExtra
from .quantities import QUANTITIES
from .tables import Table

if TYPE_CHECKING:
    import pandas

MAIN_QUANTITIES = ("space_angle", "ln_energy", "core_distance")
"""Direction, energy and core."""


def pandas_module() -> Any:
    """The module pandas.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise MissingExtra("pandas", "a DataFrame") from error
    return pandas


def read_results(
    file: EventFile | str | os.PathLike[str], methods: Iterable[str] | None = None
) -> pandas.DataFrame:
    """The truth and the results of all methods as a DataFrame, a row an event.

    Columns have two levels: the table and its column, as in `frame["standard", "zenith"]`. Tables
    are `truth`, where there is one, and the methods. The index is `event_id`.

    `frame.attrs["units"]` has the unit of each column: angles in rad, energies as log10(E/eV),
    positions in m, times in ns. `frame.attrs["meanings"]` has the names of the numbers of columns
    like `status`.

    Args:
        file: an open event file, or a path.
        methods: methods to read; None for all.

    Raises:
        MissingExtra: pandas is not installed.
        EventFileError: the file cannot be read, or has no such method.
    """
    if not isinstance(file, EventFile):
        with EventFile(file) as opened:
            return read_results(opened, methods)
    names = [method.name for method in file.methods] if methods is None else list(methods)
    tables = {name: (f"reconstruction/{name}", file.results(name)) for name in names}
    if file.has_truth:
        tables = {"truth": ("truth", file.truth)} | tables
    columns: dict[tuple[str, str], Any] = {}
    units: dict[tuple[str, str], str] = {}
    meanings: dict[tuple[str, str], dict[int, str]] = {}
    for name, (group, table) in tables.items():
        stored = file.units(group)
        for column, values in _flat(table).items():
            columns[name, column] = values
            units[name, column] = stored[column]
            if found := file.meanings(group, column):
                meanings[name, column] = found
    return _frame(columns, file.events["event_id"], units, meanings=meanings, file=file.path)


def errors_frame(
    compared: ComparedEvents, quantities: Iterable[str] = MAIN_QUANTITIES
) -> pandas.DataFrame:
    """Errors of all methods as a DataFrame, a row an event.

    Columns have two levels: method and quantity. `frame.attrs["units"]` has their units.

    Args:
        compared: of `compared_events`.
        quantities: names of `QUANTITIES`.

    Raises:
        MissingExtra: pandas is not installed.
        ComparisonError: a quantity is unknown.
    """
    wanted = list(quantities)
    columns = {
        (method, name): compared.errors(name, method)
        for method in compared.methods
        for name in wanted
    }
    units = {key: QUANTITIES[key[1]].unit for key in columns}
    return _frame(columns, compared.event_id, units)


def statistics_frame(
    compared: ComparedEvents, quantities: Iterable[str] = MAIN_QUANTITIES
) -> pandas.DataFrame:
    """Median, mean, widths and EV of all methods as a DataFrame, a row a quantity and a method.

    `frame.attrs["units"]` has the unit of each quantity. EV is NaN for distances.

    Raises:
        MissingExtra: pandas is not installed.
        ComparisonError: a quantity is unknown.
    """
    rows = {}
    for name in quantities:
        for method in compared.methods:
            numbers = vars(compared.statistics(name, method)).copy()
            is_signed = not (QUANTITIES[name].is_distance or QUANTITIES[name].is_pull)
            numbers["explained_variance"] = (
                compared.explained_variance(name, method) if is_signed else np.nan
            )
            numbers["net_explained_variance"] = (
                compared.net_explained_variance(name, method) if is_signed else np.nan
            )
            rows[name, method] = numbers
    frame = pandas_module().DataFrame.from_dict(rows, orient="index")
    frame.index.names = ["quantity", "method"]
    frame.attrs["units"] = {name: QUANTITIES[name].unit for name, _ in rows}
    return frame


def _flat(table: Table) -> dict[str, Any]:
    """The columns of one number a row."""
    names = table.dtype.names or ()
    return {name: np.ascontiguousarray(table[name]) for name in names if table[name].ndim == 1}


def _frame(
    columns: dict[tuple[str, str], Any], event_id: Any, units: Any, **attrs: Any
) -> pandas.DataFrame:
    module = pandas_module()
    index = module.Index(np.asarray(event_id, np.int64), name="event_id")
    frame = module.DataFrame(columns, index=index)
    frame.attrs["units"] = units
    frame.attrs.update(attrs)
    return frame
