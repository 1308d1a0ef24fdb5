"""Writing event files, by Documentation/event-file.md."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from .event import Event
from .exceptions import WriteError
from .station_array import NUMBERS, OTHERS, StationArray

FORMAT_VERSION = "1.7.0"
"""Version of the format that is written."""

_LAYERS = ("upper", "lower")
_CALIBRATION = ("pedestal", "pedestal_deviation", "counts_per_vem")
_COUNTS = "FADC counts"


def write_events(
    path: str | os.PathLike[str],
    array: StationArray,
    events: Iterable[Event],
    overwrite: bool = False,
) -> Path:
    """Writes an event file that `airshower reconstruct` reads.

    Truth and results are not written. The events are held in memory until all are there. The
    file is written as NAME.part and renamed at the end, so it is complete or not there at all.

    Args:
        path: the file.
        array: the stations.
        events: events with the same number of samples and layers.
        overwrite: whether to replace a file.

    Raises:
        WriteError: a file exists; an event has wrong shapes, unknown stations, or windows that
            are not ordered by station and time.
    """
    target = Path(path)
    if target.exists() and not overwrite:
        raise WriteError(f"{target}: exists. Choose another name, or give overwrite=True")
    taken = list(events)
    _check(array, taken)
    part = target.with_name(target.name + ".part")
    try:
        with h5py.File(part, "w") as file:
            file.attrs["FORMAT"] = np.bytes_("airshower")
            file.attrs["FORMAT_VERSION"] = np.bytes_(FORMAT_VERSION)
            _write_array(file.create_group("array"), array)
            _write_events(file.create_group("events"), taken)
            _write_hits(file.create_group("hits"), array, taken)
            dead = np.concatenate([event.dead_stations for event in taken] + [_NONE])
            _column(file.create_group("dead_stations"), "station_id", dead.astype("i4"))
        os.replace(part, target)
    except OSError as error:
        raise WriteError(f"{target}: cannot be written ({error})") from error
    finally:
        part.unlink(missing_ok=True)
    return target


_NONE = np.zeros(0, np.int64)


def _check(array: StationArray, events: list[Event]) -> None:
    if len(np.unique(array.station_id)) != len(array):
        raise WriteError(f"the array {array.name!r} has a station twice")
    if array.layers not in (1, 2):
        raise WriteError(f"the array {array.name!r} has {array.layers} layers: 1 or 2")
    samples = {event.waveform.shape[1] for event in events if len(event)}
    if len(samples) > 1:
        raise WriteError(f"events have windows of {sorted(samples)} samples; all need the same")
    for event in events:
        _check_event(array, event)


def _check_event(array: StationArray, event: Event) -> None:
    name, count = f"event {event.event_id}", len(event)
    if event.waveform.ndim != 3 or event.waveform.shape[::2] != (count, array.layers):
        raise WriteError(
            f"{name}: waveform has the shape {event.waveform.shape}, "
            f"not ({count} windows, samples, {array.layers} layers)"
        )
    counts = np.asarray(event.waveform)
    is_whole = counts.dtype.kind in "ui"
    if not is_whole or (counts.size and not 0 <= counts.min() <= counts.max() < 2**16):
        raise WriteError(f"{name}: waveform must be whole FADC counts from 0 to 65535")
    for column in _CALIBRATION:
        if np.shape(getattr(event, column)) != (count, array.layers):
            raise WriteError(f"{name}: {column} must have the shape ({count}, {array.layers})")
    if np.shape(event.window_start) != (count,):
        raise WriteError(f"{name}: window_start must have the shape ({count},)")
    if event.bad_layers is not None and np.shape(event.bad_layers) != (count,):
        raise WriteError(f"{name}: bad_layers must have the shape ({count},)")
    for stations in (event.station_id, event.dead_stations):
        try:
            array.place(np.asarray(stations))
        except KeyError as error:
            raise WriteError(f"{name}: {error.args[0]}") from error
    order = np.lexsort((event.window_start, event.station_id))
    if not (order == np.arange(count)).all():
        raise WriteError(f"{name}: windows must be ordered by station, then by time")


def _column(group: Any, name: str, values: Any, unit: str = "1") -> None:
    """A compressed column with its unit. Columns without rows have no chunks."""
    options = {"compression": "gzip", "shuffle": True} if len(values) else {}
    dataset = group.create_dataset(name, data=values, **options)
    dataset.attrs["UNIT"] = np.bytes_(unit)


def _write_array(group: Any, array: StationArray) -> None:
    group.attrs["NAME"] = np.bytes_(array.name.encode())
    group.attrs["LAYERS"] = array.layers
    group.attrs["GROUND_FRAME"] = np.bytes_(array.ground_frame)
    for name, member in NUMBERS.items():
        if getattr(array, member) is not None:
            group.attrs[name] = float(getattr(array, member))
    for name, value in array.further.items():
        if name not in NUMBERS and name not in OTHERS:
            group.attrs[name] = np.bytes_(value.encode()) if isinstance(value, str) else value
    _column(group, "station_id", array.station_id.astype("i4"))
    for name in ("x", "y", "z"):
        _column(group, name, getattr(array, name).astype("f8"), "m")
    if array.column is not None and array.row is not None:
        _column(group, "column", array.column.astype("i4"))
        _column(group, "row", array.row.astype("i4"))
    if array.edge is not None:
        edge = group.create_group("edge")
        _column(edge, "x", array.edge[:, 0], "m")
        _column(edge, "y", array.edge[:, 1], "m")


def _write_events(group: Any, events: list[Event]) -> None:
    def column(name: str, kind: str, values: list[Any], unit: str = "1") -> None:
        _column(group, name, np.array(values, kind), unit)

    column("event_id", "i8", [event.event_id for event in events])
    showers = [event.event_id if event.shower_id is None else event.shower_id for event in events]
    column("shower_id", "i8", showers)
    column("time", "f8", [event.time for event in events], "ns")
    column("clock_error", "f8", [event.clock_error for event in events], "ns")
    column("calibration_error", "f8", [event.calibration_error for event in events])
    for first, count, lengths in (
        ("first_hit", "hit_count", [len(event) for event in events]),
        ("first_dead", "dead_count", [len(event.dead_stations) for event in events]),
    ):
        column(first, "i8", list(np.cumsum(lengths, dtype=np.int64) - np.array(lengths, np.int64)))
        column(count, "i4", lengths)


def _write_hits(group: Any, array: StationArray, events: list[Event]) -> None:
    measured = [event for event in events if len(event)]

    def joined(name: str, kind: str, shape: tuple[int, ...] = ()) -> Any:
        parts = [np.asarray(getattr(event, name)) for event in measured]
        return np.concatenate(parts).astype(kind) if parts else np.zeros((0, *shape), kind)

    _column(group, "station_id", joined("station_id", "i4"))
    _column(group, "window_start", joined("window_start", "f8"), "ns")
    waveform = joined("waveform", "u2", (1, array.layers)).transpose(0, 2, 1)
    _column(group, "waveform", np.ascontiguousarray(waveform), _COUNTS)
    for name in _CALIBRATION:
        values = joined(name, "f4", (array.layers,))
        unit = f"{_COUNTS}/VEM" if name == "counts_per_vem" else _COUNTS
        for number, layer in enumerate(_LAYERS[: array.layers]):
            _column(group, f"{name}_{layer}", np.ascontiguousarray(values[:, number]), unit)
    bad = [
        np.zeros(len(event), "u1") if event.bad_layers is None else event.bad_layers
        for event in measured
    ]
    _column(group, "bad_layers", np.concatenate([*bad, np.zeros(0, "u1")]).astype("u1"))
