"""Makes a large file for measurements of `airshower compare`: the events of a corrected file again and again, each time as
new showers, without their waveforms.

Usage: repeat-events.py CORRECTED.h5 OUTPUT.h5 TIMES
"""

import sys

import h5py
import numpy as np

source, output, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
with h5py.File(source) as f, h5py.File(output, "w") as g:
    g.attrs.update(f.attrs)
    events = len(f["events/event_id"])

    def copy(name, item):
        if isinstance(item, h5py.Group):
            g.require_group(name).attrs.update(item.attrs)
            return
        values = item[:0] if name.startswith("hits/") else item[:]
        if name.startswith(("events/", "truth/", "reconstruction/")):
            values = np.concatenate([values] * times)
        if name in ("events/event_id", "events/shower_id"):
            values = np.arange(events * times, dtype=values.dtype)
        if name in ("events/first_hit", "events/hit_count"):
            values[:] = 0
        packed = dict(compression="gzip", compression_opts=1, shuffle=True) if item.compression else {}
        copied = g.create_dataset(
            name, data=values, chunks=item.chunks, maxshape=(None,) + values.shape[1:] if item.chunks else None, **packed)
        copied.attrs.update(item.attrs)

    f.visititems(copy)
