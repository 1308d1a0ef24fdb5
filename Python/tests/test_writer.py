"""Writing event files: round trips through the program."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import airshower
from airshower import Event, EventFile, EventFileError, StationArray, WriteError, write_events
from airshower.tables import Floats
from conftest import Chain


def test_a_copy_is_reconstructed_alike(chain: Chain, folder: Path) -> None:
    """Every number of the fit of written events equals that of the originals."""
    with EventFile(chain.events) as file:
        write_events(folder / "copy.h5", file.array, islice(file, 100))
    airshower.reconstruct(folder / "copy.h5", folder / "copy-reco.h5")
    with pytest.raises(EventFileError, match="has no truth"):
        airshower.compared_events(folder / "copy-reco.h5")
    with EventFile(folder / "copy-reco.h5") as copy, EventFile(chain.reconstructed) as file:
        assert not copy.has_truth
        for name in file.results().dtype.names or ():
            a, b = copy.results()[name], file.results()[name][:100]
            assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), name
        for name in file.events.dtype.names or ():
            assert np.array_equal(copy.events[name], file.events[name][:100]), name


def own_events(count: int = 1) -> tuple[StationArray, list[Event]]:
    """Stations of one layer 150 m apart; a plane front from the west at 30 degrees."""
    number = np.arange(25)
    x: Floats = np.asarray(150.0 * (number % 5), np.float64)
    y: Floats = np.asarray(150.0 * (number // 5), np.float64)
    array = StationArray(
        number, x, y, np.zeros(25), name="mine", layers=1, station_area=1.0, sample_period=20.0
    )
    waveform = np.full((25, 128, 1), 6.0)
    pulse = np.array([3, 4, 2, 1]) / 10
    signal = 1600 * np.exp(-np.hypot(x - 280, y - 320) / 200)
    waveform[:, 30:34, 0] += signal[:, None] * pulse
    ones = np.ones((25, 1))
    events = [
        Event(
            event_id=7 + n, station_id=number, window_start=x * (0.5 / 0.299792),
            waveform=waveform.round().astype(np.uint16), pedestal=6.0 * ones,
            pedestal_deviation=0.28 * ones, counts_per_vem=40.0 * ones,
        )
        for n in range(count)
    ]
    return array, events


def test_events_of_an_own_array_are_reconstructed(folder: Path) -> None:
    array, events = own_events(2)
    write_events(folder / "mine.h5", array, events)
    airshower.reconstruct(
        folder / "mine.h5", folder / "mine-reco.h5", fit="geometry", front="plane"
    )
    with EventFile(folder / "mine-reco.h5") as file:
        assert file.array.layers == 1 and file.array.name == "mine"
        assert file.events["event_id"].tolist() == [7, 8]
        assert np.degrees(file.results()["zenith"]) == pytest.approx([30, 30], abs=0.1)


def test_every_number_of_an_event_is_kept(folder: Path) -> None:
    array, [event] = own_events()
    written = replace(
        event, bad_layers=(np.arange(25) % 3 == 0).astype(np.uint8), time=7.5, shower_id=3,
        clock_error=22.0, calibration_error=0.05, dead_stations=np.array([2, 9]),
    )
    placed = replace(
        array, altitude=1382.0, layers=1, edge=np.array([[0.0, 0], [600, 0], [600, 600]]),
        latitude=39.3, longitude=-112.9, further={"COINCIDENCE": 8000.0, "RESPONSE": "own"},
    )
    write_events(folder / "kept.h5", placed, [event, written])
    with EventFile(folder / "kept.h5") as file:
        found = file.event(1)
        for name, value in vars(written).items():
            assert np.array_equal(getattr(found, name), np.asarray(value, np.float32)) or (
                np.array_equal(getattr(found, name), value)
            ), name
        assert file.event(0).shower_id == file.event(0).event_id
        for name, value in vars(placed).items():
            if name != "further":
                assert np.array_equal(getattr(file.array, name), value), name
        assert file.array.further["COINCIDENCE"] == 8000
        assert file.units("hits")["counts_per_vem_upper"] == "FADC counts/VEM"


def test_events_without_hits_are_written(folder: Path) -> None:
    array, [event] = own_events()
    none = {
        name: getattr(event, name)[:0]
        for name in (
            "station_id", "window_start", "waveform", "pedestal", "pedestal_deviation",
            "counts_per_vem",
        )
    }
    empty = replace(event, event_id=9, **none)
    write_events(folder / "empty.h5", array, [empty, event])
    airshower.reconstruct(folder / "empty.h5", folder / "empty-reco.h5", fit="geometry")
    with EventFile(folder / "empty-reco.h5") as file:
        assert file.results()["status"][0] != 0
        assert len(file.event(0)) == 0 and len(file.event(1)) == 25


def test_wrong_events_are_refused(folder: Path) -> None:
    array, [event] = own_events()
    target = folder / "wrong.h5"

    def refused(match: str, **changes: Any) -> None:
        with pytest.raises(WriteError, match=match):
            write_events(target, array, [replace(event, **changes)])
        assert not target.exists() and not target.with_name("wrong.h5.part").exists()

    refused("event 7: waveform has the shape", waveform=event.waveform[:, :, 0])
    refused("whole FADC counts", waveform=event.waveform.astype(float))
    refused("no station 99", station_id=np.where(event.station_id == 3, 99, event.station_id))
    refused("ordered by station", station_id=event.station_id[::-1].copy())
    refused("pedestal must have the shape", pedestal=event.pedestal[:, 0])
    write_events(target, array, [event])
    with pytest.raises(WriteError, match="exists.*overwrite=True"):
        write_events(target, array, [event])
    write_events(target, array, [event], overwrite=True)
