"""The estimators keep scikit-learn's contract, and their nets are nn's own."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

from interruption import Script
from joblib import parallel_backend
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier, BaggingRegressor, VotingClassifier, VotingRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn
import nn.sklearn
from autograd.errors import ArgumentError, DataTypeError, DomainError
from nn.sklearn import NetClassifier, NetRegressor

X, SPECIES = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[SPECIES]


# Older versions of scikit-learn, as for Python 3.10, give an iterator, which pytest warns of.
CHECKS = parametrize_with_checks([NetClassifier(epochs=30), NetRegressor(epochs=30)])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the checks give what scikit-learn warns of
@pytest.mark.parametrize(CHECKS.args[0], list(CHECKS.args[1]), **CHECKS.kwargs)
def test_the_checks_of_scikit_learn_pass(estimator, check):
    check(estimator)


def weights(estimator):
    return [p.data for p in estimator.model_.parameters()]


def test_labels_of_any_type_give_the_same_net():
    by_number = NetClassifier(epochs=3).fit(X, SPECIES)
    by_name = NetClassifier(epochs=3).fit(X, NAMES)
    assert weights(by_number) == weights(by_name)
    assert by_name.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert by_name.predict(X).tolist() == by_name.classes_[by_number.predict(X)].tolist()


@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_belong_to_the_logits(classes):
    net = NetClassifier(epochs=5).fit(X[: 50 * classes], NAMES[: 50 * classes])
    p, logits = net.predict_proba(X), net.decision_function(X)
    assert p.shape == (150, classes)
    assert p.sum(axis=1) == pytest.approx(np.ones(150))
    if classes == 2:
        assert p[:, 1] == pytest.approx(1 / (1 + np.exp(-logits)))
    else:
        odds = np.exp(logits)
        assert p == pytest.approx(odds / odds.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("y", [["a", "b", "b", "a"], ["a", "b", "c", "a"]])
def test_a_net_that_diverged_predicts_no_class(y):
    X = [[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 0.0]]
    with pytest.warns(nn.DivergenceWarning):
        net = NetClassifier(lr=1e200, epochs=3).fit(X, y)
    assert np.isnan(net.predict_proba(X)).all()
    for call in (lambda: net.predict(X), lambda: net.score(X, y)):
        with pytest.raises(DomainError, match=r"output 0 is .*nan.* stands for no class"):
            call()


def test_the_net_is_a_plain_module_with_its_history():
    net = NetRegressor(epochs=4, hidden=[3]).fit(X[:, :3], X[:, 3])
    assert repr(net.model_).startswith("<MLP(n_in=3, sizes=[3, 1], activation='relu'")
    assert len(net.history_["loss"]) == net.n_iter_ == 4
    [output] = net.model_(X[0, :3].tolist())
    assert net.predict(X[:1, :3]).tolist() == [output.data]
    assert "Neuron" in net.model_.draw().svg


def test_auto_takes_at_most_50_rows_a_step(monkeypatch):
    sizes = []
    monkeypatch.setattr(
        "nn.sklearn.fit", lambda *_, batch_size, **__: sizes.append(batch_size) or [1]
    )
    for rows in (30, 150):
        NetRegressor().fit(X[:rows, :3], X[:rows, 3])
    NetRegressor(batch_size=None).fit(X[:, :3], X[:, 3])
    assert sizes == [30, 50, None]


def test_a_word_that_is_not_auto_is_refused():
    with pytest.raises(ArgumentError, match="batch_size is 'all': the only word for it is 'auto'"):
        NetClassifier(batch_size="all").fit(X, SPECIES)


def test_the_seed_decides_and_generators_are_taken():
    first, same, numpy_s, other = [
        weights(NetClassifier(epochs=1, random_state=seed).fit(X, SPECIES))
        for seed in (3, 3, np.int64(3), 4)
    ]
    assert first == same == numpy_s != other
    drawn = [
        weights(NetClassifier(epochs=1, random_state=np.random.RandomState(3)).fit(X, SPECIES))
        for _ in range(2)
    ]
    assert drawn[0] == drawn[1]


def test_a_recorded_fit_gives_the_eager_weights():
    recorded = NetClassifier(epochs=2, jit=True).fit(X, SPECIES)
    eager = NetClassifier(epochs=2, jit=False).fit(X, SPECIES)
    assert weights(recorded) == pytest.approx(weights(eager), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "fail",
    [
        lambda: NetClassifier().predict(X),
        lambda: NetClassifier().predict_proba(X),
        lambda: NetClassifier().decision_function(X),
        lambda: NetClassifier().score(X, SPECIES),
        lambda: NetRegressor().predict(X),
        lambda: NetClassifier().fit([1, 2], [0, 1]),
        lambda: NetClassifier().fit(X, X[:, 0]),
        lambda: NetClassifier().fit(X, SPECIES[:3]),
        lambda: NetClassifier(random_state="a").fit(X, SPECIES),
        lambda: NetRegressor().fit(X, X),
    ],
)
def test_an_error_of_scikit_learn_s_shows_no_frame_of_the_estimator(fail):
    with pytest.raises(Exception, match=r"\w") as caught:
        fail()
    assert type(caught.value).__module__.partition(".")[0] in ("sklearn", "builtins")
    assert callable(caught.value._render_traceback_)


def test_callbacks_and_penalty_reach_the_training():
    losses = []
    net = NetClassifier(
        epochs=5,
        l2=1e-3,
        callbacks=[lambda run: losses.append(run.history["loss"][-1]) or len(losses) == 2],
    )
    net.fit(X, SPECIES)
    assert losses == net.history_["loss"]
    assert len(losses) == 2
    plain = NetClassifier(epochs=2).fit(X, SPECIES)
    assert weights(plain) != weights(net)


def test_grids_pipelines_and_ensembles_take_them():
    pipeline = make_pipeline(StandardScaler(), NetClassifier(hidden=[8], epochs=15))
    grid = GridSearchCV(pipeline, {"netclassifier__lr": [1e-5, 0.05]}, cv=3).fit(X, NAMES)
    assert grid.best_params_ == {"netclassifier__lr": 0.05}
    assert grid.best_score_ > 0.9
    bag = BaggingClassifier(NetClassifier(epochs=2), n_estimators=2, random_state=0).fit(X, NAMES)
    assert bag.estimators_[0].random_state != bag.estimators_[1].random_state
    seeds = [
        (str(i), clone(grid.best_estimator_).set_params(netclassifier__random_state=i))
        for i in (0, 1)
    ]
    vote = VotingClassifier(seeds, voting="soft").fit(X, NAMES)
    assert vote.score(X, NAMES) > 0.9


def test_a_data_frame_names_the_features():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    net = NetClassifier(epochs=3).fit(frame, pandas.Series(NAMES))
    assert net.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert weights(net) == weights(NetClassifier(epochs=3).fit(X, NAMES))
    assert net.predict(frame[:1]).tolist() == net.predict(frame)[:1].tolist()
    with pytest.raises(ValueError, match="feature names should match"):
        net.predict(frame.rename(columns={"a": "z"}))


def test_random_and_halving_searches_take_them():
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV, RandomizedSearchCV

    rates = {"lr": [1e-5, 0.01, 0.05]}
    drawn = RandomizedSearchCV(NetClassifier(epochs=8), rates, n_iter=2, cv=2, random_state=0)
    assert len(drawn.fit(X, NAMES).cv_results_["params"]) == 2
    halved = HalvingGridSearchCV(
        NetClassifier(), rates, resource="epochs", min_resources=2, max_resources=6, cv=2
    )
    assert halved.fit(X, NAMES).best_params_["lr"] == 0.05
    assert halved.best_estimator_.n_iter_ == halved.n_resources_[-1] == 6
    bag = BaggingRegressor(NetRegressor(epochs=10), n_estimators=2, random_state=0)
    vote = VotingRegressor([("bag", bag), ("net", NetRegressor(epochs=10))])
    assert vote.fit(X[:, :3], X[:, 3]).score(X[:, :3], X[:, 3]) > 0.5


def test_threads_give_the_serial_scores_and_weights():
    grid = {"random_state": [0, 1]}
    serial = GridSearchCV(NetClassifier(epochs=2, hidden=[4]), grid, cv=2, n_jobs=1).fit(X, SPECIES)
    search = GridSearchCV(NetClassifier(epochs=2, hidden=[4]), grid, cv=2, n_jobs=2)
    with parallel_backend("threading"):
        threads = search.fit(X, SPECIES)
    for name in ("mean_test_score", "std_test_score"):
        assert threads.cv_results_[name].tolist() == serial.cv_results_[name].tolist()
    assert weights(threads.best_estimator_) == weights(serial.best_estimator_)


def test_a_fitted_estimator_is_pickled():
    net = NetClassifier(epochs=1).fit(X, NAMES)
    copy = pickle.loads(pickle.dumps(net))
    assert copy.predict(X).tolist() == net.predict(X).tolist()


def test_without_scikit_learn_the_need_is_named():
    program = "import sys; sys.modules['sklearn'] = None; import nn.sklearn"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(nn.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (
        "nn.sklearn needs scikit-learn, which is not installed: pip install scikit-learn"
        in done.stderr
    )


@pytest.mark.parametrize("estimator", [NetClassifier, NetRegressor])
@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("hidden_layer_sizes", "here it is called hidden="),
        ("max_iter", "here it is called epochs="),
        ("learning_rate", "here it is called lr="),
        ("learning_rate_init", "here it is called lr="),
        ("alpha", "here it is called l2="),
        ("seed", "here it is called random_state="),
        ("solver", "it takes hidden, activation, lr, epochs, "),
    ],
)
def test_an_argument_of_scikit_learn_s_own_nets_is_answered(estimator, name, here):
    told = f"^{estimator.__name__} has no argument {name}=: {here}"
    with pytest.raises(DataTypeError, match=told):
        estimator(**{name: 1})


@pytest.mark.parametrize("estimator", [NetClassifier, NetRegressor])
@pytest.mark.parametrize("hidden", [5, None, "16", np.array(5), {16, 8}], ids=repr)
def test_hidden_is_a_list_of_sizes(estimator, hidden):
    with pytest.raises(DataTypeError, match=r"^hidden is a list .* as in hidden=\[16, 16\], not"):
        estimator(hidden=hidden).fit(X, SPECIES)


def test_nn_says_how_its_estimators_are_asked_for():
    asked = (
        "import nn\n"
        "try:\n"
        "    nn.sklearn\n"
        "except AttributeError as error:\n"
        "    print(error)\n"
        "from nn import sklearn\n"
        "print(nn.sklearn is sklearn)\n"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "nn has no 'sklearn': here it is a module that is asked for by name: import nn.sklearn",
        "True",
    ]


def test_names_of_scikit_learn_s_own_nets_are_answered():
    for name, here in (("MLPClassifier", "NetClassifier"), ("MLPRegressor", "NetRegressor")):
        with pytest.raises(ImportError, match=rf"here it is nn\.sklearn\.{here}"):
            exec(f"from nn.sklearn import {name}", {})


@pytest.mark.parametrize("kind", [NetClassifier, NetRegressor])
def test_a_fit_that_fails_or_is_interrupted_leaves_the_estimator_as_it_was(kind):
    rows, labels = [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]], [1, 0, 1]
    made = []

    def train():
        made.append(kind(hidden=[2], epochs=1, jit=False).fit(rows, labels))
        made.append(dict(vars(made[0])))
        made[0].fit([[*row, 2.0] for row in rows], [5, 7, 5])

    script = Script(train, (nn.sklearn.__file__,))
    after = made[0]
    assert (after.n_features_in_, after.predict([[0.0, 1.0, 2.0]]).shape) == (3, (1,))
    for place in script.places:
        made.clear()
        assert script.interrupt(place)
        if len(made) == 2:
            new = made[0].n_features_in_ == 3
            assert (made[0].model_.layers[0].n_in == 3) == new
            assert (vars(made[0]) == made[1]) == (not new)
    assert len(script.places) > 100

    def stop(run):
        raise RuntimeError("stopped")

    estimator = kind(hidden=[2], epochs=1, jit=False).fit(rows, labels)
    before = dict(vars(estimator.set_params(callbacks=[stop])))
    with pytest.raises(RuntimeError, match="stopped"):
        estimator.fit([[3.0]] * 2 + [[4.0]], [5, 5, 7])
    assert vars(estimator) == before
