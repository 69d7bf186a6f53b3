"""Before or after, never between: what Ctrl-C, an exception or a fork leaves behind."""

import os
import subprocess
import sys
import threading

import pytest
from interruption import interrupted_everywhere

import autograd as ag
from autograd import Value, check_gradients, detect_anomaly, grad, jvp, no_grad
from autograd.core import modes
from autograd.errors import AnomalyError


def nothing_left_on():
    """Whether no mode is in effect, as the next operation and the next derivative see it."""
    assert not modes.active
    assert not modes.deriving()
    assert (Value(1.0) * 2.0).op is not ag.LEAF
    assert type(grad(lambda x: x * x)(3.0)) is float
    return True


@pytest.mark.parametrize("mode", [no_grad, detect_anomaly])
def test_ctrl_c_at_any_opcode_leaves_no_mode_on(mode):
    x = Value(3.0)

    def act():
        with mode():
            x * x
            with mode():
                x + x

    assert sum(nothing_left_on() for _ in interrupted_everywhere(act)) > 50


def test_ctrl_c_at_any_opcode_leaves_no_derivative_open():
    def act():
        grad(lambda x: jvp(lambda y: y * x, [x], [1.0])[1])(2.0)

    assert sum(nothing_left_on() for _ in interrupted_everywhere(act)) > 100


def test_an_error_leaves_no_mode_on():
    for mode in (no_grad, detect_anomaly):
        with pytest.raises(ZeroDivisionError), mode():
            Value(1.0) / 0.0
        assert nothing_left_on()
    with pytest.raises(AnomalyError), detect_anomaly():
        ag.exp(Value(1000.0))
    assert nothing_left_on()
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1.0 / x)(0.0)
    assert nothing_left_on()


def test_a_mode_may_be_entered_again_and_decorates_a_function():
    x = Value(3.0)
    mode = no_grad()
    for _ in range(2):
        with mode:
            assert (x * x).op is ag.LEAF
            with mode:
                assert (x * x).op is ag.LEAF
            assert (x * x).op is ag.LEAF
        assert (x * x).op is not ag.LEAF

    @no_grad()
    def squared(v, depth=0):
        """v * v"""
        return v * v if depth == 3 else squared(v, depth + 1)

    assert (squared.__name__, squared.__doc__) == ("squared", "v * v")
    assert (squared(x).data, squared(x).op) == (9.0, ag.LEAF)
    del mode
    assert nothing_left_on()


def test_the_interpreter_around_another_is_that_of_the_same_thread():
    """An anomaly that one thread looks for is none to the others."""
    entered, leave = threading.Event(), threading.Event()

    def look():
        with detect_anomaly():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=look)
    thread.start()
    entered.wait(10)
    with no_grad():
        assert ag.exp(Value(1000.0)).data == float("inf")
    leave.set()
    thread.join()
    assert nothing_left_on()


FORK = """
import os, sys, threading, time
from autograd import Value, LEAF, grad, no_grad
from autograd.core import modes
entered = threading.Event()
def hold():
    with no_grad():
        entered.set()
        time.sleep(10)
def derive():
    def f(x):
        entered.set()
        time.sleep(10)
        return x
    grad(f)(1.0)
for act in (hold, derive):
    entered.clear()
    threading.Thread(target=act, daemon=True).start()
    entered.wait()
with no_grad():
    pid = os.fork()
    if pid == 0:
        assert len(modes.active) == 1
        assert (Value(1.0) * 2.0).op is LEAF, "the forking thread is still within no_grad"
if pid == 0:
    good = not modes.active and not modes._derivatives and type(grad(lambda x: x * x)(3.0)) is float
    os._exit(0 if good else 1)
os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_is_in_no_mode_of_a_thread_that_it_has_not():
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], timeout=60).returncode == 0


def test_ctrl_c_at_any_opcode_of_check_gradients_leaves_the_leaves_their_numbers():
    w = Value(0.7)

    def act():
        check_gradients(lambda: w * 3.0, order=1, wrt=[w])

    for n in interrupted_everywhere(act, step=7):
        assert w.data == 0.7, n
    assert n > 1000
