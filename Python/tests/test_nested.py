"""Nested arrays of awkward."""

from __future__ import annotations

import numpy as np
import pytest

import airshower
from airshower import EventFile
from conftest import Chain

awkward = pytest.importorskip("awkward", reason="awkward is not installed (PyPI only)")


def test_hits_by_event(chain: Chain) -> None:
    hits = airshower.awkward_hits(chain.events)
    with EventFile(chain.events) as file:
        assert len(hits) == len(file)
        for row in (0, 7, len(file) - 1):
            event = file.event(row)
            assert hits[row].station_id.to_list() == event.station_id.tolist()
            waveform = awkward.to_numpy(hits[row].waveform)
            assert np.array_equal(waveform.transpose(0, 2, 1), event.waveform)
    assert "waveform" not in airshower.awkward_hits(chain.events, waveforms=False).fields
