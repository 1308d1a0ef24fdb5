"""The array of stations of an event file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .tables import Floats, Integers, text


@dataclass(frozen=True)
class StationArray:
    """The stations of an array and what they are like: the group `/array` of an event file.

    Attributes:
        station_id: number of each station, shape (stations,), each once.
        x, y, z: position east, north and up [m], shape (stations,).
        name: name of the array.
        altitude: of the plane z = 0 above sea level [m].
        column, row: cell of each station in a square grid; None without a grid.
        spacing: of the grid [m]; None without a grid.
        layers: scintillator layers of a station, 1 or 2.
        station_area: area of a layer [m^2].
        sample_period: length of a sample [ns].
        vem_energy: energy of 1 VEM [MeV].
        full_scale: largest count of a sample.
        linear_limit: count above which a station is saturated.
        ground_frame: `flat`, or `tangent plane`, where z = 0 touches the Earth at x = y = 0.
        edge: corners of the area in which showers are measured well [m], shape (corners, 2); None
            for the convex hull of the stations.
        latitude, longitude: place of x = y = 0 [deg], north and east positive; None if unknown.
        further: other attributes, kept when the array is written again.
    """

    station_id: Integers
    x: Floats
    y: Floats
    z: Floats
    name: str = ""
    altitude: float = 0.0
    column: Integers | None = None
    row: Integers | None = None
    spacing: float | None = None
    layers: int = 2
    station_area: float = 3.0
    sample_period: float = 20.0
    vem_energy: float = 2.05
    full_scale: float = 4095.0
    linear_limit: float = 2000.0
    ground_frame: str = "flat"
    edge: Floats | None = None
    latitude: float | None = None
    longitude: float | None = None
    further: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of stations."""
        return len(self.station_id)

    def place(self, station_id: Integers) -> Integers:
        """Rows of some stations in the columns of the array, by their numbers.

        Raises:
            KeyError: a station does not belong to the array.
        """
        order = np.argsort(self.station_id)
        ids = np.asarray(station_id)
        found = np.searchsorted(self.station_id, ids, sorter=order).clip(max=len(self) - 1)
        rows: Integers = order[found]
        unknown = ids[self.station_id[rows] != ids]
        if len(unknown):
            raise KeyError(f"the array {self.name!r} has no station {unknown[0]}")
        return rows


NUMBERS = {
    "ALTITUDE": "altitude", "SPACING": "spacing", "STATION_AREA": "station_area",
    "SAMPLE_PERIOD": "sample_period", "VEM_ENERGY": "vem_energy", "FULL_SCALE": "full_scale",
    "LINEAR_LIMIT": "linear_limit", "LATITUDE": "latitude", "LONGITUDE": "longitude",
}
"""Attributes of `/array` that are numbers, and the members that hold them."""

OTHERS = {"NAME", "LAYERS", "GROUND_FRAME", "FRAME"}
"""Attributes of `/array` that are read by themselves, or written with a text of their own."""


def read_array(group: Any) -> StationArray:
    """The array of an event file.

    Args:
        group: h5py group `/array`. Attributes that are absent have the values of event-file.md.
    """
    numbers = {
        member: float(group.attrs[name]) for name, member in NUMBERS.items() if name in group.attrs
    }
    has_grid = "column" in group and "row" in group
    edge = None
    if "edge" in group:
        edge = np.stack([group["edge/x"][:], group["edge/y"][:]], -1).astype(np.float64)
    return StationArray(
        station_id=group["station_id"][:].astype(np.int64),
        x=group["x"][:].astype(np.float64),
        y=group["y"][:].astype(np.float64),
        z=group["z"][:].astype(np.float64),
        name=text(group, "NAME"),
        column=group["column"][:].astype(np.int64) if has_grid else None,
        row=group["row"][:].astype(np.int64) if has_grid else None,
        layers=int(group.attrs.get("LAYERS", 2)),
        ground_frame=text(group, "GROUND_FRAME", "flat"),
        edge=edge,
        further={
            name: value
            for name, value in group.attrs.items()
            if name not in NUMBERS and name not in OTHERS
        },
        **numbers,
    )
