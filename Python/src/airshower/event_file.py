"""Reading event files of any version 1.x of the format."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any

import h5py
import numpy as np

from .event import Event
from .exceptions import EventFileError
from .lineage import Lineage, file_lineage
from .station_array import StationArray, read_array
from .tables import Floats, Integers, Table, descriptions, floats, meanings, read_table, text, units

_LAYERS = ("upper", "lower")
_EVENT_DEFAULTS = {"clock_error": ("f8", 15.0), "calibration_error": ("f8", 0.03)}
_BLOCK = 512
"""Events whose hits are read at once."""
_HIT_DEFAULTS = {"bad_layers": ("u1", 0)}
_OLD_KINDS = {
    "standard": "standard", "tuned": "tuned", "polynomial": "polynomial", "event": "control",
    "scalars": "control",
}


@dataclass(frozen=True)
class Method:
    """A reconstruction of a file.

    Attributes:
        name: name of its group in `/reconstruction`.
        kind: `standard`, `published`, `tuned`, `polynomial`, `control`, `network`, `ensemble` or
            `imported`.
        explanation: how it was made.
    """

    name: str
    kind: str
    explanation: str


class EventFile:
    """An event file, open for reading.

    ::

        with EventFile("corrected.h5") as file:
            errors = file.results("reference")["zenith"] - file.truth["zenith"]

    Columns that older files lack have the values of Documentation/event-file.md. Angles are in
    radians, energies are log10(E/eV), positions are metres, times are nanoseconds.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Opens a file.

        Raises:
            EventFileError: it does not exist, is no event file, or is of another major version.
        """
        self.path = os.fspath(path)
        if not os.path.exists(self.path):
            raise EventFileError(f"{self.path}: no such file. Check the name")
        if self.path.endswith(".part"):
            raise EventFileError(
                f"{self.path}: was left by a run that did not end. Run the command again"
            )
        try:
            self._file = h5py.File(self.path, "r")
        except OSError as error:
            raise EventFileError(f"{self.path}: no HDF5 file, or damaged ({error})") from error
        try:
            self._check()
        except BaseException:
            self._file.close()
            raise

    def _check(self) -> None:
        if text(self._file, "FORMAT") != "airshower":
            raise EventFileError(
                f"{self.path}: no event file: its attribute FORMAT is not 'airshower'. "
                "Documentation/event-file.md says what an event file has"
            )
        self.version = text(self._file, "FORMAT_VERSION")
        if self.version.split(".")[0] != "1":
            raise EventFileError(
                f"{self.path}: format version {self.version!r}, but this package reads 1.x. "
                "Install a newer airshower"
            )
        for group in ("array", "events", "hits"):
            if group not in self._file:
                raise EventFileError(f"{self.path}: has no group /{group}. Write the file again")

    def close(self) -> None:
        """Closes the file. Arrays that were read stay valid."""
        self._file.close()

    def __enter__(self) -> EventFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """The number of events."""
        return int(self._file["events/event_id"].shape[0])

    def __repr__(self) -> str:
        methods = ", ".join(method.name for method in self.methods) or "no reconstruction"
        return f"<EventFile {self.path!r}: {len(self)} events, {methods}>"

    @cached_property
    def array(self) -> StationArray:
        """The stations."""
        return read_array(self._file["array"])

    @cached_property
    def provenance(self) -> list[dict[str, Any]]:
        """The steps that made the file, oldest first; empty where the file does not say."""
        steps: list[dict[str, Any]] = json.loads(text(self._file, "PROVENANCE", "[]"))
        return steps

    @cached_property
    def lineage(self) -> Lineage:
        """The simulations that the file holds, and those from which its methods learned."""
        return file_lineage(text(self._file, "LINEAGE"), self.provenance)

    @cached_property
    def events(self) -> Table:
        """`/events`: a row an event, with `shower_id`, `clock_error` and `calibration_error`."""
        table = self._read("events", _EVENT_DEFAULTS)
        if "shower_id" in (table.dtype.names or ()):
            return table
        return _with_column(table, "shower_id", table["event_id"].astype(np.int64))

    @property
    def has_truth(self) -> bool:
        """Whether the events are simulated."""
        return "truth" in self._file

    @cached_property
    def truth(self) -> Table:
        """`/truth`: the simulated showers, a row an event.

        Raises:
            EventFileError: the events are data.
        """
        if not self.has_truth:
            raise EventFileError(f"{self.path}: has no truth. Only simulated events have one")
        return self._read("truth")

    @cached_property
    def methods(self) -> tuple[Method, ...]:
        """All reconstructions, the standard one first."""
        groups = self._file.get("reconstruction", {})
        found = []
        for name in groups:
            identity = json.loads(text(groups[name], "IDENTITY", "{}"))
            kind = identity.get("kind", _OLD_KINDS.get(name, "network"))
            words = text(groups[name], "NETWORK") or text(groups[name], "METHOD")
            found.append(Method(name, kind, words))
        return tuple(sorted(found, key=lambda method: method.name != "standard"))

    def results(self, method: str = "standard") -> Table:
        """The results of a method, a row an event. `status` 0 is a good result.

        Raises:
            EventFileError: the file has no such method.
        """
        if f"reconstruction/{method}" not in self._file:
            known = ", ".join(method.name for method in self.methods) or "none"
            raise EventFileError(f"{self.path}: has no reconstruction {method!r}; it has {known}")
        return self._read(f"reconstruction/{method}")

    def stations(self, event: int, method: str = "standard") -> Table:
        """The stations of the fit of an event: signals, times, residuals, part in the fit.

        Args:
            event: row of the event, from 0.
            method: `standard`, or a fit of its own like `tuned`.

        Raises:
            EventFileError: the method has no stations.
            IndexError: there is no such event.
        """
        name = "stations" if method == "standard" else f"stations_{method}"
        if name not in self._file:
            raise EventFileError(f"{self.path}: has no /{name}. Networks have no stations")
        group = self._file[f"reconstruction/{method}"]
        end = len(self._file[name + "/station_id"])
        rows = self._rows(group, "first_station", "station_rows", event, end)
        return read_table(self._file[name], rows)

    def hits(self, event: int) -> Table:
        """The rows of an event in `/hits`, with waveforms of shape (layers, samples).

        Args:
            event: row of the event, from 0.

        Raises:
            IndexError: there is no such event.
            EventFileError: its rows lie outside of `/hits`.
        """
        return read_table(self._file["hits"], self._hit_rows(event), _HIT_DEFAULTS)

    def _hit_rows(self, event: int) -> slice:
        end = len(self._file["hits/station_id"])
        return self._rows(self.events, "first_hit", "hit_count", event, end)

    def all_hits(self, waveforms: bool = True) -> Table:
        """`/hits`: the hits of all events. The rows of an event begin at its `first_hit`.

        Args:
            waveforms: whether to read the waveforms too, 512 bytes a hit for the Telescope Array.
        """
        without = () if waveforms else ("waveform",)
        return read_table(self._file["hits"], defaults=_HIT_DEFAULTS, without=without)

    def event(self, event: int) -> Event:
        """What the stations measured in an event.

        Args:
            event: row of the event, from 0. `row_of` finds the row of a number.

        Raises:
            IndexError: there is no such event.
        """
        return self._event(event, self.hits(event))

    def _event(self, event: int, hits: Table) -> Event:
        row = self.events[event]
        layers = _LAYERS[: hits["waveform"].shape[1]]

        def calibration(name: str) -> Floats:
            return np.stack([floats(hits, f"{name}_{layer}") for layer in layers], -1)

        return Event(
            event_id=int(row["event_id"]),
            station_id=hits["station_id"].astype(np.int64),
            window_start=hits["window_start"].astype(np.float64),
            waveform=np.ascontiguousarray(hits["waveform"].transpose(0, 2, 1)).astype(np.uint16),
            pedestal=calibration("pedestal"),
            pedestal_deviation=calibration("pedestal_deviation"),
            counts_per_vem=calibration("counts_per_vem"),
            bad_layers=hits["bad_layers"].astype(np.uint8),
            time=float(row["time"]),
            shower_id=int(row["shower_id"]),
            clock_error=float(row["clock_error"]),
            calibration_error=float(row["calibration_error"]),
            dead_stations=self.dead_stations(event),
        )

    def __iter__(self) -> Iterator[Event]:
        """The events one after another. The hits of many events are read at once."""
        for start in range(0, len(self), _BLOCK):
            events = range(start, min(start + _BLOCK, len(self)))
            rows = [self._hit_rows(event) for event in events]
            first, last = min(each.start for each in rows), max(each.stop for each in rows)
            if last - first > 2 * sum(each.stop - each.start for each in rows):
                # The hits of these events lie far apart.
                yield from (self.event(event) for event in events)
                continue
            hits = read_table(self._file["hits"], slice(first, last), _HIT_DEFAULTS)
            for event, each in zip(events, rows):
                yield self._event(event, hits[each.start - first : each.stop - first])

    def dead_stations(self, event: int) -> Integers:
        """Numbers of the stations that did not work in an event, shape (stations,)."""
        if "dead_stations" not in self._file:
            return np.zeros(0, np.int64)
        dead = self._all_dead_stations
        return dead[self._rows(self.events, "first_dead", "dead_count", event, len(dead))]

    @cached_property
    def _all_dead_stations(self) -> Integers:
        column: Integers = self._file["dead_stations/station_id"][:].astype(np.int64)
        return column

    def row_of(self, event_id: int) -> int:
        """The row of the first event with a number.

        Raises:
            KeyError: no event has it.
        """
        rows = np.flatnonzero(self.events["event_id"] == event_id)
        if len(rows) == 0:
            raise KeyError(f"{self.path}: has no event {event_id}")
        return int(rows[0])

    def units(self, table: str) -> dict[str, str]:
        """The unit of each column of a group, as in `units("reconstruction/standard")`."""
        return units(self._group(table))

    def descriptions(self, table: str) -> dict[str, str]:
        """The meaning of each column of a group."""
        return descriptions(self._group(table))

    def meanings(self, table: str, column: str) -> dict[int, str]:
        """The names of the numbers of a column, as in `meanings("truth", "primary")`."""
        return meanings(self._group(table)[column])

    def attribute(self, group: str, name: str) -> str:
        """A text attribute of a group, as in `attribute("reconstruction/standard", "SELECTION")`.

        It is "" where the group has no such attribute.
        """
        return text(self._group(group), name)

    def _group(self, name: str) -> Any:
        if name not in self._file:
            raise EventFileError(f"{self.path}: has no group /{name}")
        return self._file[name]

    def _read(self, name: str, defaults: dict[str, tuple[str, Any]] | None = None) -> Table:
        table = read_table(self._group(name), defaults=defaults)
        if len(table) != len(self):
            raise EventFileError(
                f"{self.path}: /{name} has {len(table)} rows for {len(self)} events. "
                "Write the file again"
            )
        return table

    def _rows(self, group: Any, first: str, count: str, event: int, end: int) -> slice:
        if not 0 <= event < len(self):
            raise IndexError(f"{self.path}: has no row {event}; it has {len(self)} events")
        start, length = int(group[first][event]), int(group[count][event])
        if start < 0 or length < 0 or start + length > end:
            raise EventFileError(
                f"{self.path}: {first} and {count} of row {event} point outside of the table. "
                "Write the file again"
            )
        return slice(start, start + length)


def _with_column(table: Table, name: str, values: np.ndarray[Any, Any]) -> Table:
    wider = np.empty(len(table), table.dtype.descr + [(name, values.dtype.str)])
    for known in table.dtype.names or ():
        wider[known] = table[known]
    wider[name] = values
    return wider
