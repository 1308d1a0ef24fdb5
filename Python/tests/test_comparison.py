"""Errors and their numbers against summary.json of the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import airshower
from airshower import ComparedEvents, ComparisonError, Summary
from conftest import Chain

LIMIT = 1e-9
STATISTICS = (
    "median", "mean", "standard_deviation", "root_mean_square", "width68", "width95", "coverage",
)


def stored(summary: Summary, path: str) -> float | None:
    """A number of the summary; None where the report has none."""
    try:
        found = summary[path]
    except KeyError:
        return None
    return float(found.value if isinstance(found, airshower.Estimate) else found)


def subsets(compared: ComparedEvents, summary: Summary) -> dict[str, ComparedEvents]:
    """Parts of the events by their paths in the summary."""
    nuclei = compared.nuclei
    found = {
        "nuclei/whole": nuclei,
        "nuclei/fitted_energy/above_10": nuclei.energies(10),
        "nuclei/fitted_energy/10_to_60": nuclei.energies(10, 60),
        "nuclei/primary/H": nuclei.of_primary("H"),
        "nuclei/stations/7_to_10": nuclei.where((nuclei.stations >= 7) & (nuclei.stations < 10)),
    }
    if len(compared.photons):
        found["photons/whole"] = compared.photons
    return found


def worst_difference(compared: ComparedEvents, summary: Summary) -> tuple[float, int]:
    """Largest difference of a number from the summary, relative to its size or to the spread of
    the errors, and how many numbers were compared."""
    differences = []
    for path, events in subsets(compared, summary).items():
        assert len(events) == summary[f"{path}/events"]
        for quantity in airshower.QUANTITIES:
            for method in compared.methods:
                key = f"{path}/{quantity}/{method}"
                if stored(summary, f"{key}/median") is None:
                    continue
                found = events.statistics(quantity, method)
                for name in STATISTICS:
                    expected = stored(summary, f"{key}/{name}")
                    if expected is not None:
                        scale = max(abs(expected), found.standard_deviation)
                        differences.append(abs(getattr(found, name) - expected) / scale)
                numbers: dict[str, Callable[[str, str], float]] = {
                    "score/explained_variance": events.explained_variance,
                    "score/net_explained_variance": events.net_explained_variance,
                    "score/trimmed_explained_variance": events.trimmed_explained_variance,
                    "score/determination": events.determination,
                    "gain/width68": events.gain,
                    "worsened_fraction": events.worsened_fraction,
                }
                for name, number in numbers.items():
                    expected = stored(summary, f"{key}/{name}")
                    if expected is not None:
                        differences.append(abs(number(quantity, method) - expected))
                much = stored(summary, f"{key}/much_worsened_fraction")
                if much is not None:
                    differences.append(abs(events.worsened_fraction(quantity, method, 2) - much))
    return max(differences), len(differences)


def test_numbers_equal_compare(chain: Chain) -> None:
    compared, summary = airshower.compared_events(chain.corrected), Summary.read(chain.report)
    assert compared.methods == tuple(summary.methods)
    assert compared.control == summary.content["control"]["source"] == "cross_fit"
    worst, count = worst_difference(compared, summary)
    assert count > 2000
    assert worst < LIMIT
    for method in compared.methods:
        expected = summary[f"mass_bias/{method}/bias"].value
        assert compared.mass_bias(method) == pytest.approx(expected, abs=LIMIT)


def test_quantities_are_those_of_compare(chain: Chain) -> None:
    """A quantity that the program gets has to come to the package too."""
    whole = Summary.read(chain.report)["nuclei/whole"]
    stored = {name: part["unit"] for name, part in whole.items() if isinstance(part, dict)}
    assert stored == {name: each.unit for name, each in airshower.QUANTITIES.items()}


def test_numbers_of_the_test_split_with_weights(trained: Chain) -> None:
    compared = airshower.compared_events(trained.corrected, spectrum=-2.7)
    summary = Summary.read(trained.report)
    assert compared.control == summary.content["control"]["source"] == "training"
    worst, count = worst_difference(compared, summary)
    assert count > 500
    assert worst < LIMIT
    assert compared.weights is not None
    effective = compared.weights.sum() ** 2 / (compared.weights**2).sum()
    assert effective == pytest.approx(summary["nuclei/whole/effective_events"], rel=LIMIT)


def test_numbers_with_a_calibration_of_other_events(chain: Chain, trained: Chain) -> None:
    report = chain.report.with_name("calibrated")
    summary = airshower.compare(
        chain.corrected, report, replicas=10, figures="none", cuts="none",
        calibrate=trained.reconstructed,
    )
    compared = airshower.compared_events(
        chain.corrected, cuts="none", calibrate=trained.reconstructed
    )
    assert compared.control == summary.content["control"]["source"] == "calibration"
    assert worst_difference(compared, summary)[0] < LIMIT


def test_numbers_of_an_old_file(fixtures: Path, folder: Path) -> None:
    file = fixtures / "damaged" / "valid-20.h5"
    summary = airshower.compare(
        file, folder / "old-report", replicas=10, figures="none", cuts="none"
    )
    compared = airshower.compared_events(file, cuts="none")
    assert compared.methods == tuple(summary.methods)
    assert len(compared) == summary["events/compared"]
    assert worst_difference(compared, summary)[0] < LIMIT


def test_several_files_count_as_one(chain: Chain, folder: Path) -> None:
    events = airshower.simulate(folder / "more.h5", events=40, energy=(10, 100), seed=11)
    reconstructed = airshower.reconstruct(events, folder / "more-reco.h5", front="tuned")
    more = airshower.correct(reconstructed, folder / "more-corrected.h5", name="reference")
    files = [chain.corrected, more]
    summary = airshower.compare(files, folder / "joined", replicas=10, figures="none")
    compared = airshower.compared_events(files)
    assert len(set(compared.nuclei.shower_id)) == summary["nuclei/whole/showers"]
    assert len(compared) == summary["events/compared"]
    assert worst_difference(compared, summary)[0] < LIMIT


def test_the_same_showers_do_not_count_twice(chain: Chain) -> None:
    with pytest.raises(ComparisonError, match="simulation of seed 2.*would count twice"):
        airshower.compared_events([chain.corrected, chain.corrected])


def test_a_shared_simulation_is_refused(trained: Chain) -> None:
    with pytest.raises(ComparisonError, match="training and test would share showers.*seed 5"):
        airshower.compared_events(trained.corrected, split="all")


def test_unknown_names_say_what_is_known(chain: Chain) -> None:
    compared = airshower.compared_events(chain.corrected)
    with pytest.raises(ComparisonError, match="no method 'nix'; known: standard, polynomial"):
        compared.errors("zenith", "nix")
    with pytest.raises(ComparisonError, match="unknown quantity 'energy'; known: space_angle"):
        compared.errors("energy", "standard")
    with pytest.raises(ComparisonError, match="polynomial predicts no errors"):
        compared.errors("pull_zenith", "polynomial")
    with pytest.raises(ComparisonError, match="space_angle is a distance"):
        compared.explained_variance("space_angle", "reference")


def test_a_weighted_quantile_is_the_least_value_up_to_which_a_part_lies() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 0.0])
    assert airshower.quantile(values, 0.5, weights) == 1
    assert airshower.quantile(values, 0.67, weights) == 3
    assert airshower.quantile(values, 0.5) == 2
    assert airshower.containment(np.array([0.0, 1.0]), 0.68) == pytest.approx(0.68)
    assert airshower.half_width(np.array([0.0, 1.0]), 0.68) == pytest.approx(0.34)
