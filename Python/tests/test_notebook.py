"""The notebook of the examples, executed in an empty folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from airshower import Summary

nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")
NOTEBOOK = Path(__file__).parents[1] / "examples" / "days-work.ipynb"


def texts(cell: dict[str, Any]) -> str:
    """What a cell printed."""
    return "".join(output.get("text", "") for output in cell["outputs"])


def test_the_days_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat

    # The kernel of the Python that runs the tests, whatever others are installed.
    kernel = tmp_path / "jupyter" / "kernels" / "airshower-tests"
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(
        json.dumps({"argv": command, "display_name": "tests", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    work = tmp_path / "work"
    work.mkdir()
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="airshower-tests",
        resources={"metadata": {"path": str(work)}},
    )
    client.execute()

    code = [cell for cell in notebook.cells if cell["cell_type"] == "code"]
    pictures = [
        output for cell in code for output in cell["outputs"]
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 2
    summary = Summary.read(work / "report")
    said = "".join(map(texts, code))
    assert summary.verdict in said
    for method in ("standard", "polynomial", "tuned", "reference"):
        assert f"{summary[f'nuclei/whole/space_angle/{method}/width68']:.2f} deg" in said
