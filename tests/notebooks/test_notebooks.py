"""The notebooks are code: they run, print what is committed, and keep their form."""

import contextlib
import importlib.util
import io
import re
import warnings
from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="the notebooks need the extra `test`")
pytest.importorskip("jupytext", reason="the notebooks need the extra `test`")

import nbformat
from matplotlib import pyplot

HERE = Path(__file__).parents[2] / "notebooks"
spec = importlib.util.spec_from_file_location("build_notebooks", HERE / "build.py")
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)

NOTEBOOKS = pytest.mark.parametrize("path", build.SOURCES, ids=lambda path: path.stem)
HIDDEN = re.compile(r"<(img|iframe|script|style|svg)\b", re.IGNORECASE)
PROSE_NUMBER = re.compile(r"(?<![\w.,])\d+\.\d+(?:e[+-]?\d+)?|(?<![\w.,])\d{3,}(?![\w])")


def texts(found):
    """What a notebook prints, cell by cell: streams, and text of displays."""
    result = []
    for cell in found.cells:
        printed = ""
        for output in cell.get("outputs", []):
            printed += output.get("text", "")
            data = output.get("data", {})
            printed += "".join(data.get(kind, "") for kind in ("text/plain", "text/latex"))
            printed += "[png]" if "image/png" in data else ""
        result.append(re.sub(r"0x[0-9a-f]+", "0x", printed))
    return result


def committed(path, folder=""):
    return nbformat.read(HERE / folder / f"{path.stem}.ipynb", as_version=4)


@NOTEBOOKS
def test_a_notebook_runs_and_shows_what_is_committed(path):
    fresh, old = build.executed(build.notebook(path)), committed(path)
    assert [cell.source for cell in fresh.cells] == [cell.source for cell in old.cells]
    assert texts(fresh) == texts(old)


@NOTEBOOKS
def test_the_solved_copy_is_made_from_the_same_source(path):
    solved = build.notebook(path, "solution")
    assert [cell.source for cell in committed(path, "solved").cells] == [
        cell.source for cell in solved.cells
    ]
    printed = "".join(texts(committed(path, "solved")))
    assert "not answered yet" not in printed
    assert "not yet" not in printed


@NOTEBOOKS
@pytest.mark.parametrize("folder", ["", "solved"])
def test_every_output_shows_everywhere(path, folder):
    for cell in committed(path, folder).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
            data = output.get("data", {})
            assert not set(data) & {"image/svg+xml", "application/javascript"}
            assert not HIDDEN.search(data.get("text/html", "")), cell.source
            assert "<Axes" not in data.get("text/plain", ""), cell.source
            if "image/png" in data:
                assert {"width", "height"} <= set(output.metadata.get("image/png", {}))
                assert "alt" in cell.metadata.get("mystnb", {}).get("image", {}), cell.source


@NOTEBOOKS
def test_the_picture_of_the_overview_is_that_of_the_notebook(path):
    picture = (build.PICTURES / f"{path.stem}.png").read_bytes()
    assert picture == build.answer(committed(path, "solved"))


@NOTEBOOKS
def test_a_notebook_is_ten_minutes_of_reading(path):
    found = build.notebook(path)
    prose = "\n".join(cell.source for cell in found.cells if cell.cell_type == "markdown")
    prose = re.sub(r"<[^>]*>|^\s*\|.*$", "", prose.partition("## References")[0], flags=re.M)
    assert len(found.cells) <= 25
    assert len(re.findall(r"\w+", prose)) <= 1200


@NOTEBOOKS
def test_every_exercise_knows_right_from_wrong(path, monkeypatch):
    """Each is answered wrongly first, and then rightly."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.chdir(HERE)
    cells = build.jupytext.read(path).cells
    solved = build.notebook(path, "solution").cells
    namespace = {"__name__": "__main__"}

    def run(code, i):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("default")  # as in a kernel, where 01 shows one
            exec(compile(code, f"{path.stem}, cell {i}", "exec"), namespace)
        pyplot.close("all")
        return printed.getvalue()

    exercises = 0
    for i, (cell, answer) in enumerate(zip(cells, solved, strict=True)):
        if cell.cell_type == "code":
            if "solution" in cell.metadata:
                exercises += 1
                assert "not answered yet" in run(cell.source, i)
                wrong = build.answered(cell.source, cell.metadata["wrong"])
                assert "not yet" in run(wrong, i), wrong
                assert "right" in run(answer.source, i), answer.source
            else:
                run(answer.source, i)
    assert exercises == 3


@NOTEBOOKS
def test_every_number_of_the_prose_is_measured(path):
    """Each stands in an output or in the code of its notebook.

    A number that is neither, such as a year or one quoted from a benchmark, is
    named in the cell's metadata: `quoted="0.001 1986"`.
    """
    found = committed(path)
    shown = " ".join(texts(found)) + " ".join(
        cell.source for cell in found.cells if cell.cell_type == "code"
    )
    seen = [float(x) for x in re.findall(r"\d+\.?\d*(?:e[+-]?\d+)?", shown.replace(",", ""))]
    for cell in found.cells:
        if cell.cell_type != "markdown":
            continue
        prose = re.sub(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|^\s*\|.*$", "", cell.source, flags=re.M)
        prose = prose.partition("## References")[0]
        quoted = cell.metadata.get("quoted", "").split()
        for text in set(PROSE_NUMBER.findall(prose.replace(",", ""))).difference(quoted):
            digits = len(text.partition("e")[0].partition(".")[2])
            number = float(text)
            close = 0.5 * 10.0**-digits * (1.0 if "e" not in text else number) + 1e-12
            assert any(abs(x - number) <= close for x in seen), f"{text} in {cell.source!r}"
