#!/usr/bin/env python3
"""Fixtures/dst/airshower_5.dstparser*.h5 from the DST file of the same events.

    make-dstparser-hdf5.py Fixtures/dst/airshower_5.rufldf.dst.gz \\
        tables/arrays/telescope-array.csv Fixtures/dst

Does with the banks what dstparser (github.com/TA-DNN/dstparser, adapters of tiles and of flat
arrays) does with the text that it makes of them: hits of rufptn with isgood > 2, counts over
counts of a VEM, times of the layers relative to the earliest, tiles of 7 x 7 stations around the
largest signal with positions and cores in units of the tile. Station 511 counts as one that did
not work, as dstparser knows it from a bank that this file has not.
"""
import gzip
import struct
import sys

import h5py
import numpy as np

UNIT, ORIGIN = 1200.0, (-12.2435, -16.4406)


def banks(path):
    data, bank = gzip.open(path).read(), b""
    for start in range(0, len(data), 32000):
        block, at = data[start : start + 32000], 6
        while block[at : at + 2] != b"\x60\x62":
            (length,) = struct.unpack_from("<i", block, at + 2)
            bank += block[at + 6 : at + 6 + length]
            at += 6 + length
            ends = block[at + 1] == 0x0E
            at += 6
            if ends:
                yield struct.unpack_from("<i", bank)[0], bank
                bank = b""


class Fields:
    def __init__(self, bank):
        self.bank, self.at = bank, 8

    def read(self, kind, count):
        values = np.frombuffer(self.bank, kind, count, self.at)
        self.at += values.nbytes
        return values


def event(found):
    """What dstparser knows of one event."""
    result = {}
    fields = Fields(found[13105])
    result["head"], result["truth"] = fields.read("<i4", 4), fields.read("<f4", 7).astype(float)
    fields = Fields(found[13101])
    head = fields.read("<i4", 16)
    result["clock"] = head[10:13]
    count = head[15]
    arrays = [fields.read("<i4", count) for _ in range(6)]
    result["window_id"] = arrays[3]
    traces = []
    for _ in range(count):
        fields.at += 16
        traces.append(fields.read("<i4", 256).reshape(2, 128))
        fields.at += 7 * 8 + 2 * 16 + 2 * 2 * 32
    result["traces"] = np.array(traces)
    fields = Fields(found[13103])
    hits = fields.read("<i4", 4)[0]
    names = "isgood", "wfindex", "xxyy", "nfold"
    result.update({name: fields.read("<i4", hits) for name in names})
    rows = []
    for _ in range(hits):
        fields.at += 32
        rows.append(fields.read("<f8", 23))
    rows = np.array(rows)
    result["xyz"], result["reltime"] = rows[:, :3], rows[:, 3:5]
    result["pulsa"], result["vem"] = rows[:, 11:13], rows[:, 19:21]
    fields = Fields(found[13107])
    result["rufldf"] = fields.read("<f8", 32)
    fields = Fields(found[13104])
    stations = fields.read("<i4", 1)[0]
    for signals in fields.read("<i4", stations):
        fields.at += int(signals) * 32 + 24
    fields.at += stations * 36
    result["rusdgeom"] = fields.read("<f8", 33).reshape(11, 3)
    return result


def axis(zenith, azimuth):
    zenith, azimuth = np.deg2rad(zenith + 0.5), np.deg2rad(azimuth) + np.pi
    return [np.sin(zenith) * np.cos(azimuth), np.sin(zenith) * np.sin(azimuth), np.cos(zenith)]


def showers(events):
    """The columns of both forms, cores in the units of the banks."""
    truth = np.array([e["truth"] for e in events])
    fits, front = (np.array([e[name] for e in events]) for name in ("rufldf", "rusdgeom"))
    part, clock = (np.array([e[name] for e in events]) for name in ("head", "clock"))
    theta, phi = truth[:, 2], truth[:, 3] + np.pi
    data = {
        "mass_number": np.where(part[:, 1] == 14, 1, part[:, 1] // 100).astype("i4"),
        "energy": truth[:, 0],
        "shower_axis": np.stack(
            [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=1
        ),
        "shower_core": truth[:, 4:7],
        "std_recon_yymmdd": clock[:, 0],
        "std_recon_hhmmss": clock[:, 1],
        "std_recon_usec": clock[:, 2],
        "std_recon_energy": fits[:, 22],
        "std_recon_shower_core": fits[:, [0, 4]] + ORIGIN,
        "std_recon_shower_core_err": fits[:, [2, 6]],
        "std_recon_combined_energy": fits[:, 23],
        "std_recon_combined_shower_core": fits[:, [1, 5]] + ORIGIN,
        "std_recon_combined_shower_core_err": fits[:, [3, 7]],
    }
    free = front[:, 6:10, 2]
    data["std_recon_shower_axis"] = np.array([axis(f[0], f[2]) for f in free])
    data["std_recon_shower_axis_err"] = np.hypot(
        free[:, 1], np.sin(np.deg2rad(free[:, 0])) * free[:, 3]
    )
    joint = fits[:, 28:32]
    data["std_recon_shower_axis_combined"] = np.array([axis(f[0], f[2]) for f in joint])
    data["std_recon_shower_axis_err_combined"] = np.hypot(
        joint[:, 1], np.sin(np.deg2rad(joint[:, 0])) * joint[:, 3]
    )
    return data


def flat(events):
    data = showers(events)
    lists = {name: [] for name in ("arrival_times", "pulse_area", "detector_positions")}
    lists |= {name: [] for name in ("status", "nfold", "detector_ids", "time_traces")}
    hits, windows, folds = [0], [0], [0]
    for e in events:
        good = e["isgood"] > 2
        owner = np.repeat(np.arange(len(good)), e["nfold"])
        vem = e["vem"][owner][:, :, None]
        lists["time_traces"].append((e["traces"] / vem)[good[owner]].astype("f4"))
        for name, source in zip(lists, ("reltime", "pulsa", "xyz", "isgood", "nfold", "xxyy")):
            lists[name].append(e[source][good])
        hits.append(hits[-1] + good.sum())
        windows.append(windows[-1] + good[owner].sum())
        folds += e["nfold"][good].tolist()
    data |= {name: np.concatenate(values) for name, values in lists.items()}
    data["hit_offsets"], data["tt_offsets"] = np.array(hits), np.array(windows)
    data["hit_tt_offsets"] = np.cumsum(folds)
    return data


def tiles(events, survey, dead):
    data, shape = showers(events), (len(events), 7, 7)
    for name in ("shower_core", "std_recon_shower_core", "std_recon_shower_core_err"):
        data[name] = data[name] * (0.01 if name == "shower_core" else UNIT)
    for name in ("core", "core_err"):
        data["std_recon_combined_shower_" + name] *= UNIT
    for name, rest in (
        [("detector_positions", (3,)), ("detector_positions_abs", (3,))]
        + [("time_traces_low", (128,)), ("time_traces_up", (128,))]
        + [(name, ()) for name in ("arrival_times_low", "arrival_times_up", "nfold")]
        + [(name, ()) for name in ("detector_positions_id", "total_signals_low")]
        + [("total_signals_up", ())]
    ):
        data[name] = np.zeros(shape + rest, "f4")
    for name in ("detector_states", "detector_exists", "detector_good"):
        data[name] = np.zeros(shape, bool)
    for k, e in enumerate(events):
        first = np.concatenate([[0], np.cumsum(e["nfold"])[:-1]])
        rows = np.flatnonzero(e["isgood"] > 2)
        rows = rows[np.sort(np.unique(e["xxyy"][rows], return_index=True)[1])]
        largest = e["xxyy"][rows[np.argmax(e["pulsa"][rows].mean(axis=1))]]
        corner = largest // 100 - 3, largest % 100 - 3
        for x in range(7):
            for y in range(7):
                number = 100 * (corner[0] + x) + corner[1] + y
                data["detector_good"][k, x, y] = number not in dead
                if number not in survey:
                    continue
                data["detector_exists"][k, x, y] = True
                data["detector_states"][k, x, y] = number not in dead
                data["detector_positions_id"][k, x, y] = number
                data["detector_positions_abs"][k, x, y] = survey[number]
        center = np.array([*survey[largest][:2], 1370.0])
        scale = np.array([3 * UNIT, 3 * UNIT, 30.0])
        exists = data["detector_exists"][k][..., None]
        relative = (data["detector_positions_abs"][k] - center) / scale
        data["detector_positions"][k] = np.where(exists, relative, 0)
        for name in ("shower_core", "std_recon_shower_core"):
            data[name][k, :2] = (data[name][k, :2] - center[:2]) / (3 * UNIT)
        data["shower_core"][k, 2] /= 30
        data["std_recon_shower_core_err"][k] /= 3 * UNIT
        for row in rows:
            x, y = e["xxyy"][row] // 100 - corner[0], e["xxyy"][row] % 100 - corner[1]
            if not (0 <= x < 7 and 0 <= y < 7):
                continue
            data["nfold"][k, x, y] = e["nfold"][row]
            for layer, name in enumerate(("low", "up")):
                trace = e["traces"][first[row], layer] / e["vem"][row, layer]
                data["time_traces_" + name][k, x, y] = trace
                data["arrival_times_" + name][k, x, y] = e["reltime"][row, layer] * 4000
                data["total_signals_" + name][k, x, y] = e["pulsa"][row, layer]
    return data


def write(path, data):
    with h5py.File(path, "w") as file:
        for name, values in data.items():
            file.create_dataset(name, data=values, chunks=True, compression="gzip")


events, found = [], {}
for number, bank in banks(sys.argv[1]):
    found[number] = bank
    if number == 1400000101:
        events.append(event(found))
        found = {}
survey = {}
for line in open(sys.argv[2]):
    fields = line.split(",")
    if fields[0].isdigit():
        survey[int(fields[0])] = np.array([float(f) for f in fields[-3:]]) + [0, 0, 1382]
write(sys.argv[3] + "/airshower_5.dstparser-flat.h5", flat(events))
write(sys.argv[3] + "/airshower_5.dstparser-tiles.h5", tiles(events, survey, {511}))
