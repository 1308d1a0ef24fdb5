"""Tables of pandas, nested arrays and figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import airshower
from airshower import EventFile, Summary
from conftest import Chain

pandas = pytest.importorskip("pandas", reason="pandas is not installed")


def test_results_of_all_methods(chain: Chain) -> None:
    frame = airshower.read_results(chain.corrected)
    assert set(frame.columns.get_level_values(0)) == {"truth", "standard", "tuned", "reference"}
    assert frame.index.name == "event_id"
    assert frame.attrs["units"]["reference", "zenith"] == "rad"
    assert frame.attrs["units"]["truth", "xmax"] == "g/cm2"
    assert frame.attrs["meanings"]["standard", "status"][0] == "good"
    with EventFile(chain.corrected) as file:
        assert np.array_equal(frame["reference", "core_x"], file.results("reference")["core_x"])
        assert len(airshower.read_results(file, ["reference"])["reference"]) == len(file)


@pytest.mark.parametrize("version", ["1.0.0", "1.3.0"])
def test_results_of_old_files(fixtures: Path, version: str) -> None:
    frame = airshower.read_results(fixtures / "ShowerStore" / f"format-{version}.h5")
    assert len(frame) == 3
    assert frame.attrs["units"]["standard", "signal800"] == "VEM/m2"


def test_errors_and_statistics(chain: Chain) -> None:
    compared = airshower.compared_events(chain.corrected).nuclei
    errors = airshower.errors_frame(compared)
    assert errors.attrs["units"]["standard", "space_angle"] == "deg"
    assert len(errors) == len(compared)
    table = airshower.statistics_frame(compared)
    summary = Summary.read(chain.report)
    for method in compared.methods:
        found = table.loc[("space_angle", method), "width68"]
        assert found == errors[method, "space_angle"].quantile(0.68)
        assert found == pytest.approx(summary[f"nuclei/whole/space_angle/{method}/width68"].value)


def test_the_summary_as_a_table(chain: Chain) -> None:
    summary = Summary.read(chain.report)
    frame = summary.frame()
    path = "nuclei/whole/ln_energy/reference/median"
    assert frame.loc[path, "low95"] == summary[path].low95
    assert len(frame) > 1000


def test_a_figure(chain: Chain, folder: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("Agg")
    compared = airshower.compared_events(chain.corrected)
    axes = airshower.draw_errors(compared, "space_angle", ["standard", "reference"])
    assert axes.get_xlabel() == "Space angle [deg]"
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    width = compared.statistics("space_angle", "reference").width68
    assert labels[1] == f"reference: 68 % {width:.3g} deg"
    line = axes.patches[1].get_edgecolor()
    assert matplotlib.colors.to_hex(line) == "#d55e00"
    axes.figure.savefig(folder / "angle.png")
    assert (folder / "angle.png").stat().st_size > 5000


def test_the_example_of_the_readme(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    code = readme.split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(chain.corrected.parent)
    exec(code, {})
    said = float(capsys.readouterr().out.split()[0])
    expected = Summary.read(chain.report)["nuclei/whole/space_angle/reference/width68"].value
    assert said == pytest.approx(expected)


def test_colours_of_methods() -> None:
    colours = airshower.method_colours(["standard", "polynomial", "tuned", "set"])
    assert colours["standard"] == "#D55E00" and colours["set"] == "#0072B2"
    assert len(set(colours.values())) == 4
