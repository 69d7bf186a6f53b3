"""The order of age: a child is younger than its parents, and backward goes from young to old."""

import copy
import itertools
import pickle

import pytest

from autograd import StaleValueError, Value, grad, gradients, hvp, jit, jvp, vjp
from autograd.core import sweeps
from autograd.core.graph import age_of, oldest_first


def three_uses():
    """A leaf that three products use, and their sum, which takes them in another order."""
    x = Value(1.0, "x")
    uses = [x * 1e16, x * -1e16, x * 1.0]
    return x, (uses[2] + uses[0]) + uses[1]


def test_gradients_are_added_from_the_youngest_use_to_the_oldest():
    """(1 - 1e16) + 1e16, where the other direction gives (1e16 - 1e16) + 1 = 1."""
    x, root = three_uses()
    root.backward()
    assert x.grad == (1.0 - 1e16) + 1e16 == 0.0
    assert gradients(root, [x])[0].data == 0.0


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_has_the_ages_of_the_original(duplicate):
    x, root = three_uses()
    x, root = duplicate((x, root))
    root.backward()
    assert (x.grad, x.label) == (0.0, "x")


def test_several_roots_keep_their_ages_in_a_pickle():
    """What was made by turns is still told from young to old."""
    x = Value(1.0)
    early = x * 1e16
    late = [x * -1e16, early * 1.0]
    middle = x * 1.0
    originals = [*late, middle]
    restored = pickle.loads(pickle.dumps(originals))
    assert [age_of(a) < age_of(b) for a, b in itertools.pairwise(originals)] == [True, True]
    assert [age_of(a) < age_of(b) for a, b in itertools.pairwise(restored)] == [True, True]
    assert all(age_of(z) < age_of(Value(0.0)) for z in restored)


def test_a_restored_graph_can_be_extended_pickled_again_and_gets_stale():
    x = Value(3.0)
    y = pickle.loads(pickle.dumps([x, x * x + 2.0]))
    x, root = pickle.loads(pickle.dumps([y[0], y[1] * 2.0]))
    root.backward()
    assert x.grad == 12.0
    x.data = 4.0
    with pytest.raises(StaleValueError):
        root.backward()


def test_a_leaf_that_was_changed_before_its_use_is_not_stale():
    x, y = Value(3.0), Value(5.0)
    x.data = 4.0
    z = x * y
    Value(1.0).data = 2.0
    z.backward()
    assert (x.grad, y.grad) == (5.0, 4.0)


@pytest.mark.parametrize("inner", ["reverse", "forward"])
@pytest.mark.parametrize("outer", ["reverse", "forward"])
def test_an_inner_derivative_does_not_go_through_the_outer_history(monkeypatch, outer, inner):
    """Every inner derivative of the loop sees as many nodes as the first."""
    seen = []

    def counted(*roots, since):
        order = oldest_first(*roots, since=since)
        seen.append(len(order))
        return order

    def slope(f, x, mode):
        return grad(f)(x) if mode == "reverse" else jvp(f, [x], [1.0])[1]

    def last(x):
        for _ in range(20):
            x = x - 0.1 * slope(lambda at, x=x: at * at * x, x, inner)
        return x

    monkeypatch.setattr(sweeps, "oldest_first", counted)
    slope(last, 0.5, outer)
    *within, _ = seen
    assert len(within) == 20
    assert set(within) == {3}  # the argument, its square, and the product


def test_what_a_function_reads_from_outside_is_a_constant_however_deep():
    x = Value(2.0)
    y = x * x
    assert grad(lambda t: t * y)(3.0) == 4.0
    assert grad(lambda s: s * grad(lambda t: t * s * y)(5.0))(3.0) == 24.0


def pickled(x):
    return pickle.loads(pickle.dumps(x))


DUPLICATES = [copy.deepcopy, pickled, lambda x: pickled(pickled(pickled(x)))]


@pytest.mark.parametrize("duplicate", DUPLICATES)
def test_a_copied_leaf_has_all_its_derivatives(duplicate):
    """A leaf from a pickle is older than all nodes of its process, and still no constant."""
    w = duplicate(Value(2.0, "w"))
    assert gradients(w * w * 9.0, [w])[0].data == 36.0
    assert grad(lambda x: gradients(w * x * x, [w])[0])(3.0) == 6.0
    assert jit(lambda x: gradients(w * x * x, [w])[0])(3.0).data == 9.0
    assert grad(lambda u: u * u)(w).data == 4.0
    assert jvp(lambda u: u * u, [w], [1.0])[1].data == 4.0
    assert vjp(lambda u: u * u, w)[1](1.0)[0].data == 4.0
    assert hvp(lambda u: u**3, [w], [1.0])[0].data == 12.0
    (w * w).backward()
    assert w.grad == 4.0


@pytest.mark.parametrize("duplicate", DUPLICATES)
def test_a_copied_graph_has_all_its_derivatives(duplicate):
    """Its literals stay constants: the slope of x ** 2.0 by 2.0 is log(x), nan here."""
    x = Value(-3.0)
    x, root = duplicate((x, (x**2.0 + 1.0) * x))
    assert gradients(root, [x])[0].data == 28.0
    assert gradients(gradients(root * 2.0, [x])[0], [x])[0].data == -36.0
    assert [p.data for p in root.parents[0].parents][1] == 1.0
    root.backward()
    assert x.grad == 28.0
