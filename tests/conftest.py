"""Settings and fixtures of the whole suite: the same examples every time, no
clock in a verdict, no window opened.
"""

import gc
import os
import shutil

import pytest
from hypothesis import given, settings
from hypothesis.strategies import just

import nn
from autograd.compiler import llvm, runner

os.environ["MPLBACKEND"] = "Agg"
settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.load_profile("suite")


def pytest_collection_finish():
    """The collector need not look through thousands of tests again and again.

    Hypothesis asks the collector who holds its generator when it first runs. In Python
    3.14 that is an object which would be frozen, and not be found.
    """
    given(just(None))(lambda nothing: None)()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With -n, a worker that has nothing to do takes tests from another.

    Without it one worker would run the notebooks, which are long and stand side by
    side, while the other waits.
    """
    if config.getvalue("dist") == "load":
        from xdist.scheduler import WorkStealingScheduling

        return WorkStealingScheduling(config, log)
    return None


@pytest.fixture(autouse=True)
def unseeded():
    """Unseeded parts draw the same numbers whichever tests ran before."""
    nn.manual_seed(0)


@pytest.fixture(params=["Python", "native"])
def backend(request, monkeypatch):
    """Every test on both ways to run a program."""
    if request.param == "native":
        pytest.importorskip("llvmlite", reason="no llvmlite: programs are tested as Python only")
        monkeypatch.setattr(runner, "SMALL", -1)
        monkeypatch.setattr(llvm, "SMALL", -1)
    else:
        monkeypatch.setattr(llvm, "available", lambda: False)
    return request.param


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium, driven by Playwright."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="no Playwright: pip install -e '.[browser]'"
    )
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
