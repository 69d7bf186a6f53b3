"""Past one process: a Dask cluster on this machine gives the bits of a serial run."""

import os
import signal
from pathlib import Path

import pytest

pytest.importorskip("dask.distributed")
pytest.importorskip("sklearn")

from dask.distributed import Client, LocalCluster
from joblib import parallel_backend
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

import nn
from nn.sklearn import NetClassifier

pytestmark = [pytest.mark.scale, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

X, SPECIES = load_iris(return_X_y=True)
GRID = {"lr": [0.01, 0.05], "hidden": [(8,), (16, 16)]}


@pytest.fixture(scope="module")
def cluster():
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def weights(model):
    return [p.data for p in model.parameters()]


def test_a_grid_on_a_cluster_has_the_scores_and_weights_of_a_serial_one(cluster):
    serial = GridSearchCV(NetClassifier(epochs=5), GRID, cv=3, n_jobs=1).fit(X, SPECIES)
    with parallel_backend("dask"):
        spread = GridSearchCV(NetClassifier(epochs=5), GRID, cv=3).fit(X, SPECIES)
    for fold in range(3):
        name = f"split{fold}_test_score"
        assert spread.cv_results_[name].tolist() == serial.cv_results_[name].tolist()
    assert spread.best_params_ == serial.best_params_
    assert weights(spread.best_estimator_.model_) == weights(serial.best_estimator_.model_)


def trained(path, rows, targets, killed=None):
    """The weights after 10 epochs, and how many ran here; the first worker dies in epoch 5."""
    epochs = []

    def die(run):
        epochs.append(len(run.history))
        if killed and len(run.history) == 5 and not Path(killed).exists():
            Path(killed).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    model = nn.MLP(4, [8, 3], seed=0)
    nn.fit(
        model,
        rows,
        targets,
        loss=nn.cross_entropy,
        optimizer=nn.Adam(model.parameters(), lr=0.01),
        epochs=10,
        batch_size=50,
        callbacks=[nn.Checkpoint(path, every=1, resume=True), die],
        progress=False,
    )
    return weights(model), epochs


def test_a_killed_worker_is_rerun_from_its_last_epoch_to_the_same_bits(cluster, tmp_path):
    rows, targets = X.tolist(), SPECIES.tolist()
    undisturbed, epochs = trained(tmp_path / "undisturbed.json", rows, targets)
    assert epochs == list(range(1, 11))
    killed = tmp_path / "killed"
    future = cluster.submit(
        trained, str(tmp_path / "run.json"), rows, targets, str(killed), retries=2
    )
    found, epochs = future.result(timeout=120)
    assert found == undisturbed
    assert epochs == [6, 7, 8, 9, 10]
    assert killed.exists()
