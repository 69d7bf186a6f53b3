"""The README begins with two commands, which need nothing but python3."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_two_commands_come_first_and_need_only_python_venv_and_pip():
    main_job, tests = blocks("sh")[:2]
    assert (
        main_job.strip()
        == "python3 -m venv .venv && .venv/bin/pip install '.[plots]' && .venv/bin/python -m nn"
    )
    assert (
        tests.strip() == "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' "
        "&& .venv/bin/python -m pytest -n auto"
    )
