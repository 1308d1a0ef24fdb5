"""Commands, their errors, and the summary."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

import airshower
from airshower import ComparisonError, ProgramError, ProgramMissing, Summary
from airshower.program import arguments
from conftest import Chain, require_gnuplot


def test_keywords_become_options() -> None:
    options = {"energy": (1, 300), "max_zenith": 60, "quiet": True, "resume": False, "name": None}
    assert arguments("simulate", [], options) == [
        "simulate", "--energy=1:300", "--max-zenith=60", "--quiet",
    ]
    assert arguments("correct", ["-a.h5"], {"network": ["x.pt", "y.pt"]}) == [
        "correct", "--network=x.pt", "--network=y.pt", "--", "-a.h5",
    ]


def test_errors_carry_the_message_of_the_program(chain: Chain, folder: Path) -> None:
    with pytest.raises(ProgramError, match="missing.h5: no such file") as unusable:
        airshower.reconstruct(folder / "missing.h5", folder / "x.h5")
    assert unusable.value.exit_code == 65
    with pytest.raises(ProgramError, match="exists. Choose another name") as exists:
        airshower.simulate(chain.events, events=1)
    assert exists.value.exit_code == 73
    with pytest.raises(ProgramError) as wrong:
        airshower.simulate(folder / "x.h5", events=1, nonsense=3)
    assert wrong.value.exit_code == 64
    assert "nonsense" in wrong.value.message and "Usage" not in wrong.value.message
    assert wrong.value.command[:2] == ("airshower", "simulate")
    assert not (folder / "x.h5").exists()


def test_progress_is_shown_on_request(
    chain: Chain, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    airshower.reconstruct(chain.events, folder / "shown.h5", quiet=False)
    assert "shown.h5" in capsys.readouterr().err
    airshower.reconstruct(chain.events, folder / "shown.h5", overwrite=True)
    assert capsys.readouterr().err == ""


def test_an_interrupt_reaches_the_program(folder: Path) -> None:
    """Neither an output nor a part of one is left, and the program has ended."""
    output = folder / "interrupted.h5"
    part = output.with_name(output.name + ".part")
    code = f"import airshower; airshower.simulate({str(output)!r}, events=1_000_000)"
    # A session of its own: the signal goes to Python alone.
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            deadline = time.monotonic() + 20
            while not part.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            assert part.exists()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert "KeyboardInterrupt" in errors
    assert not part.exists() and not output.exists()


def test_thresholds_that_are_not_met(chain: Chain, folder: Path) -> None:
    key = "nuclei/whole/space_angle/reference/gain/width68"
    (folder / "limits.json").write_text(json.dumps({key: 0.99}))
    with pytest.raises(ProgramError, match=key) as below:
        airshower.compare(
            chain.corrected, folder / "limited", replicas=10, figures="none",
            fail_below=folder / "limits.json",
        )
    assert below.value.exit_code == 1
    assert "not at least 0.99" in below.value.message


def test_the_program_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRSHOWER_BINARY", "/nonexistent/airshower")
    with pytest.raises(ProgramMissing, match="AIRSHOWER_BINARY=/nonexistent/airshower"):
        airshower.version()
    monkeypatch.delenv("AIRSHOWER_BINARY")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ProgramMissing, match="not in the PATH"):
        airshower.version()


def test_versions_agree() -> None:
    """Package and program are released together."""
    assert airshower.version().split()[0] == airshower.__version__


def test_the_summary(chain: Chain) -> None:
    summary = Summary.read(chain.report / "summary.json")
    assert summary.headline == "reference" and summary.verdict.startswith("With reference")
    estimate = summary["nuclei/whole/space_angle/reference/width68"]
    assert estimate.low95 <= estimate.value <= estimate.high95
    assert f"{estimate:.2f}" == f"{estimate.value:.2f} ± {estimate.uncertainty:.2f}"
    assert summary["nuclei/whole/space_angle/unit"] == "deg"
    assert summary["events/total"] == 400
    assert "nuclei/whole/space_angle/reference/width68" in list(summary)
    with pytest.raises(KeyError, match="no 'refrence'; the nearest is 'reference'"):
        summary["nuclei/whole/space_angle/refrence/width68"]


def test_a_summary_of_another_version_is_refused(folder: Path) -> None:
    (folder / "old.json").write_text('{"schema_version": "3.0"}')
    with pytest.raises(ComparisonError, match="'3.0', but this package reads 4.x"):
        Summary.read(folder / "old.json")


def test_a_picture_and_an_inspection(chain: Chain, folder: Path) -> None:
    assert "log_energy" in airshower.inspect(chain.corrected)
    require_gnuplot()
    picture = airshower.show(chain.corrected, folder / "event.png", waveforms=2,
                             reconstruction="reference")
    assert picture.read_bytes().startswith(b"\x89PNG")
