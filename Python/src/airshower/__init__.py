"""Event files and results of airshower in Python.

- `EventFile` reads event files, `write_events` writes them.
- `read_results` gives the results of all methods as a DataFrame.
- `compared_events` gives the errors of all methods, with the numbers of `airshower compare`.
- `simulate`, `reconstruct`, `correct`, `compare` and others run the program.
- `NetworkInputs` is for networks made with PyTorch.
"""

from importlib.metadata import PackageNotFoundError as _NotInstalled
from importlib.metadata import version as _version

from .commands import (
    compare, correct, export_inputs, inspect, reconstruct, show, simulate, train, version,
)
from .compared_events import ComparedEvents
from .event import Event
from .event_file import EventFile, Method
from .exceptions import (
    ComparisonError, EventFileError, MissingExtra, ProgramError, ProgramMissing, SelectionError,
    WriteError,
)
from .frames import errors_frame, read_results, statistics_frame
from .gathering import compared_events
from .geometry import Shower, core_distance, space_angle
from .lineage import Lineage, split
from .nested import awkward_hits
from .networks import NetworkBatch, NetworkInputs
from .program import run
from .quantities import QUANTITIES, Quantity
from .selection import QualityCuts
from .station_array import StationArray
from .statistics import (
    ErrorStatistics, containment, error_statistics, explained_variance, half_width, quantile,
)
from .style import FIGURE_STYLE, draw_errors, method_colours
from .summary import Estimate, Summary
from .writer import write_events

try:
    __version__ = _version("airshower")
except _NotInstalled:
    __version__ = "unknown"

__all__ = [
    "ComparedEvents", "ComparisonError", "ErrorStatistics", "Estimate", "Event", "EventFile",
    "EventFileError", "FIGURE_STYLE", "Lineage", "Method", "MissingExtra", "NetworkBatch",
    "NetworkInputs", "ProgramError", "ProgramMissing", "QUANTITIES", "QualityCuts", "Quantity",
    "SelectionError", "Shower", "StationArray", "Summary", "WriteError", "awkward_hits", "compare",
    "compared_events", "containment", "core_distance", "correct", "draw_errors",
    "error_statistics", "errors_frame", "explained_variance", "export_inputs", "half_width",
    "inspect", "method_colours", "quantile", "read_results", "reconstruct", "run", "show",
    "simulate", "space_angle", "split", "statistics_frame", "train", "version", "write_events",
]
