"""One event: what the stations measured."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .tables import Floats, Integers


@dataclass(frozen=True)
class Event:
    """The readout windows of one event, ordered by station, then by time.

    A station may have several windows. With two layers, layer 0 is the upper one.

    Attributes:
        event_id: number of the event.
        station_id: station of each window, shape (windows,).
        window_start: time of the first sample [ns], shape (windows,).
        waveform: FADC counts, uint16, shape (windows, samples, layers).
        pedestal: mean of a sample without signal [counts], shape (windows, layers).
        pedestal_deviation: a pulse begins five of these above the pedestal [counts], shape
            (windows, layers).
        counts_per_vem: integrated counts of 1 VEM [counts/VEM], shape (windows, layers).
        bad_layers: layers not to be used, shape (windows,): bit 0 upper, bit 1 lower. None: none.
        time: moment from which the times of the event count [ns]; 0 if unknown.
        shower_id: shower of the event; None for `event_id`.
        clock_error: standard deviation of the clocks of stations [ns].
        calibration_error: relative error of `counts_per_vem`.
        dead_stations: stations that did not work.
    """

    event_id: int
    station_id: Integers
    window_start: Floats
    waveform: npt.NDArray[np.uint16]
    pedestal: Floats
    pedestal_deviation: Floats
    counts_per_vem: Floats
    bad_layers: npt.NDArray[np.uint8] | None = None
    time: float = 0.0
    shower_id: int | None = None
    clock_error: float = 15.0
    calibration_error: float = 0.03
    dead_stations: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        """The number of windows."""
        return len(self.station_id)

    @property
    def signal(self) -> Floats:
        """Signal of each sample [VEM]: (counts - pedestal) / counts per VEM.

        Shape (windows, samples, layers). The sum over samples is the integrated signal. Layers
        that `bad_layers` names are NaN.
        """
        counts = self.waveform.astype(np.float64) - self.pedestal[:, None, :]
        found = counts / self.counts_per_vem[:, None, :]
        if self.bad_layers is not None:
            layers = np.arange(self.waveform.shape[2])
            bad = (self.bad_layers[:, None] >> layers) & 1 == 1
            found = np.where(bad[:, None, :], np.nan, found)
        result: Floats = found
        return result

    def sample_times(self, sample_period: float) -> Floats:
        """Time of each sample [ns], shape (windows, samples): window_start + number * period.

        Args:
            sample_period: `StationArray.sample_period` [ns].
        """
        samples = np.arange(self.waveform.shape[1])
        times: Floats = self.window_start[:, None] + sample_period * samples
        return times
