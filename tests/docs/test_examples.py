from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from portkey_ft.testing import FakeClock, FakeGateway

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NOTEBOOK = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))
BEST = "ft:gpt-4o-mini-2024-07-18:fake-org::fake000001:ckpt-step-80\n"

# What each one prints, among other things.
SCRIPTS = {
    "demo.py": ("finished", "best       step 80, full_valid_loss 0.59933"),
    "many_jobs.py": (" 0.5993 at step 80", "failed: the learning rate is too high"),
    "pick_best.py": (BEST,),
    "quickstart.py": ("120 0.75943",),
    "self_hosted.py": ("trained    ft:gpt-4o-mini", "traced     nightly-7", "a self-hosted gateway knows no"),
    "watch_and_plot.py": ("Fine-tuning job started", "(step 80); picture: losses.png"),
}


def begin(folder: Path, name: str, *arguments: str) -> subprocess.Popen[str]:
    """Start an example as a reader does, in a folder of its own, with each warning an error."""
    command = (sys.executable, "-W", "error", str(EXAMPLES / name), *arguments)
    settings = {
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))),
        # Pictures need a folder for caches; this one is gone afterwards.
        "MPLCONFIGDIR": str(folder),
        "MPLBACKEND": "Agg",
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env={**os.environ, **settings}, stdout=pipe, stderr=pipe, text=True)  # noqa: S603 - our own files


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, tuple[Path, subprocess.Popen[str]]]]:
    """All examples, running at the same time: they wait more than they work."""
    folders = {name: tmp_path_factory.mktemp("example") for name in SCRIPTS}
    running = {name: (folder, begin(folder, name)) for name, folder in folders.items()}
    yield running
    for _, process in running.values():
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("name", "shown"), SCRIPTS.items())
def test_an_example_runs_as_it_is(
    started: dict[str, tuple[Path, subprocess.Popen[str]]], name: str, shown: tuple[str, ...]
) -> None:
    folder, process = started[name]
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    for text in shown:
        assert text in out
    assert (folder / "losses.png").exists() == (name == "watch_and_plot.py")


def test_every_example_is_run() -> None:
    """A new example belongs in the list above."""
    assert {path.name for path in EXAMPLES.glob("*.py")} == SCRIPTS.keys()
    assert [path.name for path in EXAMPLES.glob("*.ipynb")] == ["notebook.ipynb"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--at-most", "0.6"), 0, "step 80 is the best"),
        (("--at-most", "0.5"), 3, "that is more than 0.5"),
        (("--metric", "beauty"), 1, "no checkpoint has the metric 'beauty'"),
        (("--at-most", "little"), 2, "invalid float value"),
        (("ftjob-1",), 1, "api_key"),
    ],
)
def test_a_pipeline_learns_by_the_exit_code_how_it_went(
    tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    """Standard output has the model's name or nothing; what people read is on standard error."""
    process = begin(tmp_path, "pick_best.py", *arguments)
    out, err = process.communicate(timeout=300)
    assert process.returncode == code
    assert told in err
    assert out == ("" if code else BEST)


def test_a_pipeline_learns_that_a_job_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = FakeGateway(clock=FakeClock())
    job_id = gateway.add_job().id
    with gateway.serve() as url:
        for name, value in {"API_KEY": "pk-demo", "VIRTUAL_KEY": "vk-demo", "BASE_URL": url}.items():
            monkeypatch.setenv(f"PORTKEY_{name}", value)
        process = begin(tmp_path, "pick_best.py", job_id, "--timeout", "0.1")
        out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (5, "")
    assert "has not ended within 0.1 seconds" in err


def code_cells() -> Iterator[str]:
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


def shown_by(cell: str, names: dict[str, Any]) -> object:
    """Execute a cell and give the value of its last line, as a notebook does."""
    *statements, last = ast.parse(cell).body
    exec(compile(ast.Module(statements, []), "notebook", "exec"), names)  # noqa: S102 - our own notebook
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "notebook", "eval"), names)  # noqa: S307 - see above
    exec(compile(ast.Module([last], []), "notebook", "exec"), names)  # noqa: S102 - see above
    return None


def test_the_notebook_runs_from_top_to_bottom(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its cells are executed in one namespace; what a cell ends with shows itself as a table."""
    pandas = pytest.importorskip("pandas", reason="the notebook shows a table of pandas")
    plots = pytest.importorskip("matplotlib.pyplot", reason="the notebook draws a picture")
    plots.switch_backend("Agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = [value for cell in code_cells() if (value := shown_by(cell, names)) is not None]
    for value in shown:
        assert value._repr_html_()
    assert sum(isinstance(value, pandas.DataFrame) for value in shown) == 1
    assert names["best"].step_number == 80
    assert names["axes"].get_legend_handles_labels()[1][-1] == "best: step 80"
    plots.close("all")
    names["client"]._transport.close()


def test_the_notebook_is_valid_and_holds_no_output() -> None:
    """Version 4.5 of the format: every cell has an id of its own; outputs would grow old."""
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in NOTEBOOK["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(
        cell["outputs"] == [] and cell["execution_count"] is None for cell in NOTEBOOK["cells"] if "outputs" in cell
    )
