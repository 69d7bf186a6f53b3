"""Make the notebooks from their sources, and run them.

    python notebooks/build.py            all of them
    python notebooks/build.py 01 05      those whose names begin so

The truth is `source/NN_name.py`, in jupytext's percent format. From it come
`NN_name.ipynb`, the student's copy with its outputs, `solved/NN_name.ipynb`, and
`docs/course/NN_name.png`, its first picture, which is its answer.

A cell of an exercise has two entries in its metadata: `solution` and `wrong`.
Each is the text that stands in place of the one line of the cell that contains
`...`, at the same indentation.
"""

import base64
import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
SOURCES = sorted((HERE / "source").glob("[0-9]*.py"))
PICTURES = HERE.parent / "docs" / "course"
TIMEOUT = 120  # seconds for one cell
# Pictures are sharp, and the collector does not look through the kernel again and again.
BEGINNING = """%matplotlib inline
%config InlineBackend.figure_formats = ['retina']
import gc
gc.freeze()"""


def answered(source, answer):
    """Return the text of a cell with `answer` in place of its line with `...`."""
    lines = source.splitlines()
    (place,) = [i for i, line in enumerate(lines) if "..." in line]
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    lines[place] = "\n".join(indent + line for line in answer.splitlines())
    return "\n".join(lines)


def notebook(path, answer=None):
    """Return a source as a notebook without outputs.

    Args:
        path: A file in `source/`.
        answer: None leaves the exercises open; "solution" or "wrong" fills in
            that entry of each exercise's metadata.
    """
    found = jupytext.read(path)
    for i, cell in enumerate(found.cells):
        cell.id = f"cell-{i}"
        metadata = cell.metadata
        if answer is not None and answer in metadata:
            cell.source = answered(cell.source, metadata[answer])
        for entry in ("solution", "wrong"):
            metadata.pop(entry, None)
    found.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    found.nbformat, found.nbformat_minor = 4, 5
    return found


def joined(outputs):
    """Join pieces of one stream: where they were cut depends on the clock."""
    result = []
    for output in outputs:
        last = result[-1] if result else {}
        if output.get("name") is not None and output.get("name") == last.get("name"):
            last.text += output.text
        else:
            result.append(output)
    return result


def executed(found):
    """Run a notebook from a clean kernel, and keep what shows everywhere.

    text/html that stands beside image/png is dropped: an untrusted notebook
    shows a page as a blank, and the picture as a picture.
    """
    client = NotebookClient(
        found, timeout=TIMEOUT, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}
    )
    environment = {name: x for name, x in os.environ.items() if name != "MPLBACKEND"}
    found.cells.insert(0, nbformat.v4.new_code_cell(BEGINNING))
    client.execute(env=environment)
    found.cells.pop(0)
    for cell in found.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.execution_count -= 1
            cell.outputs = joined(cell.outputs)
        for output in cell.get("outputs", []):
            if "execution_count" in output:
                output.execution_count -= 1
            data = output.get("data", {})
            if "image/png" in data:
                data.pop("text/html", None)
                data.pop("image/svg+xml", None)
    return found


def copies(path):
    """Return the two notebooks of a source by their paths."""
    name = f"{path.stem}.ipynb"
    return {
        HERE / name: executed(notebook(path)),
        HERE / "solved" / name: executed(notebook(path, "solution")),
    }


def answer(found):
    """Return the first picture of an executed notebook as the bytes of a PNG."""
    for cell in found.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                return base64.b64decode(output.data["image/png"])
    raise LookupError("the notebook has no picture")


def main(beginnings):
    (HERE / "solved").mkdir(exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    for path in SOURCES:
        if not beginnings or path.name.startswith(tuple(beginnings)):
            for target, found in copies(path).items():
                nbformat.validate(found)
                target.write_text(nbformat.writes(found) + "\n", encoding="utf-8")
                print(target.relative_to(HERE.parent))
            (PICTURES / f"{path.stem}.png").write_bytes(answer(found))


if __name__ == "__main__":
    main(sys.argv[1:])
