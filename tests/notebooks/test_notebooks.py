"""The notebooks are code: they run, print what is committed, and keep their form."""

import importlib.util
import re
from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="the notebooks need the extra `test`")
pytest.importorskip("jupytext", reason="the notebooks need the extra `test`")

import nbformat

HERE = Path(__file__).parents[2] / "notebooks"
spec = importlib.util.spec_from_file_location("build_notebooks", HERE / "build.py")
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)

NOTEBOOKS = pytest.mark.parametrize("path", build.SOURCES, ids=lambda path: path.stem)
HIDDEN = re.compile(r"<(img|iframe|script|style|svg)\b", re.IGNORECASE)
PROSE_NUMBER = re.compile(r"(?<![\w.,])\d+\.\d+(?:e[+-]?\d+)?|(?<![\w.,])\d{3,}(?![\w])")


def texts(cells):
    """What cells print, one by one: streams, and text of displays."""
    result = []
    for cell in cells:
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


def executed(path):
    """Run a notebook once, with three answers to each exercise.

    An exercise is left open at first, then answered wrongly, and then rightly. No
    other cell may show what comes of that, so one run stands for both copies.

    Returns:
        The cells of the student's copy, the wrong answers, and the cells of the
        solved copy.
    """
    found = build.notebook(path)
    wrong, solved = (build.notebook(path, answer).cells for answer in ("wrong", "solution"))
    copies = [[], [], []]
    for triple in zip(found.cells, wrong, solved, strict=True):
        is_exercise = triple[0].source != triple[2].source
        copies[0].append(triple[0])
        copies[1] += triple[1:2] if is_exercise else []
        copies[2].append(triple[2] if is_exercise else triple[0])
    found.cells = sorted(
        {id(cell): cell for cells in copies for cell in cells}.values(),
        key=lambda cell: int(cell.id.partition("-")[2]),
    )
    build.executed(found)
    return copies


@NOTEBOOKS
def test_a_notebook_runs_and_shows_what_is_committed(path):
    """In both copies; and every exercise knows right from wrong."""
    student, wrong, solved = executed(path)
    for cells, folder in ((student, ""), (solved, "solved")):
        old = committed(path, folder).cells
        assert [cell.source for cell in cells] == [cell.source for cell in old]
        assert texts(cells) == texts(old)
    exercises = [i for i, cell in enumerate(solved) if cell is not student[i]]
    assert len(exercises) == len(wrong) == 3
    for i, cell in zip(exercises, wrong, strict=True):
        assert "not answered yet" in texts(student)[i]
        assert "not yet" in texts([cell])[0], cell.source
        assert "right" in texts(solved)[i]
    assert "not answered yet" not in "".join(texts(solved))
    assert "not yet" not in "".join(texts(solved))


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
def test_every_number_of_the_prose_is_measured(path):
    """Each stands in an output or in the code of its notebook.

    A number that is neither, such as a year or one quoted from a benchmark, is
    named in the cell's metadata: `quoted="0.001 1986"`.
    """
    found = committed(path)
    shown = " ".join(texts(found.cells)) + " ".join(
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
