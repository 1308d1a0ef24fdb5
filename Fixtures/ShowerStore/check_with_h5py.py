"""Reads an event file with h5py alone and checks it against numbers given as JSON.

usage: check_with_h5py.py FILE EXPECTED.json
"""

import json
import sys

import h5py
import numpy



def text(item, name):
    """A text attribute; h5py gives those of fixed length as bytes."""
    return item.attrs[name].decode()


path, expected_path = sys.argv[1:]
expected = json.load(open(expected_path))
with h5py.File(path) as file:
    assert text(file, "FORMAT") == "airshower"
    assert text(file, "FORMAT_VERSION") == "1.7.0"
    steps = json.loads(file.attrs["PROVENANCE"])
    assert [step["activity"] for step in steps] == expected["activities"]
    assert steps[0]["seed"] == 2**64 - 1
    assert steps[0]["inputs"][1]["path"] == 'Größe "q".csv'

    def check(name, item):
        if isinstance(item, h5py.Dataset):
            assert text(item, "UNIT") and item.attrs["DESCRIPTION"], name
            assert item.chunks and item.compression == "gzip" and item.shuffle, name

    file.visititems(check)

    array = file["array"]
    assert text(array, "NAME") == "sample"
    assert array.attrs["SPACING"] == 1200 and array.attrs["ALTITUDE"] == 1370
    assert array.attrs["SAMPLE_PERIOD"] == 20
    assert array["edge/x"][()].tolist() == [1.5, 9000.25, 4000, 5000]
    assert array["station_id"][()].tolist() == expected["station_ids"]

    events, hits, truth = file["events"], file["hits"], file["truth"]
    assert events["event_id"].dtype == numpy.int64
    assert events["event_id"][()].tolist() == expected["event_ids"]
    for row, event in enumerate(expected["hits"]):
        first, count = events["first_hit"][row], events["hit_count"][row]
        assert count == len(event), row
        for index, hit in enumerate(event):
            assert hits["station_id"][first + index] == hit["station_id"]
            assert hits["window_start"][first + index] == hit["window_start"]
            waveform = hits["waveform"][first + index]
            assert waveform.dtype == numpy.uint16
            assert waveform[0].tolist() == hit["upper"]
            assert waveform[1].tolist() == hit["lower"]
        first, count = events["first_dead"][row], events["dead_count"][row]
        dead = file["dead_stations/station_id"][first : first + count]
        assert dead.tolist() == expected["dead"][row]
    assert numpy.array_equal(truth["log_energy"][()], expected["log_energy"])
    assert text(truth["log_energy"], "UNIT") == "log10(E/eV)"
    assert text(truth["primary"], "MEANINGS").startswith("0=photon, 1=H")
    assert truth["primary"][()].tolist() == expected["primary"]

    standard = file["reconstruction/standard"]
    good = standard["status"][()] == 0
    assert numpy.isnan(standard["signal800"][()][~good]).all()
    assert numpy.array_equal(standard["signal800"][()][good], expected["signal800"])
    assert standard["covariance"].shape == (len(good), 7, 7)
    assert text(standard["covariance"], "PARAMETERS").split(", ")[4] == "ln_signal800"
    assert standard["covariance"][0, 4, 2] == expected["covariance_4_2"]
    assert json.loads(standard.attrs["SELECTION"])["minimumStations"] == 5
    assert text(standard["cut"], "MEANINGS").startswith("0=passed, 1=unjudged")
    first, count = standard["first_station"][()], standard["station_rows"][()]
    assert count.tolist() == expected["station_rows"]
    assert numpy.array_equal(first, numpy.cumsum(count) - count)
    assert len(file["stations/role"]) == count.sum()
    assert text(file["reconstruction/residual"], "NETWORK") == '{"n": 1}'
    assert text(file["reconstruction/residual/zenith_sigma"], "UNIT") == "rad"
print("ok")
