"""Waveforms of many events as nested arrays of awkward."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .event_file import EventFile
from .exceptions import MissingExtra


def awkward_hits(file: EventFile | str | os.PathLike[str], waveforms: bool = True) -> Any:
    """The hits of all events as an array of awkward: event, hit, column.

    `hits.waveform` has the axes event, hit, layer and sample [counts]. All hits are read at once:
    512 bytes a hit in a file of the Telescope Array.

    Args:
        file: an open event file, or a path.
        waveforms: whether to read the waveforms too.

    Raises:
        MissingExtra: awkward is not installed.
        EventFileError: the file cannot be read.
    """
    try:
        import awkward
    except ImportError as error:
        raise MissingExtra("awkward", "an array of hits by event") from error
    if not isinstance(file, EventFile):
        with EventFile(file) as opened:
            return awkward_hits(opened, waveforms)
    table = file.all_hits(waveforms=waveforms)
    first = file.events["first_hit"].astype(np.int64)
    count = file.events["hit_count"].astype(np.int64)
    # Rows of events need not lie in the order of the events.
    starts = np.cumsum(count) - count
    rows = np.repeat(first - starts, count) + np.arange(count.sum())
    columns = {name: awkward.from_numpy(table[name][rows]) for name in table.dtype.names or ()}
    return awkward.unflatten(awkward.zip(columns, depth_limit=1), count)
