"""An error in the user's line shows the user's line: IPython and pytest hide the frames between."""

import inspect
import re

import pytest

import autograd as ag
from autograd import Value, grad

FAILURES = [
    lambda: ag.log(Value(-1.0)),
    lambda: ag.log(-1.0),
    lambda: ag.log(-1),
    lambda: Value(0.0).log(),
    lambda: 1 / Value(0.0),
    lambda: 1.0 / Value(0.0),
    lambda: Value(1) / 0,
    lambda: Value("3"),
    lambda: Value(2.0) + "3",
    lambda: ag.tanh([1.0]),
    lambda: ag.max(1, 2),
    lambda: ag.sum(3),
    lambda: ag.max([]),
    lambda: ag.max([Value(1.0), "x"]),
    lambda: ag.dot([1.0], [1.0, 2.0]),
    lambda: ag.dot([Value(1.0)], ["x"]),
    lambda: ag.clip(Value(1.0), 3.0, 2.0),
    lambda: ag.take([1.0, 2.0], 5),
    lambda: Value(1.0).item,
    lambda: setattr(Value(1.0) + 1.0, "data", 2.0),
    lambda: setattr(Value(1.0), "grad", None),
    lambda: Value(1.0).backward("x"),
    lambda: grad(lambda x: ag.log(x))(-1.0),
    lambda: grad(lambda x: ag.tanh(float(x)))(1.0),
    lambda: grad(lambda x: [x])(1.0),
]


@pytest.mark.parametrize("fail", FAILURES)
def test_pytest_hides_the_frames_of_the_engine(fail):
    with pytest.raises(Exception, match=r"\w") as caught:
        fail()
    shown = [e for e in caught.traceback.filter(caught) if "/autograd/" in str(e.path)]
    assert shown == []


@pytest.mark.parametrize("fail", FAILURES)
def test_ipython_shows_the_user_s_line_and_the_error(fail):
    """IPython shows the frame that raises in any case, and says how many it hides."""
    ultratb = pytest.importorskip("IPython.core.ultratb")
    try:
        fail()
    except Exception as error:
        kinds = type(error), error, error.__traceback__
    plain = {"theme_name": "nocolor", "color_scheme": "NoColor"}  # since IPython 9, and before
    known = [x for x in plain if x in inspect.signature(ultratb.TBTools.__init__).parameters]
    printer = ultratb.VerboseTB(**{x: plain[x] for x in known[:1]})
    text = printer.text(*kinds)
    assert len(re.findall(r"^File .*/autograd/", text, re.MULTILINE)) <= 1, text
    assert "test_tracebacks.py" in text
