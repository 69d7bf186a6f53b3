"""Past one process: a Dask cluster on this machine gives the bits of a serial run."""

import pytest

pytest.importorskip("dask.distributed")
pytest.importorskip("sklearn")

from dask.distributed import Client, LocalCluster
from joblib import parallel_backend
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

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
