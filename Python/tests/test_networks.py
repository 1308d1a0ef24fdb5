"""Networks of PyTorch: inputs by event, and the description for `correct`."""

from __future__ import annotations

import json

import numpy as np
import pytest

import airshower
from airshower import NetworkInputs
from airshower.networks import calibration
from conftest import Chain


@pytest.fixture(scope="module")
def inputs(trained: Chain) -> NetworkInputs:
    path = trained.events.with_name("batches.h5")
    network = trained.events.with_name("network.pt")
    return NetworkInputs(airshower.export_inputs(trained.reconstructed, path, network=network))


def test_a_batch_has_the_inputs_of_its_events(inputs: NetworkInputs) -> None:
    rows = np.array([5, 2, 11])
    batch = inputs.select(rows)
    assert np.array_equal(batch.events, inputs.batch.events[rows])
    assert inputs.widths == (batch.stations.shape[1], batch.events.shape[1], 5)
    owner = batch.station_cells // inputs.cell_count
    assert owner.tolist() == sorted(owner)
    for place, row in enumerate(rows):
        own = inputs.batch.station_cells // inputs.cell_count == row
        assert np.array_equal(batch.stations[owner == place], inputs.batch.stations[own])
        cells = batch.station_cells[owner == place] % inputs.cell_count
        assert np.array_equal(cells, inputs.batch.station_cells[own] % inputs.cell_count)
        size = inputs.cell_count
        assert np.array_equal(
            batch.cells[place * size : (place + 1) * size],
            inputs.batch.cells[row * size : (row + 1) * size],
        )


def test_a_description_names_the_network(inputs: NetworkInputs) -> None:
    rows = inputs.rows("validation")
    assert len(rows) > 50
    described = json.loads(inputs.describe("mine", 2 * inputs.targets[rows], 7))
    assert described["spec"]["name"] == "mine" and described["weightCount"] == 7
    assert [each["slopes"][1] for each in described["combination"]] == pytest.approx([0.5] * 5)
    assert "validation" not in described
    with pytest.raises(ValueError, match="validation events and 5 targets"):
        inputs.describe("mine", np.zeros((3, 5)), 7)


def test_a_useless_output_has_the_slope_zero() -> None:
    random = np.random.default_rng(1)
    target, noise = random.normal(size=4000), random.normal(size=4000)
    noise -= (noise @ target) / (target @ target) * target
    assert calibration(noise, target, np.ones(4000))["slopes"][1] == 0
    found = calibration(target + noise, target, np.ones(4000))
    assert found["slopes"][1] == pytest.approx(0.5, abs=0.03)
    assert found["logSpread"][0] == pytest.approx(np.log(0.5**0.5), abs=0.05)
