"""Quality cuts against the column `cut`, which the program writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import airshower
from airshower import EventFile, QualityCuts, SelectionError
from airshower.selection import CUTS, reduced_chi2
from conftest import Chain


@pytest.mark.parametrize("name", ["standard", "spectrum", "anisotropy", "published"])
def test_verdicts_are_those_of_the_program(chain: Chain, folder: Path, name: str) -> None:
    path = airshower.reconstruct(chain.events, folder / f"{name}.h5", cuts=name)
    with EventFile(path) as file:
        standard = file.results()
        cuts = QualityCuts.named(name)
        assert np.array_equal(cuts.verdict(standard), standard["cut"])
        assert 0 < cuts.passed(standard).sum() < len(standard)
        stored = file.attribute("reconstruction/standard", "SELECTION")
        assert QualityCuts.from_json(stored) == cuts


def test_cuts_are_those_of_the_program(chain: Chain) -> None:
    with EventFile(chain.reconstructed) as file:
        known = file.meanings("reconstruction/standard", "cut")
    assert known == {0: "passed", 1: "unjudged", 2: "notReconstructed"} | CUTS


def test_verdicts_of_two_fits(chain: Chain, folder: Path) -> None:
    """Separate fits of geometry and lateral distribution have a chi2/ndf of their own."""
    path = airshower.reconstruct(
        chain.events, folder / "both.h5", method=["standard", "published"]
    )
    with EventFile(path) as file:
        published = file.results("published")
    assert (published["flags"] & 64).any()
    with np.errstate(invalid="ignore"):
        expected = published["reduced_chi2"]
    found = reduced_chi2(published)
    good = published["status"] == 0
    assert found[good] == pytest.approx(expected[good], nan_ok=True)


def test_shipped_selections_are_those_of_the_program() -> None:
    folder = Path(__file__).parents[2] / "tables" / "selections"
    names = [path.stem for path in folder.glob("*.json")]
    assert "standard" in names
    for name in names:
        text = (folder / f"{name}.json").read_text()
        assert QualityCuts.named(name) == QualityCuts.from_json(text, name)


def test_wrong_selections_are_refused(folder: Path) -> None:
    with pytest.raises(SelectionError, match="unknown selection 'nix'; known: anisotropy"):
        QualityCuts.named("nix")
    with pytest.raises(SelectionError, match="'maximumZenit', did you mean 'maximumZenith'"):
        QualityCuts.from_json('{"maximumZenit": 45}')
    with pytest.raises(SelectionError, match="minimumEnergy: must be a number"):
        QualityCuts.from_json('{"minimumEnergy": "3"}')
    (folder / "inner.json").write_text('{"minimumEdgeDistance": 1200}')
    assert QualityCuts.named(folder / "inner.json").name == "inner"
