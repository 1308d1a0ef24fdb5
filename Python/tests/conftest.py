"""Events, results and reports that all tests share, made once by the program."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import airshower

FIXTURES = Path(__file__).parents[2] / "Fixtures"


@dataclass(frozen=True)
class Chain:
    """Files of one run of the program."""

    events: Path
    reconstructed: Path
    corrected: Path
    report: Path


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("airshower")


@pytest.fixture(scope="session")
def chain(folder: Path) -> Chain:
    """400 events of nuclei and photons, the shipped network and the tuned front."""
    made = Chain(*(folder / name for name in ("events.h5", "reco.h5", "corrected.h5", "report")))
    airshower.simulate(
        made.events, events=400, energy=(1, 300), primaries=["H", "Fe", "photon"], seed=2
    )
    airshower.reconstruct(made.events, made.reconstructed, front="tuned")
    airshower.correct(made.reconstructed, made.corrected, network="reference", name="reference")
    airshower.compare(made.corrected, made.report, replicas=10, figures="none")
    return made


@pytest.fixture(scope="session")
def trained(folder: Path) -> Chain:
    """1,000 events and a network that learned from them, so only the test split is compared."""
    names = ("trained-events.h5", "trained-reco.h5", "trained.h5", "trained-report")
    made = Chain(*(folder / name for name in names))
    airshower.simulate(made.events, events=1000, energy=(1, 300), seed=5)
    airshower.reconstruct(made.events, made.reconstructed)
    network = airshower.train(
        made.reconstructed, folder / "network.pt", spec="scalars", epochs=1, batch_size=64
    )
    airshower.correct(made.reconstructed, made.corrected, network=network, name="scalars")
    airshower.compare(made.corrected, made.report, replicas=10, figures="none", spectrum=-2.7)
    return made


@pytest.fixture
def fixtures() -> Path:
    """The folder Fixtures of the checkout."""
    return FIXTURES


def require_gnuplot() -> None:
    if shutil.which("gnuplot") is None:
        pytest.skip("gnuplot is not installed")
