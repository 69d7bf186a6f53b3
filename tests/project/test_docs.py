"""The generated files in docs/ are those that the code writes today."""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_generated_files_are_up_to_date(tmp_path):
    # A process of its own: other tests add primitives to this one's table.
    subprocess.run([sys.executable, DOCS / "generate.py", tmp_path], check=True)
    written = sorted(tmp_path.iterdir())
    assert len(written) == 9
    for path in written:
        committed = (DOCS / path.name).read_text(encoding="utf-8")
        assert committed == path.read_text(encoding="utf-8"), (
            f"{path.name} is out of date: run python docs/generate.py"
        )
