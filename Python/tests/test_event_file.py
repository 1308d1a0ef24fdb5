"""Reading event files of every version."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

import airshower
from airshower import EventFile, EventFileError, split
from conftest import Chain

OLD = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]


@pytest.mark.parametrize("version", OLD)
def test_an_old_file_opens(fixtures: Path, version: str) -> None:
    path = fixtures / "ShowerStore" / f"format-{version}.h5"
    with EventFile(path) as file, h5py.File(path) as raw:
        assert file.version == version
        assert len(file) == 3
        assert len(file.array) == 507
        assert file.array.layers == 2 and file.array.spacing == 1200
        assert file.units("truth")["log_energy"] == "log10(E/eV)"
        assert file.meanings("truth", "primary")[56] == "Fe"
        assert np.array_equal(file.truth["xmax"], raw["truth/xmax"])
        assert np.array_equal(file.results()["zenith"], raw["reconstruction/standard/zenith"])
        assert file.methods[0].kind == "standard"
        assert file.events["clock_error"].tolist() == [15] * 3
        assert any(name.startswith("seed") for name in file.lineage.simulations)
        for row, event in enumerate(file):
            first, count = raw["events/first_hit"][row], raw["events/hit_count"][row]
            waveform = raw["hits/waveform"][first : first + count]
            assert event.waveform.shape == (count, 128, 2)
            assert np.array_equal(event.waveform[:, :, 1], waveform[:, 1])
            assert event.bad_layers is not None and event.bad_layers.shape == (count,)
            assert len(event.dead_stations) == raw["events/dead_count"][row]


def test_signals_are_those_of_the_fit(chain: Chain) -> None:
    """Sums of the waveforms are the signals that the program integrated, where windows are whole
    pulses above the noise."""
    with EventFile(chain.reconstructed) as file:
        row = int(np.argmax(file.truth["log_energy"]))
        event, fitted = file.event(row), file.stations(row)
    largest = fitted[np.argsort(fitted["signal_upper"])[-6:]]
    largest = largest[largest["saturated"] == 0]
    assert len(largest) >= 2
    for station in largest:
        windows = event.station_id == station["station_id"]
        signal = event.signal[windows, :, 0].sum()
        assert signal == pytest.approx(station["signal_upper"], rel=0.05)


def test_bad_layers_have_no_signal(chain: Chain) -> None:
    with EventFile(chain.events) as file:
        event = next(event for event in file if event.bad_layers is not None and len(event))
    bad = np.zeros(len(event), np.uint8)
    bad[0] = 2
    changed = replace(event, bad_layers=bad)
    assert np.isnan(changed.signal[0, :, 1]).all()
    assert np.isfinite(changed.signal[0, :, 0]).all()
    assert np.isfinite(changed.signal[1:]).all()


def test_stations_have_places(chain: Chain) -> None:
    with EventFile(chain.events) as file:
        array, event = file.array, file.event(0)
    rows = array.place(event.station_id)
    assert np.array_equal(array.station_id[rows], event.station_id)
    with pytest.raises(KeyError, match="no station 9999"):
        array.place(np.array([9999]))


def test_the_split_is_that_of_the_program(trained: Chain) -> None:
    """`export` writes the split of every event."""
    inputs = airshower.export_inputs(
        trained.reconstructed, trained.events.with_name("inputs.h5"),
        network=trained.events.with_name("network.pt"),
    )
    exported = airshower.NetworkInputs(inputs)
    assert np.array_equal(split(exported.shower_id), exported.split)
    assert set(exported.split) == {0, 1, 2}


def test_hits_that_lie_far_apart_are_found(chain: Chain, folder: Path) -> None:
    """Rows of events may lie anywhere in `/hits`."""
    shutil.copy(chain.events, folder / "apart.h5")
    with h5py.File(folder / "apart.h5", "r+") as file:
        for name in ("first_hit", "hit_count"):
            values = file[f"events/{name}"][:]
            # All but the first and the last event are without hits.
            values[1:-1] = 0
            file[f"events/{name}"][:] = values
    with EventFile(folder / "apart.h5") as apart, EventFile(chain.events) as file:
        events = list(apart)
        assert [len(event) for event in events[1:-1]] == [0] * 398
        for row in (0, 399):
            assert np.array_equal(events[row].waveform, file.event(row).waveform)


def test_unusable_files_are_refused(folder: Path, chain: Chain) -> None:
    with pytest.raises(EventFileError, match="missing.h5: no such file"):
        EventFile(folder / "missing.h5")
    (folder / "text.h5").write_text("no HDF5")
    with pytest.raises(EventFileError, match="text.h5: no HDF5 file"):
        EventFile(folder / "text.h5")
    with h5py.File(folder / "other.h5", "w") as file:
        file["x"] = [1]
    with pytest.raises(EventFileError, match="other.h5: no event file"):
        EventFile(folder / "other.h5")
    with pytest.raises(EventFileError, match="has no reconstruction 'nix'; it has standard"):
        EventFile(chain.corrected).results("nix")
    shutil.copy(chain.events, folder / "broken.h5")
    with h5py.File(folder / "broken.h5", "r+") as file:
        file["events/first_hit"][1] = 10**9
    with EventFile(folder / "broken.h5") as broken:
        assert len(broken.event(0)) > 0
        with pytest.raises(EventFileError, match="row 1 point outside"):
            broken.event(1)
        with pytest.raises(IndexError, match="it has 400 events"):
            broken.event(400)
        with pytest.raises(EventFileError, match="no reconstruction"):
            broken.results()


def test_a_newer_major_version_is_refused(folder: Path, chain: Chain) -> None:
    shutil.copy(chain.events, folder / "newer.h5")
    with h5py.File(folder / "newer.h5", "r+") as file:
        file.attrs["FORMAT_VERSION"] = np.bytes_("2.0.0")
    with pytest.raises(EventFileError, match="format version '2.0.0'.*reads 1.x"):
        EventFile(folder / "newer.h5")
